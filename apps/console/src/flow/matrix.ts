/** Totals of pairs folded into a matrix: the largest rows and columns, and what is left of each. Pure. */

export interface Weighed {
  readonly row: string;
  readonly column: string;
  readonly value: number;
}

/** Stands for all that has no row or column of its own. */
export const OTHERS = '';

export interface Matrix {
  /** Largest first, {@link OTHERS} last if anything is left. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** By row, then column. */
  readonly cells: readonly (readonly number[])[];
  readonly rowSums: readonly number[];
  readonly columnSums: readonly number[];
  /** The largest cell that is not of others. */
  readonly most: number;
}

export function matrixOf(pairs: readonly Weighed[], maxRows: number, maxColumns: number): Matrix {
  const rows = largest(pairs, ({ row }) => row, maxRows);
  const columns = largest(pairs, ({ column }) => column, maxColumns);
  const rowAt = new Map(rows.map((name, at) => [name, at]));
  const columnAt = new Map(columns.map((name, at) => [name, at]));
  const cells = rows.map(() => columns.map(() => 0));
  for (const { row, column, value } of pairs) {
    const line = cells[rowAt.get(row) ?? rows.length - 1];
    const at = columnAt.get(column) ?? columns.length - 1;
    if (line !== undefined) line[at] = (line[at] ?? 0) + value;
  }
  const own = cells.filter((_, at) => rows[at] !== OTHERS);
  return {
    rows,
    columns,
    cells,
    rowSums: cells.map(sum),
    columnSums: columns.map((_, at) => sum(cells.map((line) => line[at] ?? 0))),
    most: Math.max(0, ...own.flatMap((line) => line.filter((_, at) => columns[at] !== OTHERS))),
  };
}

/** Names by their sum, at most `most` of them, and {@link OTHERS} if there are more. */
export function largest<T extends { readonly value: number }>(
  items: readonly T[],
  nameOf: (item: T) => string,
  most: number,
): readonly string[] {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(nameOf(item), (sums.get(nameOf(item)) ?? 0) + item.value);
  const names = [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  return names.length <= most ? names : [...names.slice(0, most), OTHERS];
}

/** 0 to 1 by the order of magnitude: what moves a thousandth is still seen. */
export function heat(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0;
  return Math.max(0.06, Math.min(1, 1 + Math.log10(value / most) / 4));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
