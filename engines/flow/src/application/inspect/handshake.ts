/** A handshake of TLS as its two hellos and its certificates are found, whatever carries it. */
import type { CertificateFacts } from '../language/tls/certificate.ts';
import { certificatesOf, fingerprintOf, nameMatches } from '../language/tls/certificate.ts';
import { CERTIFICATE, CLIENT_HELLO, type HandshakeMessage, SERVER_HELLO } from '../language/tls/handshake.ts';
import { type ClientHello, readClientHello, readServerHello, type ServerHello } from '../language/tls/hello.ts';
import type { Ja4Carrier } from '../language/tls/ja4.ts';
import { alertName, cipherName, groupName, versionName } from '../language/tls/names.ts';
import type { Fingerprints } from './fingerprints.ts';
import type { FlowInspection } from './flow.ts';
import type { FollowerParts, InspectedHandshake } from './sink.ts';

const PRE_SHARED_KEY = 41;
const TLS_13 = 0x0304;
const DTLS_13 = 0xfefc;

export interface HandshakeParts extends FollowerParts {
  readonly fingerprints: Fingerprints;
}

export class Handshake {
  readonly #parts: HandshakeParts;
  readonly #carrier: Ja4Carrier;
  client: ClientHello | null = null;
  server: ServerHello | null = null;
  #certificate: CertificateFacts | null = null;
  #fingerprints: readonly string[] = [];
  #clientFingerprints: readonly string[] = [];
  alert: number | null = null;
  isEstablished = false;
  #isTold = false;

  constructor(parts: HandshakeParts, carrier: Ja4Carrier) {
    this.#parts = parts;
    this.#carrier = carrier;
  }

  /** Certificates are encrypted, and so is whatever comes after the server's hello. */
  get isSecretive(): boolean {
    return this.server !== null && (this.server.version === TLS_13 || this.server.version === DTLS_13);
  }

  get hasCertificate(): boolean {
    return this.#certificate !== null;
  }

  take(flow: FlowInspection, message: HandshakeMessage, isAnswer: boolean): void {
    if (message.type === CLIENT_HELLO && this.client === null) this.#takeClient(flow, message.body);
    else if (message.type === SERVER_HELLO) this.#takeServer(flow, message.body);
    else if (message.type === CERTIFICATE) this.#takeCertificates(message.body, isAnswer);
  }

  /** Once; nothing without a hello. */
  tell({ flow, firstTimeS, facts }: FlowInspection): void {
    const { client, server } = this;
    if (this.#isTold || (client === null && server === null)) return;
    this.#isTold = true;
    const certificate = this.#certificate;
    const serverName = client?.serverName ?? null;
    const handshake: InspectedHandshake = {
      timeS: firstTimeS,
      uid: this.#parts.uid(flow),
      sourceAddress: flow.sourceAddress,
      sourcePort: flow.sourcePort,
      destinationAddress: flow.destinationAddress,
      destinationPort: flow.destinationPort,
      carrier: this.#carrier === 't' ? 'tcp' : this.#carrier === 'q' ? 'quic' : 'dtls',
      resumed: this.#isResumed(),
      established: this.isEstablished,
      ...(server === null
        ? {}
        : { version: versionName(server.version), cipher: cipherName(server.cipher), ...defined('ja3s', facts.ja3s) }),
      ...(server === null || server.group === null ? {} : { curve: groupName(server.group) }),
      ...(serverName === null ? {} : { serverName }),
      ...(this.alert === null ? {} : { lastAlert: alertName(this.alert) }),
      ...(server?.protocol == null ? {} : { nextProtocol: server.protocol }),
      ...defined('ja3', facts.ja3),
      ...defined('ja4', facts.ja4),
      ...(this.#fingerprints.length === 0 ? {} : { certificates: this.#fingerprints }),
      ...(this.#clientFingerprints.length === 0 ? {} : { clientCertificates: this.#clientFingerprints }),
      ...(certificate === null ? {} : { subject: certificate.subject, issuer: certificate.issuer, certificate }),
      ...(certificate === null || serverName === null ? {} : { nameMatches: nameMatches(certificate, serverName) }),
    };
    this.#parts.sink.tls(handshake, flow);
  }

  #takeClient({ facts }: FlowInspection, body: Uint8Array): void {
    const hello = readClientHello(body, this.#carrier === 'd');
    if (hello === null) return;
    this.client = hello;
    facts.serverName = hello.serverName;
    facts.alpn = hello.protocols[0] ?? null;
    facts.ja3 = this.#parts.fingerprints.ja3(hello);
    facts.ja4 = this.#parts.fingerprints.ja4(hello, this.#carrier);
  }

  #takeServer({ facts }: FlowInspection, body: Uint8Array): void {
    const hello = readServerHello(body);
    // After a retry comes the one that counts.
    if (hello === null || (this.server !== null && !this.server.isRetry)) return;
    this.server = hello;
    facts.tlsVersion = versionName(hello.version);
    facts.ja3s = this.#parts.fingerprints.ja3s(hello);
    if (hello.protocol !== null) facts.alpn = hello.protocol;
  }

  #takeCertificates(body: Uint8Array, isAnswer: boolean): void {
    if (this.isSecretive) return;
    const found = certificatesOf(body);
    if (found.length === 0) return;
    if (!isAnswer) this.#clientFingerprints = found.map(fingerprintOf);
    else if (this.#certificate === null) {
      this.#certificate = this.#parts.fingerprints.certificate(found[0]!);
      this.#fingerprints = found.map(fingerprintOf);
    }
  }

  #isResumed(): boolean {
    const { client, server } = this;
    if (client === null || server === null) return false;
    if (this.isSecretive) return server.extensions.includes(PRE_SHARED_KEY);
    const isSame = server.sessionId.length > 0 && Buffer.compare(server.sessionId, client.sessionId) === 0;
    return isSame && !this.hasCertificate;
  }
}

function defined<Name extends string>(name: Name, value: string | null): { [Each in Name]?: string } {
  return value === null ? {} : ({ [name]: value } as { [Each in Name]?: string });
}
