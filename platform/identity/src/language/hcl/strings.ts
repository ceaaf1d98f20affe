import { type Position, SyntaxProblem } from '../error.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

/** Escapes of a quoted HCL string, which are Go's; what stands in `${…}` is left alone. */
export function unescapeString(raw: string, at: Position): string {
  if (!raw.includes('\\')) return raw;
  let out = '';
  let braces = 0;
  for (let i = 0; i < raw.length; i++) {
    const char = raw[i]!;
    if (char === '$' && raw[i + 1] === '{') {
      braces++;
      out += '${';
      i++;
    } else if (braces > 0) {
      if (char === '{') braces++;
      else if (char === '}') braces--;
      out += char;
    } else if (char !== '\\') {
      out += char;
    } else {
      const escaped = readEscape(raw, i + 1, at);
      out += escaped.text;
      i += escaped.length;
    }
  }
  return out;
}

function readEscape(raw: string, index: number, at: Position): { text: string; length: number } {
  const char = raw[index] ?? '';
  const simple = Object.hasOwn(SIMPLE, char) ? SIMPLE[char] : undefined;
  if (simple !== undefined) return { text: simple, length: 1 };
  const rest = raw.slice(index, index + 9);
  const coded =
    /^x([0-9a-fA-F]{2})/.exec(rest) ?? /^u([0-9a-fA-F]{4})/.exec(rest) ?? /^U([0-9a-fA-F]{8})/.exec(rest) ?? undefined;
  const octal = /^[0-7]{3}/.exec(rest);
  const code =
    coded === undefined ? (octal === null ? undefined : Number.parseInt(octal[0], 8)) : Number.parseInt(coded[1]!, 16);
  if (code === undefined || code > 0x10ffff) throw new SyntaxProblem(at, `the string has an unknown escape \\${char}`);
  return { text: String.fromCodePoint(code), length: (coded ?? octal)![0].length };
}

/** The text as a quoted HCL string. The `$` of `${` is coded, since HCL would take what follows as it stands. */
export function quoteString(text: string): string {
  let out = '"';
  for (let i = 0; i < text.length; i++) out += text[i] === '$' && text[i + 1] === '{' ? '\\u0024' : quoteChar(text[i]!);
  return `${out}"`;
}

function quoteChar(char: string): string {
  switch (char) {
    case '"':
      return '\\"';
    case '\\':
      return '\\\\';
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
  }
  const code = char.charCodeAt(0);
  return code < 0x20 || code === 0x7f ? `\\u${code.toString(16).padStart(4, '0')}` : char;
}
