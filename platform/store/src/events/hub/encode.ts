/** Events to columns: what crosses to the child. */
import { type EventColumnType, type JsonValue, type PlatformEvent, SEVERITIES } from '@undercroft/kernel';
import { type AttributeValue, type ColumnBatch, OTHERS_SEPARATOR } from '../protocol.ts';
import type { EventRegistry, RegisteredClass } from '../registry.ts';

const INTEGER_RANGES: Partial<Record<EventColumnType, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  time: [0, Number.MAX_SAFE_INTEGER],
};

/** One batch a class; within a class the order of the events stays. */
export function encodeEvents(events: readonly PlatformEvent[], registry: EventRegistry): ColumnBatch[] {
  const byClass = new Map<string, PlatformEvent[]>();
  for (const event of events) {
    const list = byClass.get(event.class);
    if (list === undefined) byClass.set(event.class, [event]);
    else list.push(event);
  }
  return [...byClass].map(([name, list]) => encodeClass(list, registry.classes.get(name)!));
}

function encodeClass(events: readonly PlatformEvent[], type: RegisteredClass): ColumnBatch {
  const rows = events.length;
  const timeUs = new Float64Array(rows);
  const receivedUs = new Float64Array(rows);
  const severity = new Uint8Array(rows);
  const unmapped = new Array<string | null>(rows).fill(null);
  const columns = new Map<string, AttributeValue[]>();
  for (let row = 0; row < rows; row++) {
    const event = events[row]!;
    timeUs[row] = event.timeUs;
    receivedUs[row] = event.receivedUs;
    severity[row] = SEVERITIES.indexOf(event.severity);
    unmapped[row] = encodeAttributes(event.attributes, type, row, rows, columns);
  }
  return {
    class: type.name,
    rows,
    id: events.map((event) => event.id),
    timeUs,
    receivedUs,
    tenant: events.map((event) => event.tenant),
    severity,
    activity: events.map((event) => event.activity),
    source: events.map((event) => event.source),
    asset: events.map((event) => event.assets[0] ?? null),
    others: events.map((event) => encodeOthers(event.assets)),
    message: events.map((event) => event.message),
    unmapped,
    attributes: [...columns].map(([name, values]) => ({ name, values })),
  };
}

/** @returns what the class has no column for, as JSON, or null */
function encodeAttributes(
  attributes: PlatformEvent['attributes'],
  type: RegisteredClass,
  row: number,
  rows: number,
  columns: Map<string, AttributeValue[]>,
): string | null {
  let rest: Record<string, JsonValue> | undefined;
  for (const name in attributes) {
    const value = attributes[name];
    if (value === undefined || value === null) continue;
    const columnType = type.columns.get(name);
    const encoded = columnType === undefined ? undefined : encodeValue(value, columnType);
    if (encoded === undefined) {
      rest ??= Object.create(null) as Record<string, JsonValue>;
      rest[name] = value;
      continue;
    }
    let column = columns.get(name);
    if (column === undefined) {
      column = new Array<AttributeValue>(rows).fill(null);
      columns.set(name, column);
    }
    column[row] = encoded;
  }
  return rest === undefined ? null : JSON.stringify(rest);
}

/** @returns undefined when the value does not fit the column: it is kept in `unmapped` as it is */
export function encodeValue(value: JsonValue, type: EventColumnType): string | number | boolean | undefined {
  if (type === 'json') return JSON.stringify(value);
  if (type === 'string') {
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  }
  if (type === 'bool') return typeof value === 'boolean' ? value : undefined;
  if (typeof value !== 'number') return undefined;
  if (type === 'float64') return Number.isFinite(value) ? value : undefined;
  const [least, most] = INTEGER_RANGES[type]!;
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

function encodeOthers(assets: readonly string[]): string | null {
  if (assets.length < 2) return null;
  return OTHERS_SEPARATOR + assets.slice(1).join(OTHERS_SEPARATOR) + OTHERS_SEPARATOR;
}
