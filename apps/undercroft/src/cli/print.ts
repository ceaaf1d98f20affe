/** Output: tables for people, JSON for programs. Colour only on a terminal. */
import { styleText } from 'node:util';

export type Row = Readonly<Record<string, unknown>>;

const MAX_CELL = 80;

/** @param width of the terminal; cells are cut in the middle to fit, never when output is piped */
export function table(
  rows: readonly Row[],
  columns: readonly string[],
  options: { readonly colour: boolean; readonly width?: number },
): string {
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  const limit = options.width === undefined ? Number.POSITIVE_INFINITY : MAX_CELL;
  const widths = columns.map((column, index) =>
    Math.min(limit, Math.max(column.length, ...cells.map((row) => (row[index] as string).length))),
  );
  const numeric = columns.map(
    (column) =>
      rows.length > 0 &&
      rows.every((row) => row[column] === undefined || row[column] === null || typeof row[column] === 'number'),
  );
  const line = (values: readonly string[]): string =>
    values
      .map((value, index) => {
        const width = widths[index] as number;
        const text = cutMiddle(value, width);
        return numeric[index] ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const head = line(columns);
  return `${[options.colour ? styleText('bold', head) : head, ...cells.map(line)].join('\n')}\n`;
}

/** `key: value` lines. */
export function record(value: Row): string {
  const width = Math.max(...Object.keys(value).map((key) => key.length));
  return `${Object.entries(value)
    .map(([key, field]) => `${`${key}:`.padEnd(width + 2)}${cell(field)}`)
    .join('\n')}\n`;
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // Control characters from names and messages must not reach the terminal.
  return text.replace(/\p{Cc}/gu, ' ');
}

function cutMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  const left = Math.ceil((width - 1) / 2);
  return `${text.slice(0, left)}…${text.slice(text.length - (width - 1 - left))}`;
}
