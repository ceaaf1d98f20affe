/** DTLS: hellos and certificates out of datagrams. */
import { INSPECT_NONE, INSPECT_SOME } from '../../table/inspection.ts';
import { Pieces } from '../language/pieces.ts';
import { be16 } from '../language/reader.ts';
import { readDtls } from '../language/tls/dtls.ts';
import { MAX_MESSAGE_BYTES } from '../language/tls/handshake.ts';
import type { FlowInspection, Follower, Said } from './flow.ts';
import { Handshake, type HandshakeParts } from './handshake.ts';

/** Messages that come in more than one piece at once. */
const MAX_MESSAGES = 8;
const CHANGE_CIPHER = 20;
const ALERT = 21;

export class DtlsFollower implements Follower {
  readonly #handshake: Handshake;
  readonly #messages = new Map<number, Pieces>();

  constructor(parts: HandshakeParts) {
    this.#handshake = new Handshake(parts, 'd');
  }

  get kept(): number {
    return [...this.#messages.values()].reduce((sum, each) => sum + each.kept, 0);
  }

  follow(flow: FlowInspection, said: Said): number {
    const handshake = this.#handshake;
    for (const fragment of readDtls(said.bytes)) {
      const body = fragment.body.length === fragment.bytes ? fragment.body : this.#join(fragment, said.isAnswer);
      if (body !== null) handshake.take(flow, { type: fragment.type, body }, said.isAnswer);
    }
    const kind = said.bytes[0];
    const isSecret = kind === CHANGE_CIPHER || be16(said.bytes, 3) > 0;
    if (kind === ALERT && !isSecret && said.bytes.length >= 15) handshake.alert = said.bytes[14] ?? null;
    if (handshake.server !== null && isSecret) handshake.isEstablished = true;
    if (handshake.alert === null && !handshake.isEstablished) return INSPECT_SOME;
    handshake.tell(flow);
    return INSPECT_NONE;
  }

  end(flow: FlowInspection): void {
    this.#handshake.tell(flow);
  }

  #join(fragment: ReturnType<typeof readDtls>[number], isAnswer: boolean): Uint8Array | null {
    const key = fragment.message * 2 + (isAnswer ? 1 : 0);
    let pieces = this.#messages.get(key);
    if (pieces === undefined) {
      if (this.#messages.size >= MAX_MESSAGES) return null;
      pieces = new Pieces(MAX_MESSAGE_BYTES);
      this.#messages.set(key, pieces);
    }
    pieces.add(fragment.offset, fragment.body);
    const { start } = pieces;
    return start.length >= fragment.bytes ? start.subarray(0, fragment.bytes) : null;
  }
}
