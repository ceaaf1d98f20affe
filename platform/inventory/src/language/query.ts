/**
 * The search line of the asset list: `type:host port:22 seen:<1h name:web* attr.os:debian source:scan words`.
 * Here it is only read; `state/search.ts` answers it.
 */
import {
  badRequest,
  didYouMean,
  type QueryToken,
  type QueryTokenOp,
  tokenizeQueryLine,
  type UndercroftError,
} from '@undercroft/kernel';

/** Text to compare with, in lower case. Without a wildcard it may stand anywhere in the value. */
export interface TextPattern {
  readonly text: string;
  readonly match: 'contains' | 'glob' | 'exact';
}

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** The bounds themselves are not meant. */
  readonly exclusive?: boolean;
}

export type Presence = 'present' | 'gone' | 'any';

/** One condition; `negated` turns it round. All conditions of a line must hold. */
export type Term = { readonly negated: boolean } & (
  | { readonly kind: 'type' | 'source' | 'id'; readonly values: readonly TextPattern[] }
  | { readonly kind: 'name' | 'text'; readonly pattern: TextPattern }
  | { readonly kind: 'attribute'; readonly name: string; readonly pattern: TextPattern; readonly range?: NumberRange }
  | { readonly kind: 'key'; readonly type: string; readonly pattern: TextPattern }
  | { readonly kind: 'port'; readonly ranges: readonly NumberRange[] }
  /** Age in milliseconds since it was last, or first, seen. */
  | { readonly kind: 'seen' | 'first'; readonly olderMs?: number; readonly youngerMs?: number }
  | { readonly kind: 'silent' }
);

export interface AssetQuery {
  readonly terms: readonly Term[];
  /** Undefined: the tenant of whoever asks. `*`: all. */
  readonly tenant?: string;
  readonly presence: Presence;
}

export const QUERY_FIELDS: Readonly<Record<string, string>> = {
  type: 'type:host, type:host,port',
  name: 'name:web* (without * anywhere in the name)',
  port: 'port:22, port:8000-8100, port:>1024; on hosts, the ports they expose',
  seen: 'seen:<1h (within the last hour), seen:>7d (not for a week)',
  first: 'first:<1d (new since yesterday)',
  source: 'source:scan',
  ip: 'ip:10.0.0.*',
  mac: 'mac:52:54:00:*',
  hostname: 'hostname:db*',
  'key.': 'key.serial:ABC123: any kind of key',
  'attr.': 'attr.os:debian, attr.cores:>=8',
  is: 'is:silent, is:gone, is:present, is:any',
  id: 'id:01J…',
  tenant: 'tenant:acme, tenant:*',
};

const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };
const MAX_PORT = 65_535;

/**
 * @throws UndercroftError `inventory.query.*` (400) that quotes the word and says where it stands;
 * `query.line.too-long`
 */
export function parseAssetQuery(line: string): AssetQuery {
  const terms: Term[] = [];
  let tenant: string | undefined;
  let presence: Presence = 'present';
  for (const token of tokenizeQueryLine(line)) {
    if (token.key === 'tenant') tenant = oneValue(token, line);
    else if (token.key === 'is' && token.value !== 'silent') presence = presenceOf(token, line);
    else terms.push(termOf(token, line));
  }
  return { terms: anyOfSame(terms), presence, ...(tenant === undefined ? {} : { tenant }) };
}

function termOf(token: QueryToken, line: string): Term {
  const { key, negated } = token;
  if (key === undefined || looksLikeAddress(token, line)) return wordTerm(token, line);
  if (token.value === '')
    throw wrong('value', token, line, 'has no value', `Write ${QUERY_FIELDS[key] ?? `${key}:value`}.`);
  if (key === 'type' || key === 'source' || key === 'id') {
    plain(token, line);
    const values = token.quoted ? [token.value] : token.value.split(',').filter((part) => part !== '');
    return { kind: key, negated, values: values.map((value) => patternOf(value, token, 'exact')) };
  }
  if (key === 'name') {
    plain(token, line);
    return { kind: 'name', negated, pattern: patternOf(token.value, token, 'contains') };
  }
  if (key === 'port') return { kind: 'port', negated, ranges: portRanges(token, line) };
  if (key === 'seen' || key === 'first') return { kind: key, negated, ...age(token, line) };
  if (key === 'is') return { kind: 'silent', negated };
  if (key === 'ip' || key === 'mac' || key === 'hostname' || key.startsWith('key.')) {
    plain(token, line);
    const type = key.startsWith('key.') ? key.slice('key.'.length).toLowerCase() : key;
    return { kind: 'key', negated, type, pattern: patternOf(token.value, token, 'exact') };
  }
  if (key.startsWith('attr.') && key.length > 'attr.'.length)
    return attributeTerm(key.slice('attr.'.length), token, line);
  throw wrong('field', token, line, `asks for ${JSON.stringify(key)}, which assets do not have`, suggestion(key));
}

function wordTerm(token: QueryToken, line: string): Term {
  const written = line.slice(token.start, token.end);
  const value = token.key === undefined ? token.value : written.replace(/^-/, '');
  if (value === '') throw wrong('value', token, line, 'is empty', 'Write a word between the quotes.');
  const pattern = patternOf(value, token, 'contains');
  return { kind: 'text', negated: token.negated, pattern };
}

function attributeTerm(name: string, token: QueryToken, line: string): Term {
  const pattern = patternOf(token.value, token, 'contains');
  if (token.op === ':') return { kind: 'attribute', negated: token.negated, name, pattern };
  const number = numberWithUnit(token.value);
  if (number === undefined) {
    throw wrong(
      'number',
      token,
      line,
      `compares ${name} with ${JSON.stringify(token.value)}, which is no number`,
      `Write ${token.key}:${token.op}8 or ${token.key}:${token.op}16G.`,
    );
  }
  return { kind: 'attribute', negated: token.negated, name, pattern, range: rangeOf(token.op, number) };
}

function portRanges(token: QueryToken, line: string): NumberRange[] {
  const fix = `Write ${QUERY_FIELDS.port}.`;
  const port = (text: string): number => {
    const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= 0 && number <= MAX_PORT))
      throw wrong('port', token, line, `names ${JSON.stringify(text)}, which is no port`, fix);
    return number;
  };
  if (token.op !== ':') return [rangeOf(token.op, port(token.value))];
  return token.value.split(',').map((part) => {
    const [from, to, more] = part.split('-');
    if (more !== undefined) throw wrong('port', token, line, `names ${JSON.stringify(part)}, which is no port`, fix);
    const min = port(from as string);
    return { min, max: to === undefined ? min : port(to) };
  });
}

function age(token: QueryToken, line: string): { olderMs?: number; youngerMs?: number } {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?)([smhdw])$/.exec(token.value) ?? [];
  if (number === undefined) {
    throw wrong(
      'age',
      token,
      line,
      `names ${JSON.stringify(token.value)}, which is no span of time`,
      `Write ${token.key}:<30m, with s, m, h, d or w.`,
    );
  }
  const ms = Number(number) * (UNIT_MS[unit as string] as number);
  return token.op.startsWith('>') ? { olderMs: ms } : { youngerMs: ms };
}

function presenceOf(token: QueryToken, line: string): Presence {
  const { value, negated } = token;
  if (value === 'any' && !negated) return 'any';
  if (value === 'present') return negated ? 'gone' : 'present';
  if (value === 'gone') return negated ? 'present' : 'gone';
  throw wrong('is', token, line, 'is none of the states that are known', `Write one of ${QUERY_FIELDS.is}.`);
}

function patternOf(value: string, token: QueryToken, plainMatch: 'contains' | 'exact'): TextPattern {
  const text = value.toLowerCase();
  if (!token.quoted && /[*?]/.test(text)) return { text, match: 'glob' };
  return { text, match: token.quoted && token.key !== undefined ? 'exact' : plainMatch };
}

/** `type:host type:port` means either: an asset has but one type. */
function anyOfSame(terms: readonly Term[]): Term[] {
  const merged: Term[] = [];
  for (const term of terms) {
    const index = merged.findIndex((other) => other.kind === term.kind && !other.negated && !term.negated);
    const other = merged[index];
    if (other !== undefined && 'values' in other && 'values' in term) {
      merged[index] = { ...other, values: [...other.values, ...term.values] };
    } else merged.push(term);
  }
  return merged;
}

function rangeOf(op: QueryTokenOp, value: number): NumberRange {
  const bound = op.startsWith('<') ? { max: value } : { min: value };
  return op.endsWith('=') ? bound : { ...bound, exclusive: true };
}

/** `16G` as sizes are written: powers of 1024. */
function numberWithUnit(text: string): number | undefined {
  const [, number, unit] = /^(-?\d{1,15}(?:\.\d{1,9})?)([KMGT]?)i?B?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf((unit ?? '').toUpperCase());
}

/** `fe80::1` and `52:54:00:12:34:56` are words, although they look like a key with a value. */
function looksLikeAddress(token: QueryToken, line: string): boolean {
  if (token.quoted || (token.key ?? '') in QUERY_FIELDS) return false;
  return /^-?[0-9a-f]{1,4}:[0-9a-f:.*/]*$/i.test(line.slice(token.start, token.end));
}

function plain(token: QueryToken, line: string): void {
  if (token.op !== ':') {
    throw wrong(
      'operator',
      token,
      line,
      `compares ${token.key} by ${token.op}, which only numbers and ages allow`,
      `Write ${QUERY_FIELDS[token.key as string] ?? `${token.key}:value`}.`,
    );
  }
}

function oneValue(token: QueryToken, line: string): string {
  if (token.value !== '' && !token.negated && token.op === ':') return token.value;
  throw wrong('value', token, line, 'does not name one tenant', 'Write tenant:acme, or tenant:* for all.');
}

function suggestion(key: string): string {
  const fields = Object.keys(QUERY_FIELDS).map((field) => field.replace('.', '.…'));
  const hint = didYouMean(key, fields).replace(/^; /, '');
  return `${hint === '' ? '' : `${hint[0]?.toUpperCase()}${hint.slice(1)} `}For an attribute write attr.${key}:…, for a plain word put quotes around it.`;
}

function wrong(what: string, token: QueryToken, line: string, problem: string, fix: string): UndercroftError {
  const written = line.slice(token.start, token.end);
  const shown = written.length > 60 ? `${written.slice(0, 60)}…` : written;
  return badRequest(
    `inventory.query.${what}`,
    `${JSON.stringify(shown)} at character ${token.start + 1} ${problem}.`,
    fix,
  );
}
