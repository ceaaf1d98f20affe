/** A filter tree as an SQL condition with bound parameters. */
import { badRequest, type EventFilter, type JsonValue, type UndercroftError } from '@undercroft/kernel';
import { OTHERS_SEPARATOR } from '../protocol.ts';
import type { EventRegistry } from '../registry.ts';
import type { SqlParameter } from './compiled.ts';
import { type Field, resolveField } from './fields.ts';
import { fieldValue, shown } from './values.ts';

const MAX_DEPTH = 32;
const MAX_CONDITIONS = 500;
const MAX_IN_VALUES = 1_000;

const COMPARE = { eq: '=', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;
type Compare = keyof typeof COMPARE;

/** Fields and parameters of one statement, gathered while its parts are written. */
export class StatementScope {
  readonly registry: EventRegistry;
  readonly parameters: SqlParameter[] = [];
  readonly fields = new Map<string, Field>();
  conditions = 0;

  constructor(registry: EventRegistry) {
    this.registry = registry;
  }

  field(name: unknown): Field {
    const field = resolveField(name, this.registry);
    this.fields.set(field.column, field);
    return field;
  }

  bind(value: SqlParameter): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }
}

/**
 * Conditions are true or false as in JavaScript: what is not there equals nothing, and `not` of that is true. SQL's
 * third value is kept away from `NOT` by writing negations at the leaves.
 *
 * @throws UndercroftError 400 `events.query.filter`, `events.query.value`, `events.query.unknown-field`
 */
export function compileFilter(filter: EventFilter, scope: StatementScope, negated = false, depth = 0): string {
  if (depth > MAX_DEPTH) throw wrongFilter(`it is nested more than ${MAX_DEPTH} deep`);
  scope.conditions += 1;
  if (scope.conditions > MAX_CONDITIONS) throw wrongFilter(`it has more than ${MAX_CONDITIONS} conditions`);
  if (typeof filter !== 'object' || filter === null) throw wrongFilter(`${shown(filter)} is no condition`);
  switch (filter.op) {
    case 'and':
    case 'or': {
      if (!Array.isArray(filter.of)) throw wrongFilter(`"${filter.op}" needs a list "of" conditions`);
      const parts = Array.from(filter.of, (part: EventFilter) => compileFilter(part, scope, negated, depth + 1));
      const all = (filter.op === 'and') !== negated;
      if (parts.length === 0) return all ? 'true' : 'false';
      return `(${parts.join(all ? ' AND ' : ' OR ')})`;
    }
    case 'not':
      return compileFilter(filter.of, scope, !negated, depth + 1);
    case 'ne':
      return compileFilter({ op: 'eq', field: filter.field, value: filter.value }, scope, !negated, depth + 1);
    default: {
      const condition = compileLeaf(filter, scope);
      return negated ? `(${condition}) IS NOT TRUE` : condition;
    }
  }
}

type Leaf = Exclude<EventFilter, { readonly op: 'and' | 'or' | 'not' | 'ne' }>;

function compileLeaf(leaf: Leaf, scope: StatementScope): string {
  switch (leaf.op) {
    case 'eq':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return compileCompare(leaf.op, scope.field(leaf.field), leaf.value, scope);
    case 'in': {
      const field = scope.field(leaf.field);
      if (!Array.isArray(leaf.values) || leaf.values.length > MAX_IN_VALUES)
        throw wrongFilter(`"in" needs a list of at most ${MAX_IN_VALUES} "values"`);
      const values: JsonValue[] = Array.from(leaf.values);
      if (values.length === 0) return 'false';
      if (field.kind === 'asset')
        return `(${values.map((value) => compileCompare('eq', field, value, scope)).join(' OR ')})`;
      return `${field.sql} IN (${values.map((value) => scope.bind(fieldValue(field, value))).join(', ')})`;
    }
    case 'contains':
    case 'prefix':
      return compileText(leaf.op, scope.field(leaf.field), leaf.value, scope);
    case 'exists':
      return `${scope.field(leaf.field).sql} IS NOT NULL`;
    default:
      throw wrongFilter(`there is no operator ${shown((leaf as { op: unknown }).op)}`);
  }
}

function compileCompare(op: Compare, field: Field, value: JsonValue, scope: StatementScope): string {
  if (op !== 'eq' && (field.kind === 'bool' || field.kind === 'json'))
    throw wrongFilter(`${field.name} has no order, so "${op}" cannot be asked of it`);
  const bound = fieldValue(field, value);
  const condition = `${field.sql} ${COMPARE[op]} ${scope.bind(bound)}`;
  if (field.kind !== 'asset' || op !== 'eq' || String(bound).includes(OTHERS_SEPARATOR)) return condition;
  scope.fields.set('others', { ...field, column: 'others' });
  return `(${condition} OR contains(others, ${scope.bind(OTHERS_SEPARATOR + String(bound) + OTHERS_SEPARATOR)}))`;
}

/** `contains` in any case, `prefix` exactly. */
function compileText(op: 'contains' | 'prefix', field: Field, value: unknown, scope: StatementScope): string {
  if (field.kind !== 'text' && field.kind !== 'json' && field.kind !== 'asset')
    throw wrongFilter(`${field.name} is no text, so "${op}" cannot be asked of it`);
  const text = String(fieldValue({ ...field, kind: 'text' }, value as JsonValue));
  const needle = scope.bind(text);
  const condition =
    op === 'prefix' ? `starts_with(${field.sql}, ${needle})` : `contains(lower(${field.sql}), lower(${needle}))`;
  if (field.kind !== 'asset' || text.includes(OTHERS_SEPARATOR)) return condition;
  scope.fields.set('others', { ...field, column: 'others' });
  const others =
    op === 'prefix'
      ? `contains(others, ${scope.bind(OTHERS_SEPARATOR + text)})`
      : `contains(lower(others), lower(${needle}))`;
  // Without a first asset there are no others, and an empty text is in each.
  return `(${condition} OR ${others})`;
}

function wrongFilter(what: string): UndercroftError {
  return badRequest(
    'events.query.filter',
    `The filter is wrong: ${what}.`,
    'Operators: and, or, not, eq, ne, lt, le, gt, ge, in, contains, prefix, exists.',
  );
}
