/**
 * One TPACKET_V3 ring: the kernel writes packets into blocks of memory that we share and hands each block over when it
 * is full or some time has passed. Blocks are handed back at once: who wants the bytes copies them.
 *
 * @see Documentation/networking/packet_mmap.rst of Linux
 */
import type { BpfInstruction } from '../filter/program.ts';
import { CaptureError } from './errors.ts';
import { type Fanout, joinFanout } from './fanout.ts';
import type { NetworkInterface } from './interfaces.ts';
import { acceptBytes, attachFilter, REJECT_ALL } from './program.ts';
import {
  bindSocket,
  closeSocket,
  ETH_P_ALL,
  getOption,
  type Mapping,
  map,
  openPacketSocket,
  PACKET_ADD_MEMBERSHIP,
  PACKET_IGNORE_OUTGOING,
  PACKET_MR_PROMISC,
  PACKET_RX_RING,
  PACKET_STATISTICS,
  PACKET_VERSION,
  SO_ERROR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_PACKET,
  SOL_SOCKET,
  setOption,
  TPACKET_V3,
  trySetOption,
  unmap,
  words,
} from './syscalls.ts';

export interface RingOptions {
  /** A power of two of at least 64 KiB; what a reader copies at once. */
  readonly blockBytes?: number;
  readonly blocks?: number;
  /** A block that is not full is handed over after this time. */
  readonly retireMs?: number;
  /** Packets for others too: what a mirror port sends. */
  readonly promiscuous?: boolean;
  /** Leaves out what this machine sends; loopback shows every packet twice otherwise. */
  readonly ignoreOutgoing?: boolean;
  /** Instructions for the link type of the interface; without, every packet passes. */
  readonly filter?: readonly BpfInstruction[];
  /** Bytes kept of each packet; with a filter, that says it. */
  readonly snapBytes?: number;
  readonly fanout?: Fanout;
}

export interface RingBlock {
  /** The block with its descriptor, as `frameRing` takes it; the memory of the ring: valid during the call only. */
  readonly bytes: Uint8Array;
  readonly packets: number;
  readonly linkType: number;
  /** The number the caller gave to the interface. */
  readonly interface: number;
}

export interface RingStatistics {
  /** Packets that the kernel has put into the ring. */
  readonly packets: number;
  /** Packets that found no place in it. */
  readonly drops: number;
  /** How often it was full. */
  readonly freezes: number;
}

export const DEFAULT_BLOCK_BYTES = 1_048_576;
export const DEFAULT_BLOCKS = 64;
const DEFAULT_RETIRE_MS = 20;
const MIN_BLOCK_BYTES = 65_536;
const MAX_RING_BYTES = 2 ** 31;
/** Room for the largest frame that fits nowhere else; the kernel wants it, V3 does not keep to it. */
const FRAME_BYTES = 2048;
const MAX_SNAP_BYTES = 262_144;

const STATUS = 8;
const PACKETS = 12;
const BLOCK_LENGTH = 20;
const STATUS_KERNEL = 0;
const STATUS_USER = 1;

export class Ring {
  readonly descriptor: number;
  readonly interface: NetworkInterface;
  readonly #number: number;
  readonly #blockBytes: number;
  readonly #mapping: Mapping;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  #next = 0;
  #statistics = { packets: 0, drops: 0, freezes: 0 };

  private constructor(descriptor: number, mapping: Mapping, blockBytes: number, of: NetworkInterface, number: number) {
    this.descriptor = descriptor;
    this.interface = of;
    this.#number = number;
    this.#blockBytes = blockBytes;
    this.#mapping = mapping;
    this.#words = new Int32Array(mapping.memory);
    this.#bytes = new Uint8Array(mapping.memory);
  }

  /**
   * @param number goes into the blocks
   * @throws CaptureError
   */
  static open(of: NetworkInterface, number: number, options: RingOptions = {}): Ring {
    const { blockBytes = DEFAULT_BLOCK_BYTES, blocks = DEFAULT_BLOCKS } = options;
    checkSizes(blockBytes, blocks);
    const descriptor = openPacketSocket(of.withoutLink ? SOCK_DGRAM : SOCK_RAW);
    let mapping: Mapping | null = null;
    try {
      setOption(descriptor, SOL_PACKET, PACKET_VERSION, words(TPACKET_V3), 'use ring buffers of version 3');
      const frames = (blockBytes / FRAME_BYTES) * blocks;
      const request = words(blockBytes, blocks, FRAME_BYTES, frames, options.retireMs ?? DEFAULT_RETIRE_MS, 0, 0);
      setOption(descriptor, SOL_PACKET, PACKET_RX_RING, request, 'make a ring');
      mapping = map(descriptor, blockBytes * blocks, 'map a ring');
      start(descriptor, of, options);
      return new Ring(descriptor, mapping, blockBytes, of, number);
    } catch (error) {
      if (mapping !== null) unmap(mapping);
      closeSocket(descriptor);
      throw error;
    }
  }

  /**
   * Hands over blocks that are ready, oldest first, and returns each to the kernel when `onBlock` returns.
   *
   * @returns how many there were, at most `maxBlocks`
   */
  read(onBlock: (block: RingBlock) => void, maxBlocks: number): number {
    let count = 0;
    while (count < maxBlocks) {
      const from = this.#next * this.#blockBytes;
      const word = from >> 2;
      if ((Atomics.load(this.#words, word + (STATUS >> 2)) & STATUS_USER) === 0) break;
      const packets = this.#words[word + (PACKETS >> 2)] as number;
      const length = Math.min(this.#words[word + (BLOCK_LENGTH >> 2)] as number, this.#blockBytes);
      try {
        const bytes = this.#bytes.subarray(from, from + length);
        onBlock({ bytes, packets, linkType: this.interface.linkType, interface: this.#number });
      } finally {
        Atomics.store(this.#words, word + (STATUS >> 2), STATUS_KERNEL);
        this.#next = from + this.#blockBytes < this.#bytes.length ? this.#next + 1 : 0;
      }
      count++;
    }
    return count;
  }

  /** Replaces the filter; what the old one let pass before is still handed over. */
  setFilter(filter: readonly BpfInstruction[]): void {
    attachFilter(this.descriptor, filter);
  }

  /** Since the ring was opened: the kernel forgets its counts when it is asked. */
  statistics(): RingStatistics {
    const counts = new Uint32Array(new ArrayBuffer(12));
    if (getOption(this.descriptor, SOL_PACKET, PACKET_STATISTICS, new Uint8Array(counts.buffer))) {
      const [seen = 0, drops = 0, freezes = 0] = counts;
      const { packets: before, drops: dropsBefore, freezes: freezesBefore } = this.#statistics;
      this.#statistics = {
        packets: before + seen - drops,
        drops: dropsBefore + drops,
        freezes: freezesBefore + freezes,
      };
    }
    return this.#statistics;
  }

  /** @returns the error that waited at the socket, such as that of an interface gone down; 0 for none */
  takeError(): number {
    const error = words(0);
    return getOption(this.descriptor, SOL_SOCKET, SO_ERROR, error) ? new DataView(error.buffer).getInt32(0, true) : 0;
  }

  close(): void {
    unmap(this.#mapping);
    closeSocket(this.descriptor);
  }
}

function checkSizes(blockBytes: number, blocks: number): void {
  const powerOfTwo = Number.isInteger(Math.log2(blockBytes));
  if (powerOfTwo && blockBytes >= MIN_BLOCK_BYTES && blocks >= 2 && blockBytes * blocks <= MAX_RING_BYTES) return;
  throw new CaptureError('capture.memory', `A ring of ${blocks} blocks of ${blockBytes} bytes cannot be.`, {
    fix: 'Blocks are a power of two from 65536 bytes, at least two, and at most 2 GiB together.',
  });
}

/** Nothing passes until the socket is bound, shares what it shall share and has its filter. */
function start(descriptor: number, of: NetworkInterface, options: RingOptions): void {
  const { filter, snapBytes = MAX_SNAP_BYTES, promiscuous = false, ignoreOutgoing = of.loopback } = options;
  attachFilter(descriptor, REJECT_ALL);
  // Kernels before 4.20 do not know it: there, outgoing packets carry their mark.
  if (ignoreOutgoing) trySetOption(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, words(1));
  bindSocket(descriptor, of.index, ETH_P_ALL, `capture on ${of.name}`);
  if (promiscuous) {
    const request = words(of.index, PACKET_MR_PROMISC, 0, 0);
    setOption(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request, `make ${of.name} promiscuous`);
  }
  if (options.fanout !== undefined) joinFanout(descriptor, options.fanout);
  attachFilter(descriptor, filter ?? [acceptBytes(snapBytes)]);
}
