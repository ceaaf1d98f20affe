/** The command line that all ra clients share. */
import { readOptions } from '../../argus/command/getopt.ts';
import { selectColumns } from '../fields/table.ts';
import { parseTimeRange, TimeSyntaxError } from '../time/range.ts';
import { labelEvery, printerOf, readDefaultRarc, readRarc } from './rarc.ts';
import { ClientError, defaultSettings, type Settings, UsageError } from './settings.ts';

export const LETTERS = 'a:AbB:c:C:dD:E:e:f:F:GhHiJlL:m:M:nN:Op:P:qQ:r:R:S:s:t:T:uU:Vvw:XzZ:%';
const NUMERIC_LEVELS = 4;
/** Options without effect here, and those whose count or value one program reads. */
const COUNTED = 'dGiJlOVv%';
const VALUED = 'aCDQUT';
const HOLD_UNITS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86400,
  w: 604800,
  M: 2419200,
  y: 29030400,
};

export interface OptionContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Letters that this program reads differently, as getopt writes them; they go to `values` and `flags`. */
  readonly letters?: string;
}

/**
 * @throws UsageError for what is no option
 * @throws ClientError for a value that is wrong
 */
export function parseSettings(argv: readonly string[], { env, letters = LETTERS }: OptionContext): Settings {
  let settings = defaultSettings();
  settings.timeZone = env.TZ;
  if (!argv.some((word) => /^-[a-zA-Z]*X/.test(word))) readDefaultRarc(settings, env);
  const flags = new Map<string, number>();
  const cleared = { files: false, remotes: false };
  const result = readOptions(argv, {
    letters,
    option(letter, value, next) {
      if (letter === 'X') {
        settings = { ...defaultSettings(), timeZone: env.TZ, files: settings.files, folders: settings.folders };
        flags.clear();
        return true;
      }
      return apply(settings, letter, value, next, flags, cleared, letters);
    },
  });
  if ('bad' in result) throw new UsageError();
  setFilter(settings, result.rest);
  settings.flags = flags;
  return settings;
}

type NextWord = (accept: (word: string) => boolean) => string | undefined;

const isWord = (word: string): boolean => !word.startsWith('-');

function apply(
  s: Settings,
  letter: string,
  value: string,
  next: NextWord,
  flags: Map<string, number>,
  cleared: { files: boolean; remotes: boolean },
  letters: string,
): boolean {
  const words = (): string[] => [value, ...more(next)];
  const isOwn = letters !== LETTERS && letters.includes(`${letter}:`) !== LETTERS.includes(`${letter}:`);
  if (isOwn || COUNTED.includes(letter)) {
    flags.set(letter, (flags.get(letter) ?? 0) + 1);
    if (letters.includes(`${letter}:`)) s.values.set(letter, letter === 'H' ? words() : [value]);
    return true;
  }
  if (VALUED.includes(letter)) s.values.set(letter, [value]);
  switch (letter) {
    case 'A':
      s.summary = true;
      break;
    case 'b':
      s.dumpFilter = true;
      break;
    case 'B':
      s.holdSeconds = holdSeconds(value);
      break;
    case 'c':
      s.delimiter = value === '\\t' ? 9 : value.charCodeAt(0) || 0;
      s.variableWidth = true;
      break;
    case 'E':
      s.rejects = value;
      break;
    case 'e':
      s.grep = grepOf(value);
      break;
    case 'f':
      s.flowModelFile = value;
      break;
    case 'F':
      readRarc(s, value);
      break;
    case 'h':
      throw new UsageError();
    case 'H':
      s.abbreviated = true;
      break;
    case 'L':
      s.labelEvery = labelEvery(value);
      break;
    case 'm':
      s.masks.push(...words());
      break;
    case 'M':
      for (const word of joinQuoted(words())) applyMode(s, word);
      break;
    case 'n':
      s.numeric = (s.numeric + 1) % NUMERIC_LEVELS;
      break;
    case 'N':
      applyCount(s, value);
      break;
    case 'p':
      s.digits = Number.parseInt(value, 10) || 0;
      break;
    case 'P':
      s.sortFields.push(...words().flatMap((word) => word.split(/[ ,]+/)));
      break;
    case 'q':
      s.quiet = true;
      break;
    case 'r':
      if (!cleared.files) s.files = [];
      cleared.files = true;
      s.remotes = [];
      s.files.push(...[value, ...more(next, isWord)].map(withoutType));
      break;
    case 'R':
      if (!cleared.files) s.files = [];
      cleared.files = true;
      s.remotes = [];
      s.folders.push(...words());
      break;
    case 's':
      s.columns = selectColumns(words(), s.columns);
      break;
    case 'S':
      if (!cleared.remotes) s.remotes = [];
      cleared.remotes = true;
      s.remotes.push(value);
      break;
    case 't':
      applyTime(s, value, next);
      break;
    case 'T':
      s.runSeconds = Number.parseInt(value, 10) || 0;
      break;
    case 'u':
      s.unixTime = true;
      break;
    case 'w':
      s.writes.push({ path: value, filter: next(isWord) ?? '' });
      break;
    case 'z':
      s.tcpStates = true;
      break;
    case 'Z':
      s.tcpFlags = value === 's' || value === 'd' || value === 'b' ? value : '';
      break;
  }
  return true;
}

function more(next: NextWord, accept: (word: string) => boolean = isWord): string[] {
  const words: string[] = [];
  for (let word = next(accept); word !== undefined; word = next(accept)) words.push(word);
  return words;
}

/** `cisco:` is told apart when it is read; `argus:` is the plain case. */
function withoutType(path: string): string {
  return path.replace(/^argus:/, '');
}

/** Words between quotation marks that the shell has kept are one. */
function joinQuoted(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const open = joined.at(-1);
    if (open?.startsWith('"') && !open.endsWith('"')) joined[joined.length - 1] = `${open} ${word}`;
    else joined.push(word);
  }
  return joined.map((word) => word.replaceAll('"', ''));
}

function applyMode(s: Settings, word: string): void {
  if (word.startsWith('printer=')) {
    s.printer = printerOf(word.slice(8)) ?? s.printer;
  } else if (word.startsWith('label=')) {
    s.labelPattern = word.slice(6);
  } else if (word.startsWith('dsrs=')) {
    s.stripParts = word.slice(5);
  } else if (word.startsWith('TZ=')) {
    s.timeZone = word.slice(3).replaceAll("'", '');
  } else if (word === 'xml') {
    s.xml = true;
    s.labelEvery = 0;
  } else if (word === 'json') {
    Object.assign(s, { json: true, labelEvery: 0, delimiter: 44, variableWidth: true, quote: 34 });
  } else if (word === 'disa') {
    s.disa = true;
    s.columns = s.columns.map((column) =>
      column.field.name === 'sdsb' || column.field.name === 'ddsb' ? { ...column, width: 8 } : column,
    );
  } else {
    if (/^man/i.test(word)) s.printManagement = true;
    if (/^noman/i.test(word)) s.printManagement = false;
    if (/^oui/i.test(word)) s.showVendors = true;
    s.modes.push(word);
  }
}

/** `num`, `start-end` or `start+num`, of the input unless `o` says the output. */
function applyCount(s: Settings, value: string): void {
  const match = /^([io]?)(\d+)(?:([-+])(\d+))?/.exec(value);
  if (match === null) throw new UsageError();
  const [, side, first, sign, second] = match;
  const range =
    second === undefined
      ? { first: 0, last: Number(first) }
      : { first: Number(first), last: Number(second) + (sign === '+' ? Number(first) : 0) };
  if (side === 'o') s.output = range;
  else s.input = range;
}

function applyTime(s: Settings, value: string, next: NextWord): void {
  // A range may come in three words: `10:00 - 11:00`, or in two.
  let text = value;
  if (!/[-+]\S/.test(value)) {
    const sign = next((word) => word === '-' || /^-\d/.test(word));
    if (sign === '-') text += `-${next(isWord) ?? ''}`;
    else if (sign !== undefined) text += sign;
  }
  try {
    s.timeRange = parseTimeRange(text, s.timeZone);
  } catch (error) {
    if (error instanceof TimeSyntaxError) throw new ClientError(error.message);
    throw error;
  }
}

function grepOf(value: string): Settings['grep'] {
  const side = /^[sd]:/.exec(value)?.[0] ?? '';
  return { pattern: value.slice(side.length), source: side !== 'd:', destination: side !== 's:' };
}

function holdSeconds(value: string): number {
  const match = /^([\d.]+)([smhdwMy]?)/.exec(value);
  if (match === null) throw new UsageError();
  return Number(match[1]) * (HOLD_UNITS[match[2] || 's'] as number);
}

/** What stands behind the options: a filter, for both ends or for one. */
function setFilter(s: Settings, rest: readonly string[]): void {
  const text = rest.join(' ').trim();
  if (text === '') return;
  const part = (word: string): string | undefined => {
    const match = new RegExp(`(?:^|\\s)${word}\\s+(.*?)(?=\\s(?:local|remote|display)\\s|$)`, 's').exec(text);
    return match?.[1];
  };
  const isSplit = /(?:^|\s)(?:local|remote|display)\s/.test(text);
  s.filter = isSplit
    ? [part('local'), part('display'), part('remote')]
        .filter(Boolean)
        .map((one) => `(${one})`)
        .join(' and ')
    : text;
  s.remoteFilter = isSplit ? (part('remote') ?? '') : text;
}
