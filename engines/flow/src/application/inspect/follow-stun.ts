/** STUN opens the way; what goes through it afterwards may be DTLS. */
import { INSPECT_SOME } from '../../table/inspection.ts';
import { isDtlsRecord } from '../language/tls/dtls.ts';
import type { FlowInspection, Follower, Said } from './flow.ts';
import { DtlsFollower } from './follow-dtls.ts';
import type { HandshakeParts } from './handshake.ts';

export class StunFollower implements Follower {
  readonly #parts: HandshakeParts;
  #dtls: DtlsFollower | null = null;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
  }

  get kept(): number {
    return this.#dtls?.kept ?? 0;
  }

  follow(flow: FlowInspection, said: Said): number {
    if (this.#dtls === null && isDtlsRecord(said.bytes)) {
      this.#dtls = new DtlsFollower(this.#parts);
      flow.facts.application = 'dtls';
    }
    return this.#dtls?.follow(flow, said) ?? INSPECT_SOME;
  }

  end(flow: FlowInspection): void {
    this.#dtls?.end(flow);
  }
}
