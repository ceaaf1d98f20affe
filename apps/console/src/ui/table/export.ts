/** CSV and JSON of exactly the rows and columns shown. */
import type { CellValue, TableColumn } from './columns.ts';

/** RFC 4180, with the unit in the header. Cells that a spreadsheet would run as a formula get an apostrophe. */
export function toCsv<T>(columns: readonly TableColumn<T>[], rows: readonly T[]): string {
  const head = columns.map((column) =>
    column.unit === undefined ? column.header : `${column.header} (${column.unit})`,
  );
  const lines = [head, ...rows.map((row) => columns.map((column) => csvText(column.value(row))))];
  return `${lines.map((cells) => cells.map(quote).join(',')).join('\r\n')}\r\n`;
}

export function toJson<T>(columns: readonly TableColumn<T>[], rows: readonly T[]): string {
  const items = rows.map((row) => Object.fromEntries(columns.map((column) => [column.id, column.value(row) ?? null])));
  return `${JSON.stringify(items, undefined, 2)}\n`;
}

/** Hands a file to the browser. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function csvText(value: CellValue): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
