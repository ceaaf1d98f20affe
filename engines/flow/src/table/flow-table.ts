/**
 * The flow table: packets in by the block, records out by the batch. The table itself is AssemblyScript (`assembly/`);
 * here are its memory's borders.
 */
import { UndercroftError } from '@undercroft/kernel';
import { captureFraming, MAX_BLOCK_BYTES, packetLayout, type RecordBlock, type RingBlock } from '@undercroft/packet';
import type { RecordBatch } from '../record/batch.ts';
import { RECORD_BYTES } from '../record/layout.ts';
import { type TableModule, tableModule } from './module.ts';
import { OPTION_WORDS } from './options.ts';
import { type FlowTableSettings, writeSettings } from './settings.ts';
import * as statistic from './statistics.ts';

const { CAPTURE_BIG_ENDIAN, CAPTURE_NANOSECONDS, FRAMED_BROKEN, FRAMED_FULL } = captureFraming;
const { PACKET_BYTES } = packetLayout;
/** Packets framed at once: what a core's cache holds. */
const PACKETS = 1024;

/** Sees the packets that the table shows (`inspection.ts`), if its settings say GENERATE_INSPECTION. */
export interface PacketInspector {
  /**
   * @param bytes the table's memory, where the packets' payload lies too @param view the same
   * @param at address of the first of `count` packets of INSPECTION_BYTES; answers are written there
   */
  inspect(bytes: Uint8Array, view: DataView, at: number, count: number): void;
}

export type RecordHandler = (batch: RecordBatch) => void;

/** What has gone through a table, and what has not. */
export interface FlowCounts {
  readonly packets: number;
  readonly bytes: number;
  /** Packets that make no flow: cut too short, of unknown kinds. */
  readonly packetsPassed: number;
  readonly flows: number;
  readonly flowsMost: number;
  readonly flowsMade: number;
  readonly flowsClosed: number;
  /** Flows that the limit has sent away early: of a single packet, others. */
  readonly evictedSingle: number;
  readonly evictedOther: number;
  /** For want of memory: flows that were not made, records and user data that were not sent. */
  readonly flowsRefused: number;
  readonly recordsLost: number;
  readonly dataLostBytes: number;
  readonly recordsSent: number;
  readonly memoryBytes: number;
  /** Blocks of a ring that were damaged, so that their rest was left out. */
  readonly brokenBlocks: number;
}

export class FlowTable {
  readonly #module: TableModule;
  readonly #block: number;
  readonly #packets: number;
  #batch: TableBatch;
  #brokenBlocks = 0;
  readonly #inspector: PacketInspector | undefined;
  #view: DataView;

  /** @throws UndercroftError `flow.table.memory` when there is none */
  constructor(settings: FlowTableSettings, inspector?: PacketInspector) {
    const module = tableModule();
    this.#module = module;
    writeSettings(settings, new Uint32Array(module.memory.buffer, module.options(), OPTION_WORDS));
    this.#block = module.allocate(MAX_BLOCK_BYTES) >>> 0;
    this.#packets = module.allocate(PACKETS * PACKET_BYTES) >>> 0;
    if (module.start() === 0 || this.#block === 0 || this.#packets === 0) {
      throw new UndercroftError('flow.table.memory', 'the flow table has got no memory', {
        fix: 'End other programs, or give this machine more memory.',
      });
    }
    this.#batch = new TableBatch(module);
    this.#inspector = inspector;
    this.#view = new DataView(module.memory.buffer);
  }

  /**
   * Takes the packets of a block of a capture, or of a ring, at most 1 MiB.
   *
   * @param onRecords hears of batches as they fill; each is valid during the call
   */
  addBlock(block: RecordBlock | RingBlock, onRecords: RecordHandler): void {
    for (let from = 0; from < block.bytes.length; from += MAX_BLOCK_BYTES) {
      const bytes = block.bytes.subarray(from, from + MAX_BLOCK_BYTES);
      new Uint8Array(this.#module.memory.buffer, this.#block, bytes.length).set(bytes);
      if ('littleEndian' in block) this.#addRecords(block, bytes.length, onRecords);
      else this.#addRing(block, bytes.length, onRecords);
    }
    this.#hand(onRecords);
  }

  /** Time goes on without packets: what is due is sent. @param nowUs microseconds since 1970 */
  tick(nowUs: number, onRecords: RecordHandler): void {
    const seconds = Math.floor(nowUs / 1e6);
    const nanoseconds = Math.floor(nowUs - seconds * 1e6) * 1000;
    this.#until(() => this.#module.advance(seconds, nanoseconds), onRecords);
  }

  /** The end: sends what the flows hold, and forgets them. */
  finish(onRecords: RecordHandler): void {
    this.#until(() => this.#module.endCapture(), onRecords);
    this.#until(() => this.#module.shutDown(), onRecords);
  }

  counts(): FlowCounts {
    const at = this.#module.statistics() >>> 0;
    const words = new BigUint64Array(this.#module.memory.buffer, at, statistic.STATISTIC_WORDS);
    const count = (index: number): number => Number(words[index]);
    return {
      packets: count(statistic.PACKETS),
      bytes: count(statistic.BYTES),
      packetsPassed: count(statistic.PACKETS_PASSED),
      flows: count(statistic.FLOWS),
      flowsMost: count(statistic.FLOWS_MOST),
      flowsMade: count(statistic.FLOWS_MADE),
      flowsClosed: count(statistic.FLOWS_CLOSED),
      evictedSingle: count(statistic.EVICTED_SINGLE),
      evictedOther: count(statistic.EVICTED_OTHER),
      flowsRefused: count(statistic.FLOWS_REFUSED),
      recordsLost: count(statistic.RECORDS_LOST),
      dataLostBytes: count(statistic.DATA_LOST),
      recordsSent: count(statistic.RECORDS_SENT),
      memoryBytes: count(statistic.MEMORY_BYTES),
      brokenBlocks: this.#brokenBlocks,
    };
  }

  #addRecords(block: RecordBlock, bytes: number, onRecords: RecordHandler): void {
    const module = this.#module;
    const form = (block.nanoseconds ? CAPTURE_NANOSECONDS : 0) | (block.littleEndian ? 0 : CAPTURE_BIG_ENDIAN);
    let at = 0;
    for (;;) {
      const count = module.frameCapture(
        this.#block + at,
        bytes - at,
        this.#packets,
        PACKETS,
        form,
        block.linkType,
        block.interface,
      );
      const next = at + (module.framedNext() >>> 0);
      const isFull = module.framedOutcome() === FRAMED_FULL;
      this.#take(count, onRecords);
      at = next;
      if (!isFull) return;
    }
  }

  #addRing(block: RingBlock, bytes: number, onRecords: RecordHandler): void {
    const module = this.#module;
    let from = 0;
    for (;;) {
      const count = module.frameRing(this.#block, bytes, from, this.#packets, PACKETS, block.linkType, block.interface);
      from = module.framedNext() >>> 0;
      const outcome = module.framedOutcome();
      this.#take(count, onRecords);
      if (outcome === FRAMED_BROKEN) this.#brokenBlocks += 1;
      if (outcome !== FRAMED_FULL) return;
    }
  }

  #take(count: number, onRecords: RecordHandler): void {
    const module = this.#module;
    let taken = 0;
    while (taken < count || module.isBehind() !== 0) {
      taken += module.takePackets(this.#packets + taken * PACKET_BYTES, count - taken);
      if (taken < count || module.isBehind() !== 0) this.#hand(onRecords);
    }
    this.#inspect();
  }

  /** Repeats work that stops when the outbox is full. */
  #until(work: () => number, onRecords: RecordHandler): void {
    while (work() === 0) this.#hand(onRecords);
    this.#hand(onRecords);
  }

  /** Shows the packets that wait for the inspector: before their flows' records, and before their block is gone. */
  #inspect(): void {
    const count = Number(this.#module.inspected.value) >>> 0;
    if (count === 0) return;
    if (this.#batch.bytes.buffer !== this.#module.memory.buffer) this.#batch = new TableBatch(this.#module);
    if (this.#view.buffer !== this.#module.memory.buffer) this.#view = new DataView(this.#module.memory.buffer);
    this.#inspector?.inspect(this.#batch.bytes, this.#view, this.#module.inspectedAt() >>> 0, count);
    this.#module.answerInspection();
  }

  /** Hands the waiting records over. */
  #hand(onRecords: RecordHandler): void {
    const module = this.#module;
    this.#inspect();
    const count = Number(module.waitingRecords.value) >>> 0;
    if (count === 0) return;
    // Memory that has grown has another buffer.
    if (this.#batch.bytes.buffer !== module.memory.buffer) this.#batch = new TableBatch(module);
    this.#batch.count = count;
    try {
      onRecords(this.#batch);
    } finally {
      module.emptyOutbox();
    }
  }
}

class TableBatch implements RecordBatch {
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly bytes: Uint8Array;
  readonly #first: number;
  count = 0;

  constructor(module: TableModule) {
    const { buffer } = module.memory;
    this.words = new Uint32Array(buffer);
    this.floats = new Float32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.#first = module.recordsAt() >>> 0;
  }

  address(index: number): number {
    return this.#first + index * RECORD_BYTES;
  }
}
