/** A list of the API, page after page by its cursor, as the table takes it. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api, type Params } from '../../api/client.ts';
import type { Page } from '../../api/types.ts';

const PAGE_ROWS = 100;
const EXPORT_PAGE_ROWS = 1000;
/** An export asks for at most this many rows. */
export const MAX_EXPORT_ROWS = 100_000;

export interface PagedList<T> {
  readonly rows: readonly T[];
  readonly total: number | undefined;
  readonly more: { readonly pending: boolean; readonly load: () => void } | undefined;
  /** Nothing has come yet. */
  readonly loading: boolean;
  /** What is shown answers an older question. */
  readonly stale: boolean;
  readonly error: unknown;
  readonly failedMs: number;
  readonly retry: () => void;
  readonly loadAll: () => Promise<readonly T[]>;
}

/** @param key begins the query key: `['assets', 'list']`; the parameters follow */
export function usePagedList<T>(key: readonly unknown[], path: string, params: Params): PagedList<T> {
  const query = useInfiniteQuery({
    queryKey: [...key, params],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<T>>(path, { ...params, limit: PAGE_ROWS, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const loadAll = useCallback(async () => {
    const all: T[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<T> = await api.get<Page<T>>(path, { ...params, limit: EXPORT_PAGE_ROWS, cursor });
      all.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined && all.length < MAX_EXPORT_ROWS);
    return all;
  }, [path, params]);
  const more = useMemo(
    () => (hasNextPage ? { pending: isFetchingNextPage, load: () => void fetchNextPage() } : undefined),
    [hasNextPage, isFetchingNextPage, fetchNextPage],
  );
  return {
    rows,
    total: data?.pages[0]?.total,
    more,
    loading: data === undefined && query.error === null,
    stale: query.isPlaceholderData,
    error: data === undefined || query.isError ? query.error : null,
    failedMs: query.errorUpdatedAt,
    retry: () => void refetch(),
    loadAll,
  };
}
