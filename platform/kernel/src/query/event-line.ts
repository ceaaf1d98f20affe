/**
 * The events query line: `severity:high class:authentication asset:ID source:scan "words" -word attr.name:value`.
 *
 * | typed | means |
 * | --- | --- |
 * | `word`, `"two words"` | in the message, in any case |
 * | `-word` | not in the message |
 * | `key:value` | the field is that; the same key again: either of them |
 * | `-key:value` | the field is not that |
 * | `key:val*` | begins with it |
 * | `key:*` | is there at all |
 * | `key<5`, `severity>=high` | order |
 */
import type { EventFilter } from '../services/events.ts';
import { type QueryToken, type QueryTokenOp, tokenizeQueryLine } from './tokens.ts';

/** Parts of an `EventQuery`. */
export interface EventLine {
  readonly filter?: EventFilter;
  readonly text?: string;
  readonly classes?: readonly string[];
}

const ORDER: Readonly<Record<Exclude<QueryTokenOp, ':'>, 'lt' | 'gt' | 'le' | 'ge'>> = {
  '<': 'lt',
  '>': 'gt',
  '<=': 'le',
  '>=': 'ge',
};

/**
 * Field names are not checked here: the event store knows them.
 *
 * @throws UndercroftError `query.line.too-long` and nothing else
 */
export function parseEventLine(text: string): EventLine {
  const words: string[] = [];
  const classes: string[] = [];
  const wanted = new Map<string, EventFilter[]>();
  const filters: EventFilter[] = [];
  for (const token of tokenizeQueryLine(text)) {
    if (token.key === undefined) {
      if (token.negated) filters.push({ op: 'not', of: { op: 'contains', field: 'message', value: token.value } });
      else if (/\s/.test(token.value)) filters.push({ op: 'contains', field: 'message', value: token.value });
      else if (token.value !== '') words.push(token.value);
    } else if (token.key === 'class' && isPlain(token)) {
      classes.push(token.value);
    } else {
      const filter = tokenFilter(token.key, token);
      if (token.negated) filters.push({ op: 'not', of: filter });
      else if (token.op !== ':') filters.push(filter);
      else wanted.set(token.key, [...(wanted.get(token.key) ?? []), filter]);
    }
  }
  for (const either of wanted.values()) filters.push(either.length === 1 ? either[0]! : { op: 'or', of: either });
  return {
    ...(filters.length === 0 ? {} : { filter: filters.length === 1 ? filters[0]! : { op: 'and', of: filters } }),
    ...(words.length === 0 ? {} : { text: words.join(' ') }),
    ...(classes.length === 0 ? {} : { classes }),
  };
}

function isPlain(token: QueryToken): boolean {
  return !token.negated && token.op === ':' && (token.quoted || !token.value.endsWith('*'));
}

function tokenFilter(field: string, token: QueryToken): EventFilter {
  if (token.op !== ':') return { op: ORDER[token.op], field, value: token.value };
  if (!token.quoted && token.value === '*') return { op: 'exists', field };
  if (!token.quoted && token.value.endsWith('*')) return { op: 'prefix', field, value: token.value.slice(0, -1) };
  return { op: 'eq', field, value: token.value };
}
