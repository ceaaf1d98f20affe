/** The assets of many rows, by their addresses: each address is looked up once, whatever the number of its rows. */
import { type CodedColumn, columnValue, type EventColumn, type EventRows, isCoded } from '@undercroft/kernel';
import type { AssetNames } from './asset-names.ts';

/** Texts of a column, each once. */
export function coded(column: EventColumn | undefined, rows: number): CodedColumn {
  if (column !== undefined && isCoded(column)) return column;
  const codes = new Uint32Array(rows);
  const values: (string | null)[] = [null];
  if (column === undefined) return { values, codes };
  const codeOf = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    const value = columnValue(column, row);
    if (typeof value !== 'string') continue;
    let code = codeOf.get(value);
    if (code === undefined) {
      code = values.push(value) - 1;
      codeOf.set(value, code);
    }
    codes[row] = code;
  }
  return { values, codes };
}

/** The asset of the source, or else of the destination; and where both are assets, the other one. */
export function assetsOf(
  rows: EventRows,
  sources: CodedColumn,
  destinations: CodedColumn,
  names: AssetNames,
): { readonly asset: CodedColumn; readonly others: CodedColumn } {
  const values: (string | null)[] = [null];
  const codeOf = new Map<string, number>();
  const codesOf = (addresses: readonly (string | null)[]): number[] =>
    addresses.map((address) => {
      const id = address === null ? null : names.idOf(address);
      if (id === null) return 0;
      let code = codeOf.get(id);
      if (code === undefined) {
        code = values.push(id) - 1;
        codeOf.set(id, code);
      }
      return code;
    });
  const from = codesOf(sources.values);
  const to = codesOf(destinations.values);
  const asset = new Uint32Array(rows.rows);
  const others = new Uint32Array(rows.rows);
  for (let row = 0; row < rows.rows; row++) {
    const source = from[sources.codes[row]!] ?? 0;
    const destination = to[destinations.codes[row]!] ?? 0;
    asset[row] = source || destination;
    others[row] = source !== 0 && destination !== source ? destination : 0;
  }
  return { asset: { values, codes: asset }, others: { values, codes: others } };
}
