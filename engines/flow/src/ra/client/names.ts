/** Names of files made of the records that go into them: `%` parts of a time, `$field` parts. */
import { KIND, KIND_MANAGEMENT } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { RowWriter } from '../fields/row.ts';
import { FIELDS } from '../fields/table.ts';
import { type Settings, UsageError } from '../options/settings.ts';
import { strftime } from '../text/strftime.ts';
import { type Zone, zoneOf } from '../text/zone.ts';
import { styleOf } from './style.ts';

const US_PER_S = 1e6;
const MAX_PART_LENGTH = 128;
const NUMERIC = 2;
const COMMA = 44;
type Part = string | ((record: FlowRecord) => string);

export class FileNames {
  readonly #parts: readonly Part[];
  readonly #zone: Zone;
  readonly hasTime: boolean;
  readonly hasFields: boolean;

  /** @throws UsageError for a field that is none */
  constructor(template: string, settings: Settings) {
    this.#zone = zoneOf(settings.timeZone);
    this.#parts = partsOf(template, settings);
    this.hasTime = /%[A-Za-z]/.test(template);
    this.hasFields = this.#parts.some((part) => typeof part !== 'string');
  }

  /** @param timeUs microseconds since 1970 */
  name(record: FlowRecord, timeUs: number): string {
    let text = '';
    for (const part of this.#parts) {
      if (typeof part !== 'string') text += part(record);
      else text += this.hasTime ? strftime(part, Math.floor(timeUs / US_PER_S), this.#zone) : part;
    }
    return text;
  }
}

function partsOf(template: string, settings: Settings): Part[] {
  const style = { ...styleOf(settings), numeric: NUMERIC };
  return template.split(/(\$[a-z]+\d*)/).map((part): Part => {
    if (!part.startsWith('$')) return part;
    const field = FIELDS.get(part.slice(1));
    if (field === undefined) throw new UsageError();
    const columns = [{ field, width: MAX_PART_LENGTH }];
    const rows = new RowWriter(columns, style, { delimiter: COMMA, variable: true, quote: 0, dotBeforePort: false });
    return (record) => {
      if (record.get(KIND) === KIND_MANAGEMENT) return 'man';
      const count = rows.write(record, { offset: 0, rank: 0 });
      const text = rows.line.toString('latin1', 0, count).trim();
      return safePart(text);
    };
  });
}

/** Text of a record that can neither lead out of the folder nor hide a file. */
export function safePart(text: string): string {
  const safe = text
    .slice(0, MAX_PART_LENGTH)
    .replace(/[^A-Za-z0-9_.:@+=,-]/g, '_')
    .replace(/^\.+/, '_');
  return safe === '' ? '_' : safe;
}
