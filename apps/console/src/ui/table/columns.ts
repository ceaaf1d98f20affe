/** Columns as pages declare them, the sort in the address, and what each person chose of them. */
import type { ReactNode } from 'react';

export type CellValue = string | number | boolean | null | undefined;

export interface TableColumn<T> {
  readonly id: string;
  readonly header: string;
  /** The header is only read aloud: columns of icons. */
  readonly headerHidden?: boolean;
  /** Said in the header, not in each row: "Mb/s". */
  readonly unit?: string;
  /** What is sorted by and exported. Times as ISO 8601, numbers in the unit. */
  readonly value: (row: T) => CellValue;
  /** What is shown; the value itself if absent. */
  readonly cell?: (row: T) => ReactNode;
  /** Numbers stand right. */
  readonly align?: 'start' | 'end';
  /** Pixels. A column without takes what is left. */
  readonly width?: number;
  /** The server or the browser can sort by it. @defaultValue true */
  readonly sortable?: boolean;
  /** The first click sorts downwards: sizes, times, severities. */
  readonly descendingFirst?: boolean;
  /** Chosen only by who wants it. */
  readonly initiallyHidden?: boolean;
  /** Shown on a phone, where there is room for two or three. */
  readonly phone?: boolean;
  /** What one types or copies: addresses, ids, paths. */
  readonly mono?: boolean;
  /** Cuts a long value in its middle: paths, ids. */
  readonly cutMiddle?: boolean;
}

export interface SortKey {
  readonly id: string;
  readonly desc: boolean;
}

/** `-problems,name`, as the address and the server write it. */
export function parseSort(text: string | undefined, known: readonly string[]): readonly SortKey[] {
  if (text === undefined || text === '') return [];
  return text
    .split(',')
    .map((part) => (part.startsWith('-') ? { id: part.slice(1), desc: true } : { id: part, desc: false }))
    .filter(({ id }) => known.includes(id))
    .slice(0, 2);
}

export function formatSort(keys: readonly SortKey[]): string | undefined {
  return keys.length === 0 ? undefined : keys.map(({ id, desc }) => (desc ? `-${id}` : id)).join(',');
}

/**
 * The sort after a click on a header: the other direction, then none. With Shift the column becomes, or stays, the
 * second key.
 */
export function clickSort(
  keys: readonly SortKey[],
  id: string,
  descendingFirst: boolean,
  second: boolean,
): readonly SortKey[] {
  const old = keys.find((key) => key.id === id);
  const next: SortKey | undefined =
    old === undefined
      ? { id, desc: descendingFirst }
      : old.desc === descendingFirst
        ? { id, desc: !descendingFirst }
        : undefined;
  if (!second) return next === undefined ? [] : [next];
  if (old !== undefined) return keys.flatMap((key) => (key.id === id ? (next === undefined ? [] : [next]) : [key]));
  return [...keys.slice(0, 1), { id, desc: descendingFirst }];
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Numbers by size, text as a person orders it (`web-2` before `web-10`). */
export function compareValues(a: CellValue, b: CellValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a ?? ''), String(b ?? ''));
}

/** What a person chose of a table's columns; kept in this browser. */
export interface ColumnChoice {
  readonly hidden: readonly string[];
  readonly order: readonly string[];
  readonly widths: Readonly<Record<string, number>>;
}

export function initialChoice<T>(columns: readonly TableColumn<T>[]): ColumnChoice {
  return {
    hidden: columns.filter((column) => column.initiallyHidden === true).map(({ id }) => id),
    order: columns.map(({ id }) => id),
    widths: {},
  };
}

/** An older choice over today's columns: unknown ones are dropped, new ones stand where the page puts them. */
export function mendChoice<T>(choice: ColumnChoice, columns: readonly TableColumn<T>[]): ColumnChoice {
  const ids = columns.map(({ id }) => id);
  const order = choice.order.filter((id) => ids.includes(id));
  for (const [at, id] of ids.entries()) {
    if (order.includes(id)) continue;
    const before = ids
      .slice(0, at)
      .reverse()
      .find((other) => order.includes(other));
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, id);
  }
  return { ...choice, order, hidden: choice.hidden.filter((id) => ids.includes(id)) };
}

export function moveColumn(order: readonly string[], id: string, by: -1 | 1): readonly string[] {
  const at = order.indexOf(id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= order.length) return order;
  const next = [...order];
  next.splice(at, 1);
  next.splice(to, 0, id);
  return next;
}
