/** Many events of a bulk class, as they are handed in, to a batch of columns. */
import {
  badRequest,
  type Clock,
  columnLength,
  columnValue,
  DEFAULT_TENANT,
  type EventColumn,
  type EventColumnType,
  type EventRows,
  isCoded,
  isPartial,
  MAX_EVENT_ROWS,
  type NumberArray,
  SEVERITIES,
} from '@undercroft/kernel';
import { type ColumnBatch, OTHERS_SEPARATOR } from '../protocol.ts';
import type { EventRegistry } from '../registry.ts';
import { encodeValue } from './encode.ts';

const INFORMATIONAL = SEVERITIES.indexOf('informational');
/** What a number weighs in a queue, in characters. */
const NUMBER_LENGTH = 8;

/** @throws UndercroftError `events.rows.invalid`, 400 */
export function batchOfRows(
  input: EventRows,
  registry: EventRegistry,
  source: string,
  nextId: (nowMs: number) => string,
  clock: Clock,
): ColumnBatch {
  const type = registry.classes.get(input.class);
  if (type?.bulk !== true) throw invalid(`${JSON.stringify(input.class)} is no bulk class`);
  const { rows, timeUs } = input;
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_EVENT_ROWS)
    throw invalid(`1 to ${MAX_EVENT_ROWS} rows are taken at once, not ${String(rows)}`);
  for (const [name, column] of Object.entries({ timeUs, asset: input.asset, others: input.others, ...input.columns })) {
    if (column === undefined) continue;
    const length = columnLength(column);
    if (length !== rows)
      throw invalid(`${name} has ${length < 0 ? 'parts of different length' : `${length} values`}, not ${rows}`);
  }
  const nowMs = clock.nowMs();
  return {
    class: type.name,
    rows,
    id: Array.from({ length: rows }, () => nextId(nowMs)),
    timeUs: timeUs.every(isTime) ? timeUs : timeUs.map((time) => (isTime(time) ? time : nowMs * 1000)),
    receivedUs: new Float64Array(rows).fill(clock.nowUs()),
    tenant: input.tenant ?? DEFAULT_TENANT,
    severity: INFORMATIONAL,
    activity: 'traffic',
    source,
    asset: input.asset ?? null,
    others: input.others === undefined ? null : separated(input.others),
    message: '',
    unmapped: null,
    attributes: Object.entries(input.columns).map(([name, values]) => {
      const column = type.columns.get(name);
      if (column === undefined) throw invalid(`${type.name} has no attribute ${JSON.stringify(name)}`);
      return { name, values: fitting(values, column) };
    }),
  };
}

/** Characters that it takes up while it waits. */
export function rowsLength(batch: ColumnBatch): number {
  return batch.rows * (batch.attributes.length + 6) * NUMBER_LENGTH;
}

/** A value that its column cannot hold is null: one odd flow does not keep the others out. */
function fitting(values: EventColumn, type: EventColumnType): EventColumn {
  if (isCoded(values)) {
    if (type === 'string') return { values: values.values.map(textOrNull), codes: values.codes };
  } else if (isPartial(values)) {
    if (holds(values.values, type)) return values;
  } else if (ArrayBuffer.isView(values) && holds(values, type)) return values;
  return Array.from({ length: columnLength(values) }, (_, row) => {
    const value = columnValue(values, row);
    return value === null ? null : (encodeValue(value, type) ?? null);
  });
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** One further asset each, as the store searches them. */
function separated(others: NonNullable<EventRows['others']>): NonNullable<ColumnBatch['others']> {
  const wrap = (id: string | null): string | null => (id === null ? null : OTHERS_SEPARATOR + id + OTHERS_SEPARATOR);
  return 'codes' in others ? { values: others.values.map(wrap), codes: others.codes } : others.map(wrap);
}

function holds(values: NumberArray, type: EventColumnType): boolean {
  if (values instanceof Float64Array)
    return type === 'float64' || (type === 'int64' && values.every(Number.isSafeInteger));
  if (values instanceof Uint32Array) return type === 'uint32' || type === 'int64';
  if (values instanceof Int32Array) return type === 'int32' || type === 'int64';
  return type === 'uint16' || type === 'uint32' || type === 'int32' || type === 'int64';
}

function isTime(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function invalid(what: string) {
  return badRequest('events.rows.invalid', `The rows are not taken: ${what}.`);
}
