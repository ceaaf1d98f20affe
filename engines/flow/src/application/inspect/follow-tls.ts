/** TLS over TCP, from the hello until both sides speak in secret. */
import { INSPECT_NONE, INSPECT_SOME } from '../../table/inspection.ts';
import { readHandshake } from '../language/tls/handshake.ts';
import type { FlowInspection, Follower, Said } from './flow.ts';
import { Handshake, type HandshakeParts } from './handshake.ts';

export class TlsFollower implements Follower {
  readonly #handshake: Handshake;
  #messagesOut = 0;
  #messagesIn = 0;
  #isClientSecret = false;
  #isServerSecret = false;

  readonly #fromOut: number;
  readonly #fromIn: number;

  /** @param fromOut where TLS begins in what the source says @param fromIn and in what the destination says */
  constructor(parts: HandshakeParts, fromOut = 0, fromIn = 0) {
    this.#fromOut = fromOut;
    this.#fromIn = fromIn;
    this.#handshake = new Handshake(parts, 't');
  }

  follow(flow: FlowInspection, said: Said): number {
    const handshake = this.#handshake;
    const isSecret = said.isAnswer ? this.#isServerSecret : this.#isClientSecret;
    if (!isSecret) this.#read(flow, said.isAnswer);
    const isBegun = handshake.server !== null && !handshake.server.isRetry;
    if (isBegun && this.#isClientSecret && (this.#isServerSecret || handshake.isSecretive))
      handshake.isEstablished = true;
    // Picked up in its midst: there will be no hello.
    const isLate =
      handshake.client === null && handshake.server === null && (this.#isClientSecret || this.#isServerSecret);
    if (!handshake.isEstablished && handshake.alert === null && !isLate) return INSPECT_SOME;
    handshake.tell(flow);
    return INSPECT_NONE;
  }

  end(flow: FlowInspection): void {
    this.#handshake.tell(flow);
  }

  #read(flow: FlowInspection, isAnswer: boolean): void {
    const run = readHandshake(flow.side(isAnswer).start.subarray(isAnswer ? this.#fromIn : this.#fromOut));
    const seen = isAnswer ? this.#messagesIn : this.#messagesOut;
    for (let index = seen; index < run.messages.length; index++)
      this.#handshake.take(flow, run.messages[index]!, isAnswer);
    if (isAnswer) this.#messagesIn = run.messages.length;
    else this.#messagesOut = run.messages.length;
    if (run.alert !== null) this.#handshake.alert = run.alert;
    if (!run.isEncrypted && !run.isBroken) return;
    if (isAnswer) this.#isServerSecret = true;
    else this.#isClientSecret = true;
  }
}
