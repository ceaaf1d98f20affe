/** One page of a table by a text column, both ways, with its cursor. */
import { decodeCursor, encodeCursor, parseSort, toPage } from '@undercroft/http';
import type { Page, PageRequest } from '@undercroft/kernel';

/** What a listing query needs to know of a page request. */
export interface Keyset {
  readonly limit: number;
  readonly descending: boolean;
  /** Start behind this value. */
  readonly after: string | undefined;
}

/**
 * @param field the only field that the list is sorted by
 * @throws UndercroftError `http.sort`, `http.cursor`
 */
export function keysetOf(page: PageRequest, field: string): Keyset {
  const { descending } = parseSort(page.sort, [field], field);
  const after = decodeCursor(page.cursor, ['string'], scope(field, descending))?.[0] as string | undefined;
  return { limit: page.limit ?? 100, descending, after };
}

/** @param rows at most `limit + 1` */
export function pageOfRows<T>(rows: readonly T[], keyset: Keyset, field: string, keyOf: (row: T) => string): Page<T> {
  return toPage(rows, keyset.limit, (last) => encodeCursor([keyOf(last)], scope(field, keyset.descending)));
}

function scope(field: string, descending: boolean): string {
  return `${descending ? '-' : ''}${field}`;
}
