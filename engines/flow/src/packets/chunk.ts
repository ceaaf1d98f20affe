/** Packets of a moment, gathered into one piece of a capture file with what is needed to find it again. */
import { type PacketView, pcapFormat } from '@undercroft/packet';
import { addAddress, FILTER_BYTES } from './addresses.ts';

export interface PacketChunk {
  /** Records of a capture file, without its head: nanoseconds, little endian. */
  readonly bytes: Uint8Array;
  readonly linkType: number;
  readonly packets: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly addresses: Uint8Array;
}

const CHUNK_BYTES = 1024 * 1024;
const MAX_FRAME_BYTES = 262_144;
const TAG_BYTES = 4;
const MACS_BYTES = 12;
const ETHERNET = 1;

/** One builder a link type. */
export class ChunkBuilder {
  readonly #linkType: number;
  readonly #bytesPerPacket: number;
  readonly #full: (chunk: PacketChunk) => void;
  readonly #frame = new Uint8Array(MAX_FRAME_BYTES + TAG_BYTES);
  #bytes = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #addresses = new Uint8Array(FILTER_BYTES);
  #at = 0;
  #packets = 0;
  #firstUs = 0;
  #lastUs = 0;

  /** @param full takes the chunk's memory over */
  constructor(linkType: number, bytesPerPacket: number, full: (chunk: PacketChunk) => void) {
    this.#linkType = linkType;
    this.#bytesPerPacket = bytesPerPacket;
    this.#full = full;
  }

  add(packet: PacketView): void {
    const frame = this.#restored(packet);
    const bytes = frame.length > this.#bytesPerPacket ? frame.subarray(0, this.#bytesPerPacket) : frame;
    const wireBytes = packet.wireBytes + (frame.length - packet.frame.length);
    const record = { timeS: packet.timeS, timeNs: packet.timeNs, bytes, wireBytes };
    if (this.#at + pcapFormat.recordBytes(record) > CHUNK_BYTES) this.flush();
    pcapFormat.put(this.#bytes, this.#view, this.#at, record);
    this.#at += pcapFormat.recordBytes(record);
    const timeUs = packet.timeS * 1e6 + Math.floor(packet.timeNs / 1000);
    this.#firstUs = this.#packets === 0 ? timeUs : Math.min(this.#firstUs, timeUs);
    this.#lastUs = this.#packets === 0 ? timeUs : Math.max(this.#lastUs, timeUs);
    this.#packets += 1;
    if (packet.ipVersion === 0) return;
    addAddress(this.#addresses, packet.source);
    addAddress(this.#addresses, packet.destination);
  }

  /** Hands over what there is. */
  flush(): void {
    if (this.#packets === 0) return;
    const chunk: PacketChunk = {
      bytes: this.#bytes.slice(0, this.#at),
      linkType: this.#linkType,
      packets: this.#packets,
      firstUs: this.#firstUs,
      lastUs: this.#lastUs,
      addresses: this.#addresses,
    };
    this.#addresses = new Uint8Array(FILTER_BYTES);
    this.#at = 0;
    this.#packets = 0;
    this.#full(chunk);
  }

  /** The frame with the tag that the kernel took off. */
  #restored(packet: PacketView): Uint8Array {
    const { frame } = packet;
    if (packet.strippedTpid === 0 || packet.linkType !== ETHERNET || frame.length < MACS_BYTES) return frame;
    const tag = this.#frame;
    tag.set(frame.subarray(0, MACS_BYTES));
    tag[MACS_BYTES] = packet.strippedTpid >>> 8;
    tag[MACS_BYTES + 1] = packet.strippedTpid & 255;
    tag[MACS_BYTES + 2] = packet.strippedTci >>> 8;
    tag[MACS_BYTES + 3] = packet.strippedTci & 255;
    tag.set(frame.subarray(MACS_BYTES), MACS_BYTES + TAG_BYTES);
    return tag.subarray(0, frame.length + TAG_BYTES);
  }
}
