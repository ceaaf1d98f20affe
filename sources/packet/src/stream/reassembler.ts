/** TCP reassembly of decoded packets. */
import type { PacketModule } from '../decode/module.ts';
import * as counters from './counters.ts';
import { STREAM_EVENT_BYTES } from './events.ts';
import { STREAM_POLICY_LINUX } from './policies.ts';
import { StreamEvent } from './view.ts';

export interface ReassemblerOptions {
  /** Streams in the table; a power of two, 16,384 unless given. */
  readonly maxStreams?: number;
  /** Bytes queued in all streams; 32 MiB unless given. */
  readonly maxBytes?: number;
  /** Bytes queued in one direction of one; 256 KiB unless given. */
  readonly maxSideBytes?: number;
  /** Seconds without a packet after which a stream is over; 3600 unless given. */
  readonly idleS?: number;
  /** STREAM_POLICY_… of hosts of which nothing else is said. */
  readonly policy?: number;
  /** Follow connections whose beginning was not captured; true unless given. */
  readonly midstream?: boolean;
}

export interface StreamCounts {
  readonly segments: number;
  readonly opened: number;
  readonly midstream: number;
  readonly evicted: number;
  readonly idle: number;
  readonly queued: number;
  readonly repeated: number;
  readonly overlaps: number;
  readonly conflicts: number;
  readonly gaps: number;
  readonly gapBytes: number;
  readonly outOfWindow: number;
  readonly badResets: number;
  readonly badChecksums: number;
  readonly cut: number;
  readonly droppedBytes: number;
  readonly present: number;
  readonly chunks: number;
}

const DEFAULT_STREAMS = 16_384;
const DEFAULT_BYTES = 32 * 1024 * 1024;
const DEFAULT_SIDE_BYTES = 256 * 1024;
const DEFAULT_IDLE_S = 3600;

/**
 * `load` decoded packets, then call `next` until it says 0, and look at each event before the following `next`:
 *
 *     reassembler.load(decoder.packetAddress(0), count);
 *     for (let events = reassembler.next(); events > 0; events = reassembler.next())
 *       for (let index = 0; index < events; index++) use(reassembler.event(index));
 */
export class StreamReassembler {
  readonly #module: PacketModule;
  readonly #event: StreamEvent;
  #packets = 0;
  #from = 0;
  #total = 0;
  #ended = false;

  /** @param module of the decoder whose packets it takes; one reassembler a module */
  constructor(module: PacketModule, options: ReassemblerOptions = {}) {
    const maxStreams = options.maxStreams ?? DEFAULT_STREAMS;
    if (maxStreams < 1 || (maxStreams & (maxStreams - 1)) !== 0) {
      throw new RangeError(`maxStreams is ${maxStreams}, not a power of two`);
    }
    const taken = module.streamInit(
      maxStreams,
      options.maxBytes ?? DEFAULT_BYTES,
      options.maxSideBytes ?? DEFAULT_SIDE_BYTES,
      options.idleS ?? DEFAULT_IDLE_S,
      options.policy ?? STREAM_POLICY_LINUX,
      options.midstream === false ? 0 : 1,
    );
    if (taken === 0) throw new RangeError('There is no memory for streams');
    this.#module = module;
    this.#event = new StreamEvent(module.memory);
  }

  /** @param packets address of decoded structures one behind the other; fragments and what is not TCP is passed over */
  load(packets: number, count: number): void {
    this.#packets = packets;
    this.#from = 0;
    this.#total = count;
  }

  /** Follows the packets on. @returns events to look at now; 0 when all packets have been followed */
  next(): number {
    while (this.#from < this.#total) {
      this.#from = this.#module.reassemble(this.#packets, this.#from, this.#total);
      const events = this.#module.streamEventCount();
      if (events > 0) return events;
    }
    return 0;
  }

  /** There are no more packets: tells what is left. To be called until it says 0. */
  end(): number {
    if (this.#ended) return 0;
    this.#ended = this.#module.endStreams() === 0;
    return this.#module.streamEventCount();
  }

  /** The event, good until the next one is asked for; its data until `next`. */
  event(index: number): StreamEvent {
    return this.#event.moveTo((this.#module.streamEvents() >>> 0) + index * STREAM_EVENT_BYTES);
  }

  /** @param direction whose receiver has the policy: 0 is the server, 1 the client */
  setPolicy(stream: number, direction: number, policy: number): void {
    this.#module.setStreamPolicy(stream, direction, policy);
  }

  get counts(): StreamCounts {
    const view = new DataView(
      this.#module.memory.buffer,
      this.#module.streamCounters() >>> 0,
      counters.STREAM_COUNTER_BYTES,
    );
    const at = (offset: number) => Number(view.getBigUint64(offset, true));
    return {
      segments: at(counters.STREAM_SEGMENTS),
      opened: at(counters.STREAMS_OPENED),
      midstream: at(counters.STREAMS_MIDSTREAM),
      evicted: at(counters.STREAMS_EVICTED),
      idle: at(counters.STREAMS_IDLE),
      queued: at(counters.STREAM_QUEUED),
      repeated: at(counters.STREAM_REPEATED),
      overlaps: at(counters.STREAM_OVERLAPS),
      conflicts: at(counters.STREAM_CONFLICTS),
      gaps: at(counters.STREAM_GAPS),
      gapBytes: at(counters.STREAM_GAP_BYTES),
      outOfWindow: at(counters.STREAM_OUT_OF_WINDOW),
      badResets: at(counters.STREAM_BAD_RESETS),
      badChecksums: at(counters.STREAM_BAD_CHECKSUMS),
      cut: at(counters.STREAM_CUT),
      droppedBytes: at(counters.STREAM_DROPPED_BYTES),
      present: at(counters.STREAMS_PRESENT),
      chunks: at(counters.STREAM_CHUNKS),
    };
  }
}
