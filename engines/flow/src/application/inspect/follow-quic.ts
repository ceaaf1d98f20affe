/** QUIC: the client's hello out of its first packets. */
import { INSPECT_NONE, INSPECT_SOME } from '../../table/inspection.ts';
import { Pieces } from '../language/pieces.ts';
import { type CryptoFrame, clientKeys, type InitialKeys, openInitial } from '../language/quic/initial.ts';
import { type InitialPacket, initialPackets } from '../language/quic/packet.ts';
import { split } from '../language/tls/handshake.ts';
import type { FlowInspection, Follower, Said } from './flow.ts';
import { Handshake, type HandshakeParts } from './handshake.ts';

const MAX_HELLO_BYTES = 16_384;
const LONG_HEADER = 0x80;
/** Decryption is dear: no client needs more packets for its hello. */
const MAX_OPENED = 8;

export class QuicFollower implements Follower {
  readonly #handshake: Handshake;
  readonly #hello = new Pieces(MAX_HELLO_BYTES);
  #opened = 0;
  /** Of the id that the client chose first: they stay when the server has chosen another. */
  #keys: InitialKeys | null = null;

  constructor(parts: HandshakeParts) {
    this.#handshake = new Handshake(parts, 'q');
  }

  get kept(): number {
    return this.#hello.kept;
  }

  follow(flow: FlowInspection, said: Said): number {
    const handshake = this.#handshake;
    if (handshake.client === null) {
      if (!said.isAnswer) this.#open(flow, said.bytes);
      return this.#opened >= MAX_OPENED ? INSPECT_NONE : INSPECT_SOME;
    }
    // Keys of the third stage are in use: the server has answered and the client is content.
    if (((said.bytes[0] ?? LONG_HEADER) & LONG_HEADER) !== 0) return INSPECT_SOME;
    handshake.isEstablished = true;
    handshake.tell(flow);
    return INSPECT_NONE;
  }

  end(flow: FlowInspection): void {
    this.#handshake.tell(flow);
  }

  #open(flow: FlowInspection, bytes: Uint8Array): void {
    for (const packet of initialPackets(bytes)) {
      if (this.#opened >= MAX_OPENED) return;
      this.#opened += 1;
      this.#keys ??= clientKeys(packet.version, packet.destinationId);
      let frames = this.#keys === null ? [] : openInitial(bytes, packet, this.#keys);
      if (frames.length === 0 && this.#opened > 1) frames = this.#openRenamed(bytes, packet);
      for (const frame of frames) this.#hello.add(frame.offset, frame.bytes);
    }
    for (const message of split(this.#hello.start)) this.#handshake.take(flow, message, false);
  }

  /** The server's Retry has given the connection another name, and other keys. */
  #openRenamed(bytes: Uint8Array, packet: InitialPacket): CryptoFrame[] {
    const keys = clientKeys(packet.version, packet.destinationId);
    return keys === null ? [] : openInitial(bytes, packet, keys);
  }
}
