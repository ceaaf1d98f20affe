/**
 * sFlow version 5: samples of packets become flow records of one packet each, multiplied by the sampling rate; counter
 * samples become readings of interfaces.
 *
 * @see sFlow.org, "sFlow Version 5"
 */

import { Draft } from '../../netflow/language/draft.ts';
import type { Domain, ExporterState } from '../../netflow/language/exporter.ts';
import type { RecordSink } from '../../netflow/language/message.ts';
import { follow } from '../../netflow/language/sequence.ts';
import { EXPORT_DOMAIN, INPUT_INTERFACE, OUTPUT_INTERFACE, SOURCE_BYTES, SOURCE_PACKETS } from '../../record/layout.ts';
import { FlowRecord, type RecordMemory } from '../../record/record.ts';
import { readAddress, readFlowRecord, type SampleContext } from './flow-records.ts';
import { type HeaderReader, headerReader } from './header.ts';
import { type InterfaceCounters, readInterfaceCounters } from './interface-counters.ts';

export const SFLOW_VERSION = 0x105;
const MAX_SAMPLES = 1024;
const FLOW_SAMPLE = 1;
const COUNTER_SAMPLE = 2;
const EXPANDED_FLOW_SAMPLE = 3;
const EXPANDED_COUNTER_SAMPLE = 4;
const GENERIC_INTERFACE = 1;
/** Data sources of one sub-agent whose drops are followed. */
const MAX_SOURCES = 256;
/** The two high bits of an interface say what its number means; only 0 is one interface. */
const INTERFACE_NUMBER = 0x3fff_ffff;

export class SflowDecoder {
  readonly #draft: Draft;
  readonly #onCounters: ((counters: InterfaceCounters) => void) | undefined;
  #headers: HeaderReader | undefined;

  /** @param onCounters gets readings of interfaces; they are counted and passed over if absent */
  constructor(
    options: {
      readonly memory?: RecordMemory;
      readonly address?: number;
      readonly headers?: HeaderReader;
      readonly onCounters?: (counters: InterfaceCounters) => void;
    } = {},
  ) {
    const { memory } = options;
    this.#draft = new Draft(
      memory === undefined ? new FlowRecord() : new FlowRecord().at(memory, options.address ?? 0),
    );
    this.#headers = options.headers;
    this.#onCounters = options.onCounters;
  }

  /**
   * Decodes one datagram. Never throws: what cannot be read is counted in `exporter.counters`.
   *
   * @param nowMs when it came: samples have no other time
   */
  decode(datagram: Uint8Array, exporter: ExporterState, nowMs: number, sink: RecordSink): void {
    const { counters } = exporter;
    counters.messages++;
    counters.bytes += datagram.length;
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    if (view.byteLength < 8 || view.getUint32(0) !== 5) {
      if (view.byteLength < 8) counters.malformed++;
      else counters.unsupported++;
      return;
    }
    const agent = readAddress(view, 4, view.byteLength);
    if (agent === null || agent.end + 16 > view.byteLength) {
      counters.malformed++;
      return;
    }
    const subAgent = view.getUint32(agent.end);
    const domain = exporter.domain(SFLOW_VERSION, subAgent);
    follow(domain, view.getUint32(agent.end + 4), 1, counters);
    this.#readSamples(view, agent.end + 12, exporter, domain, {
      nowMs,
      sink,
      agent: datagram.subarray(agent.at, agent.end),
    });
  }

  #readSamples(view: DataView, from: number, exporter: ExporterState, domain: Domain, told: Told): void {
    const { counters } = exporter;
    const claimed = view.getUint32(from);
    let at = from + 4;
    for (let index = 0; index < Math.min(claimed, MAX_SAMPLES); index++) {
      if (at + 8 > view.byteLength) {
        counters.malformed++;
        return;
      }
      const tag = view.getUint32(at);
      const end = at + 8 + view.getUint32(at + 4);
      if (end > view.byteLength) {
        counters.malformed++;
        return;
      }
      let isWhole = true;
      if (tag === FLOW_SAMPLE) isWhole = this.#readFlowSample(view, at + 8, end, false, exporter, domain, told);
      else if (tag === EXPANDED_FLOW_SAMPLE) {
        isWhole = this.#readFlowSample(view, at + 8, end, true, exporter, domain, told);
      } else if (tag === COUNTER_SAMPLE) isWhole = this.#readCounters(view, at + 16, end, exporter, told);
      else if (tag === EXPANDED_COUNTER_SAMPLE) isWhole = this.#readCounters(view, at + 20, end, exporter, told);
      else counters.unsupported++;
      if (!isWhole) counters.malformed++;
      at = end;
    }
  }

  #readFlowSample(
    view: DataView,
    from: number,
    end: number,
    isExpanded: boolean,
    exporter: ExporterState,
    domain: Domain,
    told: Told,
  ): boolean {
    const head = isExpanded ? 44 : 32;
    if (from + head > end) return false;
    // Sequence, data source (one word or two), rate, pool, drops, input and output (one word or two each), records.
    const rateAt = from + (isExpanded ? 12 : 8);
    const source = view.getUint32(from + (isExpanded ? 8 : 4));
    const rate = view.getUint32(rateAt);
    this.#countDrops(domain, source, view.getUint32(rateAt + 8), exporter);
    const input = view.getUint32(rateAt + (isExpanded ? 16 : 12));
    const output = view.getUint32(rateAt + (isExpanded ? 24 : 16));
    const draft = this.#draft;
    draft.begin();
    draft.record.set(INPUT_INTERFACE, isExpanded ? input : input & INTERFACE_NUMBER);
    draft.record.set(OUTPUT_INTERFACE, isExpanded ? output : output & INTERFACE_NUMBER);
    this.#headers ??= headerReader();
    const context: SampleContext = { draft, headers: this.#headers, frameBytes: 0, hasPacket: false };
    let at = from + head;
    const claimed = view.getUint32(at - 4);
    for (let index = 0; index < Math.min(claimed, MAX_SAMPLES); index++) {
      if (at + 8 > end) return false;
      const next = at + 8 + view.getUint32(at + 4);
      if (next > end) return false;
      if (!readFlowRecord(view, view.getUint32(at), at + 8, next, context)) return false;
      at = next;
    }
    if (!context.hasPacket) {
      exporter.counters.unsupported++;
      return true;
    }
    this.#finish(context, rate, exporter, domain, told);
    return true;
  }

  #finish(context: SampleContext, rate: number, exporter: ExporterState, domain: Domain, told: Told): void {
    const { draft } = context;
    draft.setCounter(SOURCE_PACKETS, 1, 0);
    draft.setCounter(SOURCE_BYTES, context.frameBytes, 0);
    draft.start.set(told.nowMs);
    draft.end.set(told.nowMs);
    const from = {
      version: SFLOW_VERSION,
      domain: domain.id,
      address: told.agent,
      scale: exporter.scaleBySampling,
    };
    exporter.counters.records++;
    const record = draft.finish(from, { exportMs: told.nowMs, uptimeMs: -1 }, rate);
    record.set(EXPORT_DOMAIN, domain.id);
    told.sink(record);
  }

  /** Drops are a counter that grows for each data source. */
  #countDrops(domain: Domain, source: number, drops: number, exporter: ExporterState): void {
    const before = domain.drops.get(source);
    if (before !== undefined && drops >= before) exporter.counters.exporterDrops += drops - before;
    if (before === undefined && domain.drops.size >= MAX_SOURCES) return;
    domain.drops.set(source, drops);
  }

  #readCounters(view: DataView, from: number, end: number, exporter: ExporterState, told: Told): boolean {
    exporter.counters.optionRecords++;
    let at = from + 4;
    if (at > end) return false;
    const claimed = view.getUint32(from);
    for (let index = 0; index < Math.min(claimed, MAX_SAMPLES); index++) {
      if (at + 8 > end) return false;
      const next = at + 8 + view.getUint32(at + 4);
      if (next > end) return false;
      if (view.getUint32(at) === GENERIC_INTERFACE && this.#onCounters !== undefined) {
        const counters = readInterfaceCounters(view, at + 8, next, told.agent, told.nowMs);
        if (counters === null) return false;
        this.#onCounters(counters);
      }
      at = next;
    }
    return true;
  }
}

/** What the datagram says of all its samples. */
interface Told {
  readonly nowMs: number;
  readonly sink: RecordSink;
  /** Its agent's address, 4 or 16 bytes. */
  readonly agent: Uint8Array;
}
