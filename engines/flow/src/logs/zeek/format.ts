/**
 * Zeek's logs: tab-separated with a header that names and types the fields, or JSON lines with the same names.
 *
 * @see Zeek manual, "Log Files", "ASCII writer"
 */

export type ZeekType =
  | 'time'
  | 'interval'
  | 'string'
  | 'addr'
  | 'port'
  | 'enum'
  | 'count'
  | 'bool'
  | 'double'
  | 'set[enum]'
  | 'set[string]'
  | 'vector[string]'
  | 'vector[interval]';

export type ZeekValue = string | number | boolean | readonly (string | number)[] | null | undefined;

export interface ZeekField<Row> {
  readonly name: string;
  readonly type: ZeekType;
  /** null and undefined are "not set". */
  readonly read: (row: Row) => ZeekValue;
}

export interface ZeekLog<Row> {
  /** conn, dns, http, ssl. */
  readonly path: string;
  readonly fields: readonly ZeekField<Row>[];
}

const UNSET = '-';
const EMPTY = '(empty)';

/** @param openMs when the log was begun, milliseconds since 1970 @returns lines, each with its end */
export function zeekHeader(log: ZeekLog<never>, openMs: number): string {
  return [
    '#separator \\x09',
    '#set_separator\t,',
    `#empty_field\t${EMPTY}`,
    `#unset_field\t${UNSET}`,
    `#path\t${log.path}`,
    `#open\t${stamp(openMs)}`,
    `#fields\t${log.fields.map((field) => field.name).join('\t')}`,
    `#types\t${log.fields.map((field) => field.type).join('\t')}`,
    '',
  ].join('\n');
}

export function zeekFooter(closeMs: number): string {
  return `#close\t${stamp(closeMs)}\n`;
}

/** One line without its end. */
export function zeekLine<Row>(log: ZeekLog<Row>, row: Row): string {
  return log.fields.map((field) => text(field.type, field.read(row))).join('\t');
}

/** The same as JSON: unset fields are left out, times and intervals are seconds. */
export function zeekJson<Row>(log: ZeekLog<Row>, row: Row): string {
  const found: Record<string, ZeekValue> = {};
  for (const field of log.fields) {
    const value = field.read(row);
    if (value !== null && value !== undefined) found[field.name] = isTime(field.type) ? rounded(value) : value;
  }
  return JSON.stringify(found);
}

function isTime(type: ZeekType): boolean {
  return type === 'time' || type === 'interval' || type === 'vector[interval]';
}

/** Microseconds are what doubles hold of today's time. */
function rounded(value: ZeekValue): ZeekValue {
  if (typeof value === 'number') return Math.round(value * 1e6) / 1e6;
  return Array.isArray(value) ? value.map((each) => rounded(each) as number) : value;
}

function text(type: ZeekType, value: ZeekValue): string {
  if (value === null || value === undefined) return UNSET;
  if (typeof value === 'object') {
    if (value.length === 0) return EMPTY;
    return value.map((each) => (typeof each === 'number' ? decimal(type, each) : escaped(each, true))).join(',');
  }
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  return typeof value === 'number' ? decimal(type, value) : escaped(value, false);
}

function decimal(type: ZeekType, value: number): string {
  return isTime(type) || type === 'double' ? value.toFixed(6) : String(value);
}

const ENCODER = new TextEncoder();

/** Whatever would end a field, a line or an element, and what could be taken for "not set" or "empty". */
function escaped(value: string, isElement: boolean): string {
  if (value === '') return EMPTY;
  if (value === UNSET || value === EMPTY) return hex(value[0] as string) + value.slice(1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be escaped
  const special = isElement ? /[\u0000-\u001f\u007f\\,]/g : /[\u0000-\u001f\u007f\\]/g;
  return value.replace(special, hex);
}

function hex(character: string): string {
  return Array.from(ENCODER.encode(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace(/[T:]/g, '-');
}
