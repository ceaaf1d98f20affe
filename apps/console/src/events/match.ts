/** Does an event that just came fit the line? The same meaning as the server's, so that a live tail keeps the filter. */
import type { PlatformEvent } from '../api/types.ts';
import { splitLine, type Word } from '../ui/query-line/words.ts';

const SEVERITIES: readonly string[] = ['unknown', 'informational', 'low', 'medium', 'high', 'critical', 'fatal'];

/** The value of a common column or an attribute; undefined where it has none. */
export function fieldValue(event: PlatformEvent, field: string): unknown {
  switch (field) {
    case 'asset':
      return event.assets;
    case 'id':
    case 'class':
    case 'activity':
    case 'severity':
    case 'source':
    case 'message':
    case 'tenant':
      return event[field];
    default:
      return (event.attributes as Readonly<Record<string, unknown>>)[field];
  }
}

/** Words must all be in the message; the same key again means either; a `-` turns a word round. */
export function eventMatcher(line: string): (event: PlatformEvent) => boolean {
  const tests: ((event: PlatformEvent) => boolean)[] = [];
  const either = new Map<string, Word[]>();
  for (const word of splitLine(line)) {
    if (word.key !== undefined && !word.negated && word.op === ':') {
      either.set(word.key, [...(either.get(word.key) ?? []), word]);
    } else {
      tests.push((event) => holds(event, word) !== word.negated);
    }
  }
  for (const words of either.values()) tests.push((event) => words.some((word) => holds(event, word)));
  return (event) => tests.every((test) => test(event));
}

function holds(event: PlatformEvent, word: Word): boolean {
  if (word.key === undefined) return event.message.toLowerCase().includes(word.value.toLowerCase());
  const value = fieldValue(event, word.key);
  const values = Array.isArray(value) ? value : [value];
  return values.some((one) => compares(word, one));
}

function compares(word: Word, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (word.op !== ':') return inOrder(word, value);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (!word.quoted && word.value === '*') return true;
  if (!word.quoted && word.value.endsWith('*')) return text.startsWith(word.value.slice(0, -1));
  return text === word.value;
}

function inOrder(word: Word, value: unknown): boolean {
  const rank = word.key === 'severity' ? (one: unknown) => SEVERITIES.indexOf(String(one)) : Number;
  const left = rank(value);
  const right = rank(word.value);
  if (Number.isNaN(left) || Number.isNaN(right)) return false;
  if (word.op === '<') return left < right;
  if (word.op === '<=') return left <= right;
  return word.op === '>' ? left > right : left >= right;
}
