/** What a field name of a query means: the only way from a name in a query to an identifier in SQL. */
import { badRequest, type EventColumnType, type UndercroftError } from '@undercroft/kernel';
import type { EventRegistry } from '../registry.ts';
import { nearNames } from './near.ts';
import { shown } from './values.ts';

/** How values of a field compare. */
export type FieldKind = 'text' | 'number' | 'bool' | 'time' | 'severity' | 'json' | 'asset';

export interface Field {
  /** As in results and group keys. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Quoted SQL over the relation. */
  readonly sql: string;
  readonly column: string;
  /** Absent for a common column. */
  readonly attribute?: EventColumnType;
}

const COMMON: readonly (readonly [string, string, FieldKind])[] = [
  ['id', 'id', 'text'],
  ['class', 'class', 'text'],
  ['timeUs', 'time_ns', 'time'],
  ['receivedUs', 'received_ns', 'time'],
  ['tenant', 'tenant', 'text'],
  ['severity', 'severity', 'severity'],
  ['activity', 'activity', 'text'],
  ['source', 'source', 'text'],
  ['asset', 'asset', 'asset'],
  ['message', 'message', 'text'],
];
/** Other names for common columns. */
const ALIASES: Readonly<Record<string, string>> = {
  time: 'timeUs',
  timeAt: 'timeUs',
  received: 'receivedUs',
  receivedAt: 'receivedUs',
  assets: 'asset',
};
const FIELDS = new Map<string, Field>(
  COMMON.map(([name, column, kind]) => [name, { name, kind, column, sql: quoteName(column) }]),
);
const KINDS: Readonly<Record<EventColumnType, FieldKind>> = {
  string: 'text',
  bool: 'bool',
  int32: 'number',
  int64: 'number',
  uint16: 'number',
  uint32: 'number',
  float64: 'number',
  time: 'time',
  json: 'json',
};

/** @throws UndercroftError `events.query.unknown-field`, 400, naming near ones */
export function resolveField(name: unknown, registry: EventRegistry): Field {
  if (typeof name !== 'string') throw unknownField(shown(name), registry);
  const common = FIELDS.get(Object.hasOwn(ALIASES, name) ? ALIASES[name]! : name);
  if (common !== undefined) return common;
  const type = registry.attributes.get(name);
  if (type === undefined) throw unknownField(name, registry);
  return { name, kind: KINDS[type], column: name, sql: quoteName(name), attribute: type };
}

function unknownField(name: string, registry: EventRegistry): UndercroftError {
  const near = nearNames(name, [...FIELDS.keys(), ...registry.attributes.keys()]);
  return badRequest(
    'events.query.unknown-field',
    `Events have no field ${JSON.stringify(name.slice(0, 200))}.`,
    near.length > 0
      ? `Did you mean ${near.join(', ')}?`
      : 'Event classes and their fields: GET /platform/v1/events/classes.',
  );
}

/** Only for names that were declared. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
