/** Sends frames as they are, for tests and benches: one system call for many. */
import type { NetworkInterface } from './interfaces.ts';
import {
  bindSocket,
  closeSocket,
  IOVEC_BYTES,
  type Mapping,
  MMSGHDR_BYTES,
  map,
  openPacketSocket,
  PACKET_QDISC_BYPASS,
  SOCK_RAW,
  SOL_PACKET,
  sendMessages,
  trySetOption,
  unmap,
  words,
} from './syscalls.ts';

/** What the kernel takes at once (UIO_MAXIOV). */
export const MAX_FRAMES = 1024;
/** Behind struct msghdr's name and its length: iov and how many there are. */
const MESSAGE_IOV = 16;
const MESSAGE_IOV_COUNT = 24;

export class FrameSender {
  readonly #descriptor: number;
  readonly #mapping: Mapping;
  readonly #count: number;

  /**
   * @param frames at most {@link MAX_FRAMES}; they stay the same
   * @param options seenBySender: captures of the interface see them too, as outgoing; that is slower
   * @throws CaptureError
   */
  constructor(of: NetworkInterface, frames: readonly Uint8Array[], options: { seenBySender?: boolean } = {}) {
    this.#count = Math.min(frames.length, MAX_FRAMES);
    this.#descriptor = openPacketSocket(SOCK_RAW);
    try {
      bindSocket(this.#descriptor, of.index, 0, `send on ${of.name}`);
      if (!options.seenBySender) trySetOption(this.#descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, words(1));
      this.#mapping = lay(frames.slice(0, MAX_FRAMES));
    } catch (error) {
      closeSocket(this.#descriptor);
      throw error;
    }
  }

  /** @returns how many of the frames went out; the kernel stops at the first it cannot take */
  send(count: number = this.#count): number {
    return Math.max(0, sendMessages(this.#descriptor, this.#mapping.address, Math.min(count, this.#count)));
  }

  close(): void {
    unmap(this.#mapping);
    closeSocket(this.#descriptor);
  }
}

/** Messages, their vectors, then the frames, in memory that does not move. */
function lay(frames: readonly Uint8Array[]): Mapping {
  const vectors = frames.length * MMSGHDR_BYTES;
  let at = vectors + frames.length * IOVEC_BYTES;
  const mapping = map(null, at + frames.reduce((sum, { length }) => sum + length, 0), 'lay out frames');
  const view = new DataView(mapping.memory);
  for (const [index, frame] of frames.entries()) {
    const vector = vectors + index * IOVEC_BYTES;
    view.setBigUint64(index * MMSGHDR_BYTES + MESSAGE_IOV, mapping.address + BigInt(vector), true);
    view.setBigUint64(index * MMSGHDR_BYTES + MESSAGE_IOV_COUNT, 1n, true);
    view.setBigUint64(vector, mapping.address + BigInt(at), true);
    view.setBigUint64(vector + 8, BigInt(frame.length), true);
    new Uint8Array(mapping.memory).set(frame, at);
    at += frame.length;
  }
  return mapping;
}
