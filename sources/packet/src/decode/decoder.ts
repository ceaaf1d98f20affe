/** Decodes blocks of captures and rings, and single frames, in a module of its own. */
import { CAPTURE_BIG_ENDIAN, CAPTURE_NANOSECONDS, FRAMED_ABSURD, FRAMED_BROKEN, FRAMED_FULL } from './framing.ts';
import * as layout from './layout.ts';
import { type PacketModule, packetModule } from './module.ts';
import { DECODE_CHECKSUMS } from './options.ts';
import { PacketView } from './view.ts';

/** No block is longer. */
export const MAX_DECODER_BLOCK_BYTES = 4 * 1024 * 1024;
const DEFAULT_BLOCK_BYTES = 1024 * 1024;
/** 256 KiB of structures: what a processor's second cache holds beside the frames. */
const DEFAULT_PACKETS = 1024;
/** Behind a block, so that wide loads stay in memory. */
const SLACK_BYTES = 64;

export interface DecoderOptions {
  /** Of the longest block; 1 MiB unless given. */
  readonly maxBlockBytes?: number;
  /** Packets decoded at a time; 1024 unless given. */
  readonly maxPackets?: number;
  /** Judge checksums. */
  readonly checksums?: boolean;
  /** STOP_AT_… bits: tunnels that are not entered. */
  readonly stopAt?: number;
}

/** A run of whole pcap records. */
export interface RecordBlock {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly nanoseconds: boolean;
  readonly linkType: number;
  readonly interface: number;
}

/** A copy of one block of a TPACKET_V3 ring. */
export interface RingBlock {
  readonly bytes: Uint8Array;
  readonly linkType: number;
  readonly interface: number;
}

export interface FrameHead {
  readonly linkType: number;
  readonly wireBytes?: number;
  readonly timeS?: number;
  readonly timeNs?: number;
  readonly meta?: number;
}

/**
 * `load` a block, then call `next` until it says 0, and look at each of its packets through `packet(index)`:
 *
 *     decoder.load(block);
 *     for (let count = decoder.next(); count > 0; count = decoder.next())
 *       for (let index = 0; index < count; index++) use(decoder.packet(index));
 */
export class PacketDecoder {
  readonly module: PacketModule;
  /** Blocks that were damaged, so that their rest was left out. */
  brokenBlocks = 0;
  readonly #view: PacketView;
  readonly #block: number;
  readonly #maxBlockBytes: number;
  readonly #packets: number;
  readonly #maxPackets: number;
  readonly #options: number;
  #loaded: { bytes: number; from: number; form: number; linkType: number; interface: number; ring: boolean } | null =
    null;

  constructor(options: DecoderOptions = {}, module: PacketModule = packetModule()) {
    this.module = module;
    this.#maxBlockBytes = Math.min(options.maxBlockBytes ?? DEFAULT_BLOCK_BYTES, MAX_DECODER_BLOCK_BYTES);
    this.#maxPackets = options.maxPackets ?? DEFAULT_PACKETS;
    this.#options = (options.checksums === true ? DECODE_CHECKSUMS : 0) | (options.stopAt ?? 0);
    this.#packets = allocate(module, this.#maxPackets * layout.PACKET_BYTES);
    this.#block = allocate(module, this.#maxBlockBytes + SLACK_BYTES);
    this.#view = new PacketView(module.memory);
  }

  /** Copies a run of capture records in. @throws RangeError where it is longer than `maxBlockBytes` */
  load(block: RecordBlock): void {
    this.#copy(block.bytes);
    const form = (block.nanoseconds ? CAPTURE_NANOSECONDS : 0) | (block.littleEndian ? 0 : CAPTURE_BIG_ENDIAN);
    this.#loaded = { ...block, bytes: block.bytes.length, from: 0, form, ring: false };
  }

  /** Copies a ring's block in. @throws RangeError where it is longer than `maxBlockBytes` */
  loadRing(block: RingBlock): void {
    this.#copy(block.bytes);
    this.#loaded = { ...block, bytes: block.bytes.length, from: 0, form: 0, ring: true };
  }

  /** Decodes the next packets of the block. @returns how many; 0 when all are done */
  next(): number {
    const { module } = this;
    const loaded = this.#loaded;
    if (loaded === null) return 0;
    const count = loaded.ring
      ? module.frameRing(
          this.#block,
          loaded.bytes,
          loaded.from,
          this.#packets,
          this.#maxPackets,
          loaded.linkType,
          loaded.interface,
        )
      : module.frameCapture(
          this.#block + loaded.from,
          loaded.bytes - loaded.from,
          this.#packets,
          this.#maxPackets,
          loaded.form,
          loaded.linkType,
          loaded.interface,
        );
    const outcome = module.framedOutcome();
    if (outcome === FRAMED_ABSURD || outcome === FRAMED_BROKEN) this.brokenBlocks++;
    if (outcome === FRAMED_FULL) loaded.from = loaded.ring ? module.framedNext() : loaded.from + module.framedNext();
    else this.#loaded = null;
    module.decodeAll(this.#packets, count, this.#options);
    return count;
  }

  /** The view, moved to a packet of the last `next`. */
  packet(index: number): PacketView {
    return this.#view.moveTo(this.packetAddress(index));
  }

  /** For what works on the structures themselves. */
  packetAddress(index: number): number {
    return this.#packets + index * layout.PACKET_BYTES;
  }

  /** Decodes one frame. @returns the view, good until the next call */
  decodeFrame(frame: Uint8Array, head: FrameHead): PacketView {
    this.#copy(frame);
    this.#loaded = null;
    const { module } = this;
    const view = new DataView(module.memory.buffer, this.#packets, layout.PACKET_BYTES);
    view.setUint32(layout.TIME_S, head.timeS ?? 0, true);
    view.setUint32(layout.TIME_NS, head.timeNs ?? 0, true);
    view.setUint32(layout.DATA, this.#block, true);
    view.setUint32(layout.CAPTURED_BYTES, frame.length, true);
    view.setUint32(layout.WIRE_BYTES, Math.max(head.wireBytes ?? 0, frame.length), true);
    view.setUint16(layout.LINK_TYPE, head.linkType, true);
    view.setUint16(layout.INTERFACE, 0, true);
    view.setUint32(layout.STRIPPED_TCI, 0, true);
    view.setUint32(layout.META, head.meta ?? 0, true);
    module.decode(this.#packets, this.#options);
    return this.packet(0);
  }

  #copy(bytes: Uint8Array): void {
    if (bytes.length > this.#maxBlockBytes) {
      throw new RangeError(`A block of ${bytes.length} bytes is longer than ${this.#maxBlockBytes}`);
    }
    new Uint8Array(this.module.memory.buffer).set(bytes, this.#block);
  }
}

function allocate(module: PacketModule, bytes: number): number {
  const address = module.allocate(bytes) >>> 0;
  if (address === 0) throw new RangeError(`There is no memory for ${bytes} bytes of packets`);
  return address;
}
