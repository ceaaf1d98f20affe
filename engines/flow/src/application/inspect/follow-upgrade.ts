/** Protocols that begin in clear and go on in TLS: mail after STARTTLS, databases, remote desktops. */
import { INSPECT_SOME } from '../../table/inspection.ts';
import { isTlsRecord } from '../language/tls/handshake.ts';
import type { FlowInspection, Follower, Said } from './flow.ts';
import { TlsFollower } from './follow-tls.ts';
import type { HandshakeParts } from './handshake.ts';

export const UPGRADED: ReadonlySet<string> = new Set([
  'smtp',
  'imap',
  'pop3',
  'ftp',
  'nntp',
  'xmpp',
  'rdp',
  'ldap',
  'mysql',
  'postgresql',
]);

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const HELLO_AT = 5;

export class UpgradeFollower implements Follower {
  readonly #parts: HandshakeParts;
  #tls: TlsFollower | null = null;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
  }

  follow(flow: FlowInspection, said: Said): number {
    if (this.#tls === null && !said.isAnswer && isHello(said.bytes)) {
      const out = flow.source.start.length - said.bytes.length;
      if (out > 0) this.#tls = new TlsFollower(this.#parts, out, flow.destination.start.length);
    }
    return this.#tls?.follow(flow, said) ?? INSPECT_SOME;
  }

  end(flow: FlowInspection): void {
    this.#tls?.end(flow);
  }
}

function isHello(bytes: Uint8Array): boolean {
  return bytes[0] === HANDSHAKE && bytes[HELLO_AT] === CLIENT_HELLO && isTlsRecord(bytes);
}
