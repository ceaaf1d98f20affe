/** A flow under inspection: its ends, what was said, what is known of it. */
import type { TransactionFlow } from '../../logs/transactions.ts';
import { entropy } from '../language/entropy.ts';
import { Pieces } from '../language/pieces.ts';
import { type Buffers, MAX_BUFFER_BYTES } from './buffers.ts';
import { type GrowingFacts, noFacts } from './facts.ts';

/** Kept of one direction: handshakes with long chains of certificates fit. */
export const MAX_SIDE_BYTES = MAX_BUFFER_BYTES;
/** A first byte of a stream that lies farther before its first segment is not believed. */
const MAX_LATE_BYTES = 16_384;

/** Who speaks with whom; all transactions of a flow are told of it. */
export interface InspectedFlow extends Omit<TransactionFlow, 'timeS' | 'uid'> {
  /** The flow's number: that of its records. */
  readonly sequence: number;
  readonly isTcp: boolean;
}

/** A packet's payload as it is shown to the followers. */
export interface Said {
  /** Good during the call only. */
  readonly bytes: Uint8Array;
  readonly wireBytes: number;
  readonly isAnswer: boolean;
  /** Seconds since 1970. */
  readonly timeS: number;
}

/** Follows an application through its flow. */
export interface Follower {
  /** @returns what else is wanted of the flow: INSPECT_… of `table/inspection.ts` */
  follow(flow: FlowInspection, said: Said): number;
  /** It waits for nothing: there is no need to keep it. */
  readonly isIdle?: boolean;
  /** Bytes that it keeps itself. */
  readonly kept?: number;
  /** Nothing more comes: tells what is left. */
  end(flow: FlowInspection): void;
}

export class FlowInspection {
  readonly flow: InspectedFlow;
  readonly facts: GrowingFacts = noFacts();
  readonly firstTimeS: number;
  lastTimeS: number;
  readonly source: StreamSide;
  readonly destination: StreamSide;
  follower: Follower | null = null;
  /** Packets seen: from the source, from the destination. */
  packetsOut = 0;
  packetsIn = 0;
  bytes = 0;
  /** What is said is kept, to be read on. */
  keepsBytes = true;
  /** More is wanted of it; bytes that the inspector has counted for it. */
  isOpen = false;
  counted = 0;

  constructor(flow: InspectedFlow, timeS: number, buffers: Buffers) {
    this.flow = flow;
    this.source = new StreamSide(buffers);
    this.destination = new StreamSide(buffers);
    this.firstTimeS = timeS;
    this.lastTimeS = timeS;
  }

  side(isAnswer: boolean): StreamSide {
    return isAnswer ? this.destination : this.source;
  }

  /** Bytes that are kept. */
  get kept(): number {
    return this.source.kept + this.destination.kept + (this.follower?.kept ?? 0);
  }

  /** Looks at what was said as bytes; before it is thrown away. */
  measure(): void {
    const { facts } = this;
    facts.entropyOut ??= rounded(entropy(this.source.start));
    facts.entropyIn ??= rounded(entropy(this.destination.start));
  }

  /** Of a datagram, which is not kept. */
  measureDatagram(said: Said): void {
    const { facts } = this;
    if (said.isAnswer) facts.entropyIn ??= rounded(entropy(said.bytes));
    else facts.entropyOut ??= rounded(entropy(said.bytes));
  }

  /** Throws away what was said: it has been read. */
  forgetBytes(): void {
    if (!this.keepsBytes) return;
    this.measure();
    this.keepsBytes = false;
    this.source.clear();
    this.destination.clear();
  }

  /** Throws away all but the facts. */
  forget(): void {
    this.follower = null;
    this.keepsBytes = false;
    this.source.clear();
    this.destination.clear();
  }
}

const NOTHING = new Uint8Array(0);

/** One direction of a TCP stream from its first byte on, as far as it is kept. */
export class StreamSide {
  readonly #buffers: Buffers;
  #first = -1;
  #pieces: Pieces | null = null;
  /** The usual case: one segment, or segments in order. */
  #whole: Uint8Array = NOTHING;
  #length = 0;

  constructor(buffers: Buffers) {
    this.#buffers = buffers;
  }

  /**
   * @param sequence of the segment's first byte
   * @param first sequence of the first byte of the stream, if it is known
   */
  add(bytes: Uint8Array, sequence: number, first: number): void {
    if (this.#first < 0) {
      const late = (sequence - first) >>> 0;
      this.#first = late <= MAX_LATE_BYTES ? first : sequence;
    }
    const offset = (sequence - this.#first) >>> 0;
    if (this.#pieces === null && offset === this.#length && offset + bytes.length <= MAX_SIDE_BYTES) {
      this.#append(bytes);
      return;
    }
    if (this.#pieces === null) {
      if (offset + bytes.length <= this.#length) return;
      this.#pieces = new Pieces(MAX_SIDE_BYTES);
      this.#pieces.add(0, this.#whole.subarray(0, this.#length));
      this.#release();
    }
    if (offset >= MAX_SIDE_BYTES) return;
    this.#pieces.add(offset, bytes.subarray(0, MAX_SIDE_BYTES - offset));
  }

  /** From the first byte on, up to the first hole. */
  get start(): Uint8Array {
    return this.#pieces === null ? this.#whole.subarray(0, this.#length) : this.#pieces.start;
  }

  get kept(): number {
    return this.#pieces === null ? this.#whole.length : this.#pieces.kept;
  }

  clear(): void {
    this.#pieces = null;
    this.#release();
    this.#length = 0;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#whole.length) {
      const grown = this.#buffers.take(length);
      grown.set(this.#whole.subarray(0, this.#length));
      this.#release();
      this.#whole = grown;
    }
    this.#whole.set(bytes, this.#length);
    this.#length = length;
  }

  #release(): void {
    if (this.#whole !== NOTHING) this.#buffers.give(this.#whole);
    this.#whole = NOTHING;
  }
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
