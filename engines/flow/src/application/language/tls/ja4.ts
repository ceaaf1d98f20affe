/** JA4: a fingerprint of a ClientHello that stands still when a client shuffles its extensions. */
import { hash } from 'node:crypto';
import { type ClientHello, isGrease } from './hello.ts';

const SERVER_NAME = 0;
const ALPN = 16;
const HASH_CHARACTERS = 12;
const NO_HASH = '0'.repeat(HASH_CHARACTERS);
const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
  [0x0002, 's2'],
  [0xfeff, 'd1'],
  [0xfefd, 'd2'],
  [0xfefc, 'd3'],
]);

/** What carries the hello: TCP, QUIC, DTLS. */
export type Ja4Carrier = 't' | 'q' | 'd';

/** The three parts in clear, before ciphers and extensions are hashed. */
export interface Ja4Parts {
  readonly head: string;
  readonly ciphers: string;
  readonly extensions: string;
}

/** @see JA4 technical details, published with the method (FoxIO, "JA4: TLS client fingerprinting") */
export function ja4Parts(hello: ClientHello, carrier: Ja4Carrier): Ja4Parts {
  const ciphers = hello.ciphers.filter((each) => !isGrease(each));
  const extensions = hello.extensions.filter((each) => !isGrease(each));
  const head =
    carrier +
    versionText(hello) +
    (hello.hasServerName ? 'd' : 'i') +
    twoDigits(ciphers.length) +
    twoDigits(extensions.length) +
    protocolText(hello.protocols[0]);
  const hashed = extensions.filter((each) => each !== SERVER_NAME && each !== ALPN);
  const signatures = hello.signatureAlgorithms.filter((each) => !isGrease(each));
  return {
    head,
    ciphers: sorted(ciphers),
    extensions: sorted(hashed) + (signatures.length > 0 ? `_${signatures.map(fourDigits).join(',')}` : ''),
  };
}

export function ja4Text({ head, ciphers, extensions }: Ja4Parts): string {
  return `${head}_${shortHash(ciphers)}_${shortHash(extensions)}`;
}

function versionText(hello: ClientHello): string {
  let highest = 0;
  // Versions of DTLS count downwards.
  for (const each of hello.versions) {
    if (isGrease(each)) continue;
    highest = highest === 0 ? each : hello.isDtls ? Math.min(highest, each) : Math.max(highest, each);
  }
  return VERSIONS.get(highest === 0 ? hello.legacyVersion : highest) ?? '00';
}

/** First and last character of the first protocol; of its bytes in hexadecimal where one of the two is no letter or digit. */
function protocolText(protocol: string | undefined): string {
  if (protocol === undefined || protocol === '') return '00';
  const first = protocol.charCodeAt(0);
  const last = protocol.charCodeAt(protocol.length - 1);
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last);
  return first.toString(16).padStart(2, '0').charAt(0) + last.toString(16).padStart(2, '0').charAt(1);
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function sorted(values: readonly number[]): string {
  return values.map(fourDigits).sort().join(',');
}

function fourDigits(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, '0');
}

function shortHash(text: string): string {
  return text === '' ? NO_HASH : hash('sha256', text, 'hex').slice(0, HASH_CHARACTERS);
}
