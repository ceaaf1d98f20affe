/** Attribute values: one text for one value, and what a search compares with. */
import type { JsonValue } from '@undercroft/kernel';

/** In an index: PostgreSQL's rows there hold 2,700 bytes. */
const MAX_MATCH_LENGTH = 500;

/** JSON with the fields of objects in order, so that equal values are equal texts. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Lower-case text of a value; each element of a list on a line of its own. Cut at {@link MAX_MATCH_LENGTH} characters. */
export function matchText(value: JsonValue): string {
  return plainText(value).replaceAll('\0', '\ufffd').toLowerCase().slice(0, MAX_MATCH_LENGTH);
}

export function matchNumber(value: JsonValue): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && /^-?\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : null;
}

function plainText(value: JsonValue): string {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map(plainText).join('\n');
  if (typeof value === 'object') return canonicalJson(value);
  return String(value);
}
