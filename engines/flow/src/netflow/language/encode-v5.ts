/** Flow records to NetFlow version 5: IPv4 only, 32-bit counters, 16-bit AS numbers, 30 records a message. */
import * as L from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import {
  type Deliver,
  type EncoderCounters,
  type EncoderOptions,
  type FlowEncoder,
  fitsOneMessage,
  noEncoderCounts,
  Uptime,
} from './encoder.ts';
import { type Direction, directionsOf, endMs, icmpTypeCode, isIcmp, startMs, tcpFlags } from './one-way.ts';

const HEADER_BYTES = 24;
const RECORD_BYTES = 48;
const MAX_RECORDS = 30;
const U32_MAX = 0xffff_ffff;
/** RFC 6793: stands for an AS number that 16 bits cannot hold. */
const AS_TRANS = 23_456;

export class V5Encoder implements FlowEncoder {
  readonly counters: EncoderCounters = noEncoderCounts();
  readonly #deliver: Deliver;
  readonly #options: EncoderOptions;
  readonly #perMessage: number;
  readonly #uptime = new Uptime();
  readonly #times = new Float64Array(MAX_RECORDS * 2);
  readonly #buffer = new Uint8Array(HEADER_BYTES + MAX_RECORDS * RECORD_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #count = 0;
  #sequence = 0;
  #firstMs = 0;
  #lastMs = 0;

  constructor(deliver: Deliver, options: EncoderOptions) {
    this.#deliver = deliver;
    this.#options = options;
    this.#perMessage = Math.max(1, Math.min(MAX_RECORDS, Math.floor((options.maxBytes - HEADER_BYTES) / RECORD_BYTES)));
  }

  add(record: FlowRecord): void {
    if (!record.has(L.HAS_FLOW) || record.get(L.FLOW_TYPE) !== L.FLOW_IPV4) {
      this.counters.skipped++;
      return;
    }
    for (const direction of directionsOf(record)) this.#put(record, direction);
  }

  flush(): void {
    if (this.#count === 0) return;
    const view = this.#view;
    const { exportS, uptimeMs, bootMs } = this.#uptime.place(this.#firstMs, this.#lastMs, this.#options.nowMs());
    view.setUint16(0, 5);
    view.setUint16(2, this.#count);
    view.setUint32(4, uptimeMs);
    view.setUint32(8, exportS);
    view.setUint32(12, 0);
    view.setUint32(16, this.#sequence);
    view.setUint16(20, this.#options.domain);
    view.setUint16(22, 0);
    for (let index = 0; index < this.#count; index++) {
      const at = HEADER_BYTES + index * RECORD_BYTES;
      view.setUint32(at + 24, (this.#times[index * 2] as number) - bootMs);
      view.setUint32(at + 28, (this.#times[index * 2 + 1] as number) - bootMs);
    }
    const message = this.#buffer.slice(0, HEADER_BYTES + this.#count * RECORD_BYTES);
    this.#sequence = (this.#sequence + this.#count) >>> 0;
    this.#count = 0;
    this.counters.messages++;
    this.counters.bytes += message.length;
    this.#deliver(message);
  }

  #put(record: FlowRecord, direction: Direction): void {
    const first = startMs(record, direction);
    const last = Math.max(first, endMs(record, direction));
    if (this.#count > 0) {
      const earliest = Math.min(first, this.#firstMs);
      const latest = Math.max(last, this.#lastMs);
      if (this.#count === this.#perMessage || !fitsOneMessage(earliest, latest)) this.flush();
    }
    this.#firstMs = this.#count === 0 ? first : Math.min(first, this.#firstMs);
    this.#lastMs = this.#count === 0 ? last : Math.max(last, this.#lastMs);
    this.#times[this.#count * 2] = first;
    this.#times[this.#count * 2 + 1] = last;
    this.#write(record, direction, HEADER_BYTES + this.#count * RECORD_BYTES);
    this.#count++;
    this.counters.records++;
    if (this.#count === this.#perMessage) this.flush();
  }

  #write(record: FlowRecord, direction: Direction, at: number): void {
    const view = this.#view;
    const { bytes, base } = record;
    this.#buffer.fill(0, at, at + RECORD_BYTES);
    for (let index = 0; index < 4; index++) {
      this.#buffer[at + index] = bytes[(base + direction.source) * 4 + index] as number;
      this.#buffer[at + 4 + index] = bytes[(base + direction.destination) * 4 + index] as number;
      if (record.get(L.NEXT_HOP_VERSION) === 4 && !direction.reverse) {
        this.#buffer[at + 8 + index] = bytes[(base + L.NEXT_HOP) * 4 + index] as number;
      }
    }
    view.setUint16(at + 12, Math.min(record.get(direction.input), 0xffff));
    view.setUint16(at + 14, Math.min(record.get(direction.output), 0xffff));
    view.setUint32(at + 16, this.#clamp(record.getWide(direction.packets)));
    view.setUint32(at + 20, this.#clamp(record.getWide(direction.bytes)));
    if (isIcmp(record)) view.setUint16(at + 34, icmpTypeCode(record, direction));
    else {
      view.setUint16(at + 32, record.get(direction.sourcePort));
      view.setUint16(at + 34, record.get(direction.destinationPort));
    }
    view.setUint8(at + 37, tcpFlags(record, direction));
    view.setUint8(at + 38, record.get(L.PROTOCOL));
    view.setUint8(at + 39, record.get(direction.tos));
    view.setUint16(at + 40, shortAsn(record.get(direction.sourceAsn)));
    view.setUint16(at + 42, shortAsn(record.get(direction.destinationAsn)));
    view.setUint8(at + 44, record.get(direction.sourceMask));
    view.setUint8(at + 45, record.get(direction.destinationMask));
  }

  #clamp(value: number): number {
    if (value <= U32_MAX) return value;
    this.counters.clamped++;
    return U32_MAX;
  }
}

function shortAsn(number: number): number {
  return number > 0xffff ? AS_TRANS : number;
}
