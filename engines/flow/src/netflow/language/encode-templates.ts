/** Flow records to NetFlow version 9 and IPFIX: templates, repeated as UDP needs it, and data sets. */
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
import { END_UPTIME, type ExportField, exportFields, START_UPTIME } from './export-fields.ts';
import { BACK, type Direction, directionsOf, endMs, startMs, THERE } from './one-way.ts';

const FORMS = {
  9: { headerBytes: 20, templateSet: 0 },
  10: { headerBytes: 16, templateSet: 2 },
} as const;
const SET_HEADER_BYTES = 4;
const ENTERPRISE_BIT = 0x8000;
const DEFAULT_TEMPLATE_MESSAGES = 20;
const DEFAULT_TEMPLATE_MS = 60_000;

interface OutTemplate {
  readonly id: number;
  readonly fields: readonly ExportField[];
  readonly recordBytes: number;
  /** Where the uptimes are in a record; -1 where it has other times. */
  readonly startAt: number;
  readonly endAt: number;
}

export class TemplateEncoder implements FlowEncoder {
  readonly counters: EncoderCounters = noEncoderCounts();
  readonly #version: 9 | 10;
  readonly #deliver: Deliver;
  readonly #options: EncoderOptions;
  readonly #biflow: boolean;
  readonly #ipv4: OutTemplate;
  readonly #ipv6: OutTemplate;
  readonly #buffer: Uint8Array;
  readonly #view: DataView;
  readonly #uptime = new Uptime();
  /** Position, start, end of each record whose uptimes are still to be written. */
  readonly #unplaced: { at: number; template: OutTemplate; first: number; last: number }[] = [];
  #at = 0;
  /** Where the open set begins; 0 if none is open. */
  #setAt = 0;
  #setId = 0;
  /** Records in the message, templates too, and data records alone. */
  #count = 0;
  #dataCount = 0;
  #firstMs = 0;
  #lastMs = 0;
  #sequence = 0;
  #messagesSinceTemplates = -1;
  #templatesSentMs = 0;

  /** @param version 9, or 10 for IPFIX */
  constructor(version: 9 | 10, deliver: Deliver, options: EncoderOptions) {
    this.#version = version;
    this.#deliver = deliver;
    this.#options = options;
    this.#biflow = version === 10 && (options.biflow ?? false);
    const times = version === 9 ? 'uptime' : (options.times ?? 'ms');
    this.#ipv4 = outTemplate(256, exportFields(4, times, this.#biflow, version === 10));
    this.#ipv6 = outTemplate(257, exportFields(6, times, this.#biflow, version === 10));
    // A message has place for the templates and one record, whatever was asked for.
    const least = FORMS[version].headerBytes + templateBytes([this.#ipv4, this.#ipv6]) + this.#ipv6.recordBytes + 8;
    this.#buffer = new Uint8Array(Math.min(Math.max(options.maxBytes, least), 65_535));
    this.#view = new DataView(this.#buffer.buffer);
  }

  add(record: FlowRecord): void {
    const type = record.get(L.FLOW_TYPE);
    const template = type === L.FLOW_IPV4 ? this.#ipv4 : type === L.FLOW_IPV6 ? this.#ipv6 : null;
    if (template === null || !record.has(L.HAS_FLOW)) {
      this.counters.skipped++;
      return;
    }
    const directions = directionsOf(record);
    if (this.#biflow && directions[0] === THERE) this.#put(record, template, THERE, directions.length === 2);
    else for (const direction of directions) this.#put(record, template, direction, false);
  }

  flush(): void {
    if (this.#dataCount === 0) return;
    this.#closeSet();
    this.#writeHeader();
    const message = this.#buffer.slice(0, this.#at);
    this.#at = 0;
    this.#sequence = (this.#sequence + (this.#version === 9 ? 1 : this.#dataCount)) >>> 0;
    this.#dataCount = 0;
    this.counters.messages++;
    this.counters.bytes += message.length;
    this.#deliver(message);
  }

  #put(record: FlowRecord, template: OutTemplate, direction: Direction, isPair: boolean): void {
    let first = startMs(record, direction);
    let last = Math.max(first, endMs(record, direction));
    if (isPair) {
      first = Math.min(first, startMs(record, BACK));
      last = Math.max(last, endMs(record, BACK));
    }
    this.#makeRoom(template, first, last);
    const { fields } = template;
    let at = this.#at;
    for (const field of fields) {
      field.write(this.#view, at, record, direction);
      at += field.bytes;
    }
    if (template.startAt >= 0) this.#unplaced.push({ at: this.#at, template, first, last });
    this.#at = at;
    this.#count++;
    this.#dataCount++;
    this.counters.records++;
    this.#firstMs = this.#dataCount === 1 ? first : Math.min(first, this.#firstMs);
    this.#lastMs = this.#dataCount === 1 ? last : Math.max(last, this.#lastMs);
  }

  #makeRoom(template: OutTemplate, first: number, last: number): void {
    const needed = template.recordBytes + (this.#setId === template.id && this.#setAt > 0 ? 0 : SET_HEADER_BYTES + 3);
    const spans = fitsOneMessage(Math.min(first, this.#firstMs), Math.max(last, this.#lastMs));
    if (this.#dataCount > 0 && (this.#at + needed + 3 > this.#buffer.length || !spans)) this.flush();
    if (this.#at === 0) this.#begin();
    if (this.#setAt > 0 && this.#setId === template.id) return;
    this.#closeSet();
    this.#openSet(template.id);
  }

  #begin(): void {
    this.#at = FORMS[this.#version].headerBytes;
    this.#count = 0;
    this.#dataCount = 0;
    this.#setAt = 0;
    if (!this.#templatesDue()) {
      this.#messagesSinceTemplates++;
      return;
    }
    this.#messagesSinceTemplates = 1;
    this.#templatesSentMs = this.#options.nowMs();
    this.#openSet(FORMS[this.#version].templateSet);
    for (const template of [this.#ipv4, this.#ipv6]) this.#writeTemplate(template);
    this.#closeSet();
  }

  #templatesDue(): boolean {
    if (this.#messagesSinceTemplates < 0) return true;
    const messages = this.#options.templateMessages ?? DEFAULT_TEMPLATE_MESSAGES;
    const ms = this.#options.templateMs ?? DEFAULT_TEMPLATE_MS;
    if (messages > 0 && this.#messagesSinceTemplates >= messages) return true;
    return ms > 0 && this.#options.nowMs() - this.#templatesSentMs >= ms;
  }

  #writeTemplate(template: OutTemplate): void {
    const view = this.#view;
    view.setUint16(this.#at, template.id);
    view.setUint16(this.#at + 2, template.fields.length);
    this.#at += 4;
    for (const field of template.fields) {
      view.setUint16(this.#at, field.enterprise === 0 ? field.element : field.element | ENTERPRISE_BIT);
      view.setUint16(this.#at + 2, field.bytes);
      this.#at += 4;
      if (field.enterprise === 0) continue;
      view.setUint32(this.#at, field.enterprise);
      this.#at += 4;
    }
    this.#count++;
  }

  #openSet(id: number): void {
    this.#setAt = this.#at;
    this.#setId = id;
    this.#view.setUint16(this.#at, id);
    this.#at += SET_HEADER_BYTES;
  }

  /** Padded to whole words. */
  #closeSet(): void {
    if (this.#setAt === 0) return;
    while ((this.#at - this.#setAt) % 4 !== 0) this.#buffer[this.#at++] = 0;
    this.#view.setUint16(this.#setAt + 2, this.#at - this.#setAt);
    this.#setAt = 0;
  }

  #writeHeader(): void {
    const view = this.#view;
    const { exportS, uptimeMs, bootMs } = this.#uptime.place(this.#firstMs, this.#lastMs, this.#options.nowMs());
    view.setUint16(0, this.#version);
    if (this.#version === 9) {
      view.setUint16(2, this.#count);
      view.setUint32(4, uptimeMs);
      view.setUint32(8, exportS);
      view.setUint32(12, this.#sequence);
      view.setUint32(16, this.#options.domain);
    } else {
      view.setUint16(2, this.#at);
      view.setUint32(4, exportS);
      view.setUint32(8, this.#sequence);
      view.setUint32(12, this.#options.domain);
    }
    for (const { at, template, first, last } of this.#unplaced) {
      view.setUint32(at + template.startAt, first - bootMs);
      view.setUint32(at + template.endAt, last - bootMs);
    }
    this.#unplaced.length = 0;
  }
}

function outTemplate(id: number, fields: readonly ExportField[]): OutTemplate {
  let at = 0;
  let startAt = -1;
  let endAt = -1;
  for (const field of fields) {
    if (field.element === START_UPTIME) startAt = at;
    if (field.element === END_UPTIME) endAt = at;
    at += field.bytes;
  }
  return { id, fields, recordBytes: at, startAt, endAt };
}

function templateBytes(templates: readonly OutTemplate[]): number {
  const fields = templates.flatMap((template) => template.fields);
  return (
    SET_HEADER_BYTES +
    templates.length * 4 +
    fields.length * 4 +
    fields.filter((each) => each.enterprise > 0).length * 4
  );
}
