/**
 * Cuts records at the edges of bins of time. What a record counted is shared among its pieces as if its packets had come
 * evenly; sums stay what they were.
 */
import {
  AGGREGATE_COUNT,
  DESTINATION_APP_BYTES,
  DESTINATION_BYTES,
  DESTINATION_PACKETS,
  DESTINATION_START_S,
  HAS_AGGREGATE,
  RECORD_WORDS,
  SIDE_RETRANSMITTED,
  SOURCE_APP_BYTES,
  SOURCE_BYTES,
  SOURCE_PACKETS,
  SOURCE_START_S,
  START_S,
  TCP_DESTINATION,
  TCP_SOURCE,
  TIME_HAS,
  TIMEHAS_DESTINATION_END,
  TIMEHAS_DESTINATION_START,
  TIMEHAS_SOURCE_END,
  TIMEHAS_SOURCE_START,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { hasTcpState } from '../record/measures.ts';
import { setRangeOf } from '../record/times.ts';
import type { BinEdges, BinRule } from '../time/bins.ts';

const { fround, trunc, floor, min, max } = Math;
const US_PER_S = 1e6;
/** A record of many years in bins of a second would never end. */
const MAX_PIECES = 1_000_000;

/** What is left of one side of a record. */
class Side {
  readonly words: {
    packets: number;
    bytes: number;
    app: number;
    start: number;
    tcp: number;
    startBit: number;
    endBit: number;
  };
  packets = 0;
  bytes = 0;
  app = 0;
  /** Microseconds since 1970; 0 for none. */
  start = 0;
  end = 0;
  // Per bin, as measured on the whole record.
  #packetsPerBin = 0;
  #bytesPerBin = 0;
  #appPerBin = 0;
  #carry = 0;
  #binsPerPacket = 0;

  constructor(words: Side['words']) {
    this.words = words;
  }

  read(record: FlowRecord): void {
    const { packets, bytes, app, start, startBit, endBit } = this.words;
    this.packets = record.getWide(packets);
    this.bytes = record.getWide(bytes);
    this.app = record.getWide(app);
    const has = record.get(TIME_HAS);
    this.start = has & startBit ? timeAt(record, start) : 0;
    this.end = has & endBit ? timeAt(record, start + 2) : this.start;
  }

  copy(other: Side): void {
    this.packets = other.packets;
    this.bytes = other.bytes;
    this.app = other.app;
    this.start = other.start;
    this.end = other.end;
  }

  clear(): void {
    this.packets = 0;
    this.bytes = 0;
    this.app = 0;
    this.start = 0;
    this.end = 0;
  }

  write(record: FlowRecord): void {
    const { packets, bytes, app, start, startBit, endBit } = this.words;
    record.setWide(packets, this.packets);
    record.setWide(bytes, this.bytes);
    record.setWide(app, this.app);
    setTime(record, start, this.start);
    setTime(record, start + 2, this.end);
    let has = record.get(TIME_HAS) & ~(startBit | endBit);
    if (this.start > 0) has |= startBit;
    if (this.end > this.start) has |= endBit;
    record.set(TIME_HAS, has);
  }

  measure(sizeUs: number): void {
    const bins = max(1, (this.end - this.start) / sizeUs);
    this.#packetsPerBin = fround(this.packets / bins);
    this.#bytesPerBin = fround(this.bytes / bins);
    this.#appPerBin = fround(this.app / bins);
    this.#carry = 0;
    this.#binsPerPacket = this.packets > 1 ? bins / (this.packets - 1) : 0;
  }

  /** Half of two packets. */
  halve(piece: Side): void {
    piece.copy(this);
    piece.packets = 1;
    piece.bytes = Math.ceil(this.bytes / 2);
    piece.app = Math.ceil(this.app / 2);
    piece.end = piece.start;
    this.start = this.end;
    this.#take(piece);
  }

  /** Times of the piece before an edge and of what is left behind it. */
  divideTimes(piece: Side, edge: number): void {
    piece.copy(this);
    if (this.start > edge) {
      piece.clear();
      return;
    }
    if (this.end > edge) {
      piece.end = edge;
      this.start = edge;
      return;
    }
    this.start = 0;
    this.end = 0;
    this.#binsPerPacket = 0;
  }

  /** Counters of the piece, by its share of the time. @param start @param end of this side before it was divided */
  divideCounters(piece: Side, start: number, end: number, sizeUs: number): void {
    if (piece.start > 0 && piece.packets > 0) {
      const share = min(piece.end - piece.start, sizeUs) / min(end - start, sizeUs);
      const wanted = trunc(fround(this.#packetsPerBin + this.#carry) * share);
      const count = max(1, min(wanted, piece.packets) || 0);
      this.#carry = fround(this.#carry + this.#packetsPerBin * share - count);
      const ratio = count / this.#packetsPerBin;
      piece.packets = count;
      piece.bytes = min(piece.bytes, trunc(this.#bytesPerBin * ratio));
      piece.app = min(piece.app, trunc(this.#appPerBin * ratio));
    }
    this.#take(piece);
    if (this.packets > 0 || this.bytes === 0) return;
    if (piece.packets > 1) {
      piece.packets -= 1;
      this.packets = 1;
      return;
    }
    piece.bytes += this.bytes;
    piece.app += this.app;
    this.bytes = 0;
    this.app = 0;
  }

  #take(piece: Side): void {
    this.packets -= piece.packets;
    this.bytes -= piece.bytes;
    this.app -= piece.app;
  }

  /** Moves the start of what is left to where its next packet is due. */
  advance(piece: Side, start: number, sizeUs: number): void {
    if (this.packets > 1 && this.#binsPerPacket > 0) {
      const due = start + trunc(this.#binsPerPacket * piece.packets * sizeUs);
      if (due - this.start >= sizeUs) this.start = due;
    } else if (this.packets === 1) {
      this.start = this.end;
    }
  }
}

const SOURCE_WORDS = {
  packets: SOURCE_PACKETS,
  bytes: SOURCE_BYTES,
  app: SOURCE_APP_BYTES,
  start: SOURCE_START_S,
  tcp: TCP_SOURCE,
  startBit: TIMEHAS_SOURCE_START,
  endBit: TIMEHAS_SOURCE_END,
};
const DESTINATION_WORDS = {
  packets: DESTINATION_PACKETS,
  bytes: DESTINATION_BYTES,
  app: DESTINATION_APP_BYTES,
  start: DESTINATION_START_S,
  tcp: TCP_DESTINATION,
  startBit: TIMEHAS_DESTINATION_START,
  endBit: TIMEHAS_DESTINATION_END,
};

export class RecordCutter {
  readonly #edges: BinEdges;
  readonly #rule: BinRule;
  readonly #source = new Side(SOURCE_WORDS);
  readonly #destination = new Side(DESTINATION_WORDS);
  readonly #sourcePiece = new Side(SOURCE_WORDS);
  readonly #destinationPiece = new Side(DESTINATION_WORDS);
  readonly #kept = new Uint32Array(RECORD_WORDS);

  constructor(edges: BinEdges, rule: BinRule) {
    this.#edges = edges;
    this.#rule = rule;
  }

  /** @param visit gets the record again and again, each time one piece of it, with the time its bin begins */
  cut(record: FlowRecord, visit: (record: FlowRecord, binUs: number) => void): void {
    this.#source.read(record);
    this.#destination.read(record);
    const packets = this.#source.packets + this.#destination.packets;
    if (packets === 0) return;
    if (!this.#rule.modify || packets === 1 || this.#end() <= this.#edges.endOf(this.#start())) {
      this.#visitWhole(record, visit);
      return;
    }
    this.#kept.set(record.words.subarray(record.base, record.base + RECORD_WORDS));
    const losses = [
      record.get(TCP_SOURCE + SIDE_RETRANSMITTED),
      record.get(TCP_DESTINATION + SIDE_RETRANSMITTED),
    ] as const;
    const left = { source: losses[0], destination: losses[1], isMeasured: false, records: record.get(AGGREGATE_COUNT) };
    for (let count = 0; count < MAX_PIECES && this.#source.packets + this.#destination.packets > 0; count += 1) {
      record.words.set(this.#kept, record.base);
      this.#cutOne(record, visit, left);
    }
  }

  #visitWhole(record: FlowRecord, visit: (record: FlowRecord, binUs: number) => void): void {
    const bin = this.#edges.startOf(timeAt(record, START_S));
    if (this.#rule.hard) this.#fillBin(record, bin);
    visit(record, bin);
  }

  #cutOne(
    record: FlowRecord,
    visit: (record: FlowRecord, binUs: number) => void,
    left: { source: number; destination: number; isMeasured: boolean; records: number },
  ): void {
    const source = this.#source;
    const destination = this.#destination;
    const start = this.#start();
    const edge = this.#edges.endOf(start);
    const { sizeUs } = this.#rule;
    const packets = source.packets + destination.packets;
    if (packets === 1 || this.#end() <= edge) this.#takeAll();
    else if (packets === 2) this.#cutTwo();
    else {
      if (!left.isMeasured) {
        source.measure(sizeUs);
        destination.measure(sizeUs);
        left.isMeasured = true;
      }
      this.#cutMany(edge);
    }
    this.#sourcePiece.write(record);
    this.#destinationPiece.write(record);
    setRangeOf(record);
    left.source -= shareLoss(record, TCP_SOURCE, left.source, this.#sourcePiece, source);
    left.destination -= shareLoss(record, TCP_DESTINATION, left.destination, this.#destinationPiece, destination);
    left.records -= shareCount(record, left.records, packets - source.packets - destination.packets, packets);
    const bin = this.#edges.startOf(start);
    if (this.#rule.hard) this.#fillBin(record, bin);
    visit(record, bin);
  }

  #takeAll(): void {
    this.#sourcePiece.copy(this.#source);
    this.#destinationPiece.copy(this.#destination);
    this.#source.clear();
    this.#destination.clear();
  }

  /** Two packets: the first here, the second there. */
  #cutTwo(): void {
    this.#sourcePiece.clear();
    this.#destinationPiece.clear();
    if (this.#source.packets === 1) {
      this.#sourcePiece.copy(this.#source);
      this.#source.clear();
    } else if (this.#source.packets === 2) this.#source.halve(this.#sourcePiece);
    else this.#destination.halve(this.#destinationPiece);
  }

  #cutMany(edge: number): void {
    const { sizeUs } = this.#rule;
    const pairs = [
      [this.#source, this.#sourcePiece, this.#source.start, this.#source.end],
      [this.#destination, this.#destinationPiece, this.#destination.start, this.#destination.end],
    ] as const;
    for (const [side, piece] of pairs) side.divideTimes(piece, edge);
    for (const [side, piece, start, end] of pairs) side.divideCounters(piece, start, end, sizeUs);
    if (this.#sourcePiece.packets + this.#destinationPiece.packets === 1) {
      for (const [, piece] of pairs) piece.end = piece.start;
    }
    for (const [side, piece, start] of pairs) side.advance(piece, start, sizeUs);
  }

  #start(): number {
    const source = this.#source.start;
    const destination = this.#destination.start;
    if (source === 0 || destination === 0) return source + destination;
    return min(source, destination);
  }

  #end(): number {
    return max(this.#source.end, this.#destination.end);
  }

  #fillBin(record: FlowRecord, bin: number): void {
    const end = this.#edges.endOf(bin);
    for (const word of [SOURCE_START_S, DESTINATION_START_S, START_S]) {
      setTime(record, word, bin);
      setTime(record, word + 2, end);
    }
    record.set(TIME_HAS, record.get(TIME_HAS) | TIMEHAS_SOURCE_START | TIMEHAS_SOURCE_END);
  }
}

/** @returns the retransmissions that the piece takes with it */
function shareLoss(record: FlowRecord, tcp: number, lost: number, piece: Side, rest: Side): number {
  if (!hasTcpState(record)) return 0;
  const all = piece.packets + rest.packets;
  const share = all > 0 ? Math.round((lost * piece.packets) / all) : 0;
  record.set(tcp + SIDE_RETRANSMITTED, share);
  return share;
}

/** @returns the records that the piece stands for */
function shareCount(record: FlowRecord, records: number, packets: number, all: number): number {
  if (!record.has(HAS_AGGREGATE)) return 0;
  const share = records > 1 ? max(1, trunc((records * packets) / all)) : 1;
  record.set(AGGREGATE_COUNT, share);
  return records > 1 ? share : 0;
}

/** Microseconds since 1970. */
export function timeAt(record: FlowRecord, word: number): number {
  return record.get(word) * US_PER_S + floor(record.get(word + 1) / 1000);
}

export function setTime(record: FlowRecord, word: number, us: number): void {
  const seconds = floor(us / US_PER_S);
  record.set(word, seconds);
  record.set(word + 1, (us - seconds * US_PER_S) * 1000);
}
