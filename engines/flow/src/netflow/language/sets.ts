/** The sets of NetFlow version 9 and IPFIX: templates, options templates, data. */
import type { Draft, ExportTime, RecordOrigin } from './draft.ts';
import type { Domain, ExporterState } from './exporter.ts';
import { readField } from './fields.ts';
import type { RecordSink } from './message.ts';
import { OP_SKIP } from './operations.ts';
import { move } from './plan.ts';
import { parseTemplate, type Template, VARIABLE } from './template.ts';

const FIRST_DATA_SET = 256;
const SET_HEADER_BYTES = 4;
/** Numbers of the sets that hold templates, and whether elements may belong to an enterprise. */
const SETS = {
  9: { template: 0, options: 1, enterprises: false },
  10: { template: 2, options: 3, enterprises: true },
} as const;

/** What is at hand while a message's sets are read. */
export interface SetContext {
  readonly exporter: ExporterState;
  readonly domain: Domain;
  readonly time: ExportTime;
  readonly draft: Draft;
  readonly sink: RecordSink;
  readonly from: RecordOrigin;
}

/**
 * Reads the sets of one message. A set whose length does not hold ends the message; what stands before it counts.
 *
 * @returns data records, options too; null where a set's template is not known, so that nobody can count them
 */
export function readSets(view: DataView, at: number, context: SetContext): number | null {
  const { exporter, domain } = context;
  const { counters } = exporter;
  const sets = SETS[domain.version as 9 | 10];
  let records: number | null = 0;
  let position = at;
  while (position + SET_HEADER_BYTES <= view.byteLength) {
    const id = view.getUint16(position);
    const bytes = view.getUint16(position + 2);
    const end = position + bytes;
    if (bytes < SET_HEADER_BYTES || end > view.byteLength) {
      counters.malformed++;
      return records;
    }
    const from = position + SET_HEADER_BYTES;
    if (id === sets.template) readTemplates(view, from, end, false, sets.enterprises, context);
    else if (id === sets.options) readTemplates(view, from, end, true, sets.enterprises, context);
    else if (id >= FIRST_DATA_SET) {
      const template = domain.templates.get(id);
      if (template === undefined) {
        hold(view, from, end, id, context);
        records = null;
      } else {
        const read: number = readData(view, from, end, template, context);
        if (records !== null) records += read;
      }
    } else counters.unsupported++;
    position = end;
  }
  return records;
}

function hold(view: DataView, from: number, end: number, templateId: number, context: SetContext): void {
  const { counters } = context.exporter;
  counters.unknownTemplateSets++;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + from, end - from).slice();
  context.domain.hold({ templateId, bytes, ...context.time }, counters);
}

/** A template set may hold several templates; padding, which is shorter than a template, ends it. */
function readTemplates(
  view: DataView,
  from: number,
  end: number,
  options: boolean,
  enterprises: boolean,
  context: SetContext,
): void {
  const { counters } = context.exporter;
  let at = from;
  while (at + 4 <= end) {
    const id = view.getUint16(at);
    if (id < FIRST_DATA_SET && enterprises && view.getUint16(at + 2) === 0 && id !== 0) {
      withdrawAll(options, context);
      at += 4;
      continue;
    }
    if (id < FIRST_DATA_SET) {
      if (id !== 0) counters.malformed++;
      return;
    }
    const head = templateHead(view, at, end, options, enterprises);
    if (head === null) {
      counters.malformed++;
      return;
    }
    at = head.at;
    if (head.fields === 0) {
      context.domain.withdraw(id, counters);
      continue;
    }
    const parsed = parseTemplate(view, at, end, head.fields, { id, options, enterprises });
    if (parsed === null) {
      counters.malformed++;
      return;
    }
    at = parsed.end;
    context.domain.addTemplate(parsed.template, counters);
    replay(id, context);
  }
}

/** @returns how many fields follow, scope fields included, and where; no fields withdraws the template */
function templateHead(
  view: DataView,
  at: number,
  end: number,
  options: boolean,
  enterprises: boolean,
): { readonly fields: number; readonly at: number } | null {
  if (!options) return { fields: view.getUint16(at + 2), at: at + 4 };
  if (enterprises) {
    // IPFIX counts all fields, then those of the scope; a withdrawal ends before the second count.
    const fields = view.getUint16(at + 2);
    if (fields === 0) return { fields: 0, at: at + 4 };
    return at + 6 <= end ? { fields, at: at + 6 } : null;
  }
  if (at + 6 > end) return null;
  // Version 9 tells bytes.
  const scope = view.getUint16(at + 2);
  const option = view.getUint16(at + 4);
  return (scope + option) % 4 === 0 && scope + option > 0 ? { fields: (scope + option) / 4, at: at + 6 } : null;
}

function withdrawAll(options: boolean, context: SetContext): void {
  for (const template of [...context.domain.templates.values()]) {
    if (template.options === options) context.domain.withdraw(template.id, context.exporter.counters);
  }
}

function replay(templateId: number, context: SetContext): void {
  const { domain, exporter } = context;
  if (domain.held.length === 0) return;
  const template = domain.templates.get(templateId);
  if (template === undefined) return;
  for (const set of domain.release(templateId)) {
    exporter.counters.heldSetsReplayed++;
    const view = new DataView(set.bytes.buffer, set.bytes.byteOffset, set.bytes.byteLength);
    readData(view, 0, view.byteLength, template, { ...context, time: set });
  }
}

function readData(view: DataView, from: number, end: number, template: Template, context: SetContext): number {
  const { counters } = context.exporter;
  let records = 0;
  let at = from;
  // What is shorter than a record is padding.
  while (at + template.leastBytes <= end) {
    const { draft } = context;
    draft.begin();
    const next =
      template.fixedBytes > 0 ? readFixed(view, at, template, context) : readVaried(view, at, end, template, context);
    if (next < 0) {
      counters.malformed++;
      return records;
    }
    at = next;
    records++;
    if (template.options) finishOptions(context);
    else finishFlow(context);
  }
  return records;
}

function readFixed(view: DataView, at: number, template: Template, context: SetContext): number {
  const { draft, time } = context;
  const { rest } = template.plan;
  move(draft, template.plan, view, at);
  for (let index = 0; index < rest.length; index += 4) {
    readField(draft, rest[index] as number, view, at + (rest[index + 2] as number), rest[index + 3] as number, time);
  }
  return at + template.fixedBytes;
}

/** Some fields bring their length along; lists and other structured data are such fields and are passed over. */
function readVaried(view: DataView, at: number, end: number, template: Template, context: SetContext): number {
  const { operations, lengths } = template;
  let position = at;
  for (let index = 0; index < operations.length; index++) {
    let bytes = lengths[index] as number;
    if (bytes === VARIABLE) {
      if (position + 1 > end) return -1;
      bytes = view.getUint8(position);
      position += 1;
      if (bytes === 255) {
        if (position + 2 > end) return -1;
        bytes = view.getUint16(position);
        position += 2;
      }
    }
    if (position + bytes > end) return -1;
    const operation = operations[index] as number;
    if (operation !== OP_SKIP) readField(context.draft, operation, view, position, bytes, context.time);
    position += bytes;
  }
  return position;
}

function finishFlow(context: SetContext): void {
  const { draft, domain, exporter } = context;
  if (draft.bootMs === 0) draft.bootMs = domain.bootMs;
  const rate = domain.samplers.get(draft.samplerId) ?? domain.samplingRate;
  exporter.counters.records++;
  context.sink(draft.finish(context.from, context.time, rate));
}

/** Options tell the sampling rate, of one sampler or of all, and when the exporter has started. */
function finishOptions(context: SetContext): void {
  const { draft, domain, exporter } = context;
  exporter.counters.optionRecords++;
  let rate = draft.samplingRate;
  if (draft.sampledPackets > 0) rate = (draft.sampledPackets + draft.skippedPackets) / draft.sampledPackets;
  if (rate > 0) {
    if (draft.samplerId >= 0) domain.setSampler(draft.samplerId, rate, exporter.counters);
    else domain.samplingRate = rate;
  }
  if (draft.bootMs > 0) domain.bootMs = draft.bootMs;
}
