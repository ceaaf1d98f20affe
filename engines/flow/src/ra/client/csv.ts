/** Lines of delimited text as ra prints them: quoted where a value holds the delimiter. */

/** What can stand between columns, in the order in which they are looked for. */
const DELIMITERS = [',', '\t', '|', ';', ':', ' '];

/** The delimiter of a line of column names. */
export function delimiterOf(line: string): string {
  return DELIMITERS.find((delimiter) => line.includes(delimiter)) ?? ',';
}

export function splitLine(line: string, delimiter: string): string[] {
  const values: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      const end = quoteEnd(line, at + 1);
      values.push(line.slice(at + 1, end).replaceAll('\\"', '"'));
      const next = line.indexOf(delimiter, end);
      at = next < 0 ? line.length + 1 : next + 1;
      continue;
    }
    const next = line.indexOf(delimiter, at);
    values.push(line.slice(at, next < 0 ? line.length : next).trim());
    at = next < 0 ? line.length + 1 : next + 1;
  }
  return values;
}

/** Where the quotation that begins before `from` ends. */
function quoteEnd(line: string, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"') return at;
  }
  return line.length;
}
