/**
 * The words of a query line, `type:host -port:22 seen<1h "two words"`, with where each stands, so that a chip can be
 * made of it, an error can point at it and a suggestion can replace it. The server reads the same grammar and decides.
 */

export type WordOp = ':' | '<' | '>' | '<=' | '>=';

export interface Word {
  /** Absent for a plain word. */
  readonly key?: string;
  readonly op: WordOp;
  /** Without its quotes. */
  readonly value: string;
  readonly negated: boolean;
  readonly quoted: boolean;
  /** `[start, end)` in the line. */
  readonly start: number;
  readonly end: number;
}

export interface QueryField {
  readonly key: string;
  /** What it means, shown beside the suggestion: "state of the problem". */
  readonly summary: string;
  /** Known values. With `only`, others are an error. */
  readonly values?: readonly string[];
  readonly only?: boolean;
  /** `age` takes `1h`, `7d`; `number` takes digits. @defaultValue text */
  readonly kind?: 'text' | 'number' | 'age';
}

export interface LineError {
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

const HEAD = /^([A-Za-z_][A-Za-z0-9_.-]*)(:<=|:>=|:<|:>|<=|>=|<|>|:)/;

/** Never fails: an open quote runs to the end, a lone sign is a word. */
export function splitLine(line: string): readonly Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at]!)) {
      at++;
      continue;
    }
    const start = at;
    const negated = line[at] === '-' && at + 1 < line.length && !/\s/.test(line[at + 1]!);
    if (negated) at++;
    const head = HEAD.exec(line.slice(at, at + 256));
    const named = head !== null && !(head[2] === ':' && /^(:|\/\/)/.test(line.slice(at + head[0].length)));
    if (named) at += head[0].length;
    const value = readValue(line, at);
    at = value.end;
    const op = named ? ((head[2]!.length > 1 ? head[2]!.replace(/^:/, '') : head[2]!) as WordOp) : ':';
    words.push({
      ...(named ? { key: head[1]! } : {}),
      op,
      value: value.text,
      negated,
      quoted: value.quoted,
      start,
      end: at,
    });
  }
  return words;
}

function readValue(line: string, from: number): { text: string; quoted: boolean; end: number } {
  let at = from;
  if (line[at] !== '"') {
    while (at < line.length && !/\s/.test(line[at]!)) at++;
    return { text: line.slice(from, at), quoted: false, end: at };
  }
  at++;
  let text = '';
  while (at < line.length && line[at] !== '"') {
    if (line[at] === '\\' && (line[at + 1] === '"' || line[at + 1] === '\\')) at++;
    text += line[at];
    at++;
  }
  return { text, quoted: true, end: Math.min(at + 1, line.length) };
}

/** One word as it is typed; quoted where it must be. */
export function formatWord(word: Pick<Word, 'key' | 'op' | 'value' | 'negated'>): string {
  const plain = /^[^\s"\\*<>=:-][^\s"\\]*$/.test(word.value) && !word.value.endsWith('*');
  const named = word.key !== undefined;
  const quotesNeeded = !plain || (!named && HEAD.test(word.value));
  const value = quotesNeeded ? `"${word.value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : word.value;
  return `${word.negated ? '-' : ''}${named ? `${word.key}${word.op}` : ''}${value}`;
}

/** Adds `key:value`, or `-key:value`; what says the opposite of it is taken out, and twice is once. */
export function addWord(line: string, key: string, value: string, negated = false): string {
  const rest = splitLine(line).filter((word) => !(word.key === key && word.op === ':' && word.value === value));
  return [...rest.map((word) => line.slice(word.start, word.end)), formatWord({ key, op: ':', value, negated })].join(
    ' ',
  );
}

export function removeWord(line: string, word: Word): string {
  return `${line.slice(0, word.start)}${line.slice(word.end)}`.replace(/\s+/g, ' ').trim();
}

/** True if the line holds exactly that word. */
export function hasWord(line: string, key: string, value: string): boolean {
  return splitLine(line).some((word) => word.key === key && word.value === value && word.op === ':' && !word.negated);
}

/**
 * The first thing that cannot be meant.
 *
 * @param openKeys keys beyond the fields are allowed where true: attributes that the page does not know
 */
export function checkLine(
  line: string,
  fields: readonly QueryField[],
  openKeys: (key: string) => boolean,
): LineError | undefined {
  for (const word of splitLine(line)) {
    if (word.key === undefined) continue;
    const key = word.key.toLowerCase();
    const field = fields.find((one) => one.key === key) ?? fields.find((one) => one.key === word.key);
    const at = { start: word.start, end: word.end };
    if (field === undefined) {
      if (openKeys(word.key)) continue;
      const near = nearest(
        key,
        fields.map((one) => one.key),
      );
      return { ...at, message: `There is no field ${word.key}.${near === undefined ? '' : ` Did you mean ${near}?`}` };
    }
    if (word.value === '' && !word.quoted) return { ...at, message: `${word.key} needs a value.` };
    if (field.only === true && word.op === ':' && !word.value.endsWith('*') && !field.values?.includes(word.value)) {
      return { ...at, message: `${field.key} is one of ${field.values?.join(', ')}.` };
    }
    if (field.kind === 'number' && !/^\d+(\.\d+)?$/.test(word.value))
      return { ...at, message: `${field.key} is a number.` };
    if (field.kind === 'age' && !/^\d+(\.\d+)?[smhdw]?$/.test(word.value)) {
      return { ...at, message: `${field.key} is an age: 90s, 15m, 1h, 7d.` };
    }
  }
  return undefined;
}

export interface Suggestion {
  /** What stands in the list. */
  readonly label: string;
  readonly hint: string;
  /** The line and the place of the caret after it is taken. */
  readonly line: string;
  readonly caret: number;
  /** The word is whole: taking it can apply the line. */
  readonly whole: boolean;
}

const MAX_SUGGESTIONS = 10;

/** What could stand where the caret is: fields, or values of the field that is being typed. */
export function suggest(
  line: string,
  caret: number,
  fields: readonly QueryField[],
  valuesOf: (key: string) => readonly string[] = () => [],
): readonly Suggestion[] {
  const word = splitLine(line).find((one) => one.start <= caret && caret <= one.end);
  const typed = word === undefined ? '' : line.slice(word.start, caret).replace(/^-/, '');
  const sign = word?.negated === true || typed === '-' ? '-' : '';
  const before = word === undefined ? line.slice(0, caret) : line.slice(0, word.start);
  const after = word === undefined ? line.slice(caret) : line.slice(word.end);
  const take = (text: string, whole: boolean, label: string, hint: string): Suggestion => {
    const gap = before === '' || before.endsWith(' ') ? '' : ' ';
    const end = whole && !after.startsWith(' ') ? ' ' : '';
    const head = `${before}${gap}${sign}${text}${end}`;
    return { label, hint, line: head + after, caret: head.length, whole };
  };
  if (word?.key !== undefined) {
    const field = fields.find((one) => one.key === word.key?.toLowerCase() || one.key === word.key);
    const prefix = word.value.toLowerCase();
    const known = [...new Set([...(field?.values ?? []), ...valuesOf(word.key)])];
    return known
      .filter((value) => value.toLowerCase().startsWith(prefix) && value !== word.value)
      .slice(0, MAX_SUGGESTIONS)
      .map((value) => take(formatWord({ key: word.key!, op: word.op, value, negated: false }), true, value, ''));
  }
  const prefix = typed.toLowerCase();
  return fields
    .filter((field) => field.key.startsWith(prefix))
    .slice(0, MAX_SUGGESTIONS)
    .map((field) => take(`${field.key}${field.kind === 'age' ? '<' : ':'}`, false, field.key, field.summary));
}

/** The one that differs by at most two letters. */
function nearest(key: string, others: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = 3;
  for (const other of others) {
    const distance = editDistance(key, other);
    if (distance < least) {
      least = distance;
      best = other;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
