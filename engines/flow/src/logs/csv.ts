/** Records as CSV (RFC 4180) with a chosen list of fields. */
import { UndercroftError } from '@undercroft/kernel';
import type { FlowRecord } from '../record/record.ts';
import { DEFAULT_FIELDS, FIELDS, type FieldReader, type FieldValue } from './fields.ts';

export class CsvFormat {
  readonly header: string;
  readonly #readers: readonly FieldReader[];

  /** @throws UndercroftError `flow.log.field` that names all fields that are none */
  constructor(names: readonly string[] = DEFAULT_FIELDS) {
    const unknown = names.filter((name) => !Object.hasOwn(FIELDS, name));
    if (unknown.length > 0) {
      throw new UndercroftError('flow.log.field', `no such field: ${unknown.join(', ')}`, {
        fix: `Fields are ${Object.keys(FIELDS).join(', ')}.`,
      });
    }
    this.header = names.join(',');
    this.#readers = names.map((name) => FIELDS[name] as FieldReader);
  }

  /** One line without its end; what is not told is empty. */
  line(record: FlowRecord): string {
    return this.#readers.map((read) => cell(read(record))).join(',');
  }
}

function cell(value: FieldValue): string {
  if (value === null) return '';
  // Seconds of today have 9 digits of nanoseconds that a double cannot hold: microseconds are exact.
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(6);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
