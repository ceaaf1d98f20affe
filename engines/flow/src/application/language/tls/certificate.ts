/** Certificates of a handshake in clear (TLS up to 1.2). */
import { hash, X509Certificate } from 'node:crypto';
import { Reader } from '../reader.ts';

const MAX_CERTIFICATES = 10;
const MAX_SUBJECT_NAMES = 100;

export interface CertificateFacts {
  /** In hexadecimal. */
  readonly sha256: string;
  /** `CN=…,O=…`, the most specific first; empty where the certificate cannot be read. */
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  /** Microseconds since 1970; null where they cannot be read. */
  readonly notBeforeUs: number | null;
  readonly notAfterUs: number | null;
  readonly dnsNames: readonly string[];
  readonly keyType: string;
  readonly keyBits: number | null;
  /** Signed with its own key. */
  readonly isSelfSigned: boolean;
}

/** @param body of the Certificate message @returns DER, the sender's own certificate first */
export function certificatesOf(body: Uint8Array): Uint8Array[] {
  const reader = new Reader(body);
  const list = reader.part(reader.u24());
  const found: Uint8Array[] = [];
  while (list.left >= 3 && found.length < MAX_CERTIFICATES) {
    const der = list.take(list.u24());
    if (!list.ok || der.length === 0) break;
    found.push(der);
  }
  return found;
}

export function fingerprintOf(der: Uint8Array): string {
  return hash('sha256', der, 'hex');
}

/** Costs about 50 microseconds: for certificates that were not seen before. Never throws. */
export function readCertificate(der: Uint8Array): CertificateFacts {
  const sha256 = fingerprintOf(der);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return unread(sha256);
  }
  const key = readKey(certificate);
  const issuer = oneLine(certificate.issuer);
  const subject = oneLine(certificate.subject);
  return {
    sha256,
    subject,
    issuer,
    serial: certificate.serialNumber,
    notBeforeUs: timeUs(certificate.validFrom),
    notAfterUs: timeUs(certificate.validTo),
    dnsNames: namesOf(certificate.subjectAltName),
    keyType: key.type,
    keyBits: key.bits,
    isSelfSigned: subject === issuer && certificate.checkIssued(certificate),
  };
}

/** Does one of a certificate's names hold for a host? A star stands for one whole label. */
export function nameMatches(facts: CertificateFacts, host: string): boolean {
  const asked = host.toLowerCase();
  const common = /(?:^|,)CN=([^,]+)/.exec(facts.subject)?.[1];
  const names = facts.dnsNames.length > 0 ? facts.dnsNames : common === undefined ? [] : [common];
  return names.some((each) => {
    const name = each.toLowerCase();
    if (name === asked) return true;
    return name.startsWith('*.') && asked.includes('.') && name.slice(1) === asked.slice(asked.indexOf('.'));
  });
}

function readKey(certificate: X509Certificate): { type: string; bits: number | null } {
  try {
    const { asymmetricKeyType: type = '', asymmetricKeyDetails: details = {} } = certificate.publicKey;
    return {
      type: details.namedCurve === undefined ? type : `${type} ${details.namedCurve}`,
      bits: details.modulusLength ?? null,
    };
  } catch {
    return { type: '', bits: null };
  }
}

function oneLine(name: string): string {
  return (name ?? '').split('\n').reverse().join(',');
}

function timeUs(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms * 1000;
}

function namesOf(text: string | undefined): string[] {
  const names: string[] = [];
  for (const part of (text ?? '').split(', ')) {
    if (names.length === MAX_SUBJECT_NAMES) break;
    if (part.startsWith('DNS:')) names.push(part.slice(4));
    else if (part.startsWith('IP Address:')) names.push(part.slice(11));
  }
  return names;
}

function unread(sha256: string): CertificateFacts {
  return {
    sha256,
    subject: '',
    issuer: '',
    serial: '',
    notBeforeUs: null,
    notAfterUs: null,
    dnsNames: [],
    keyType: '',
    keyBits: null,
    isSelfSigned: false,
  };
}
