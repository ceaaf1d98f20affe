/**
 * The address is the state: every page reads and writes its filters, sort, selection and open row as plain text in the
 * query string. Time range parameters (`TIME_PARAMS`) stay when one goes from page to page; the rest belongs to a page.
 */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type SearchParams = Readonly<Record<string, string | undefined>>;

/** Kept across pages. */
export const TIME_PARAMS = ['range', 'from', 'to'] as const;

export function parseSearch(text: string): SearchParams {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Where a sign-in leads: to the address it was asked for on, within this console. */
export function afterSignIn(next = '/'): { readonly to: string; readonly search: SearchParams } {
  const [path = '/', query = ''] = next.split('?');
  return { to: /^\/(?!\/)/.test(path) ? path : '/', search: parseSearch(query) };
}

/** Readable addresses: `:`, `/`, `,` and `<` of the query line need no escape. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const text = params.toString().replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

/** All parameters of the address. */
export function useParams(): SearchParams {
  return useSearch({ strict: false }) as SearchParams;
}

/** Changes some parameters; undefined or '' removes one. Adds a step to go back to unless `replace`. */
export type SetParams = (change: SearchParams, options?: { readonly replace?: boolean }) => void;

export function useSetParams(): SetParams {
  const navigate = useNavigate();
  return useCallback(
    (change, options) => {
      void navigate({
        to: '.',
        search: (before: SearchParams) => withChange(before, change),
        replace: options?.replace ?? false,
        resetScroll: false,
      } as never);
    },
    [navigate],
  );
}

/** One parameter and its setter. */
export function useParam(
  name: string,
): readonly [string | undefined, (value: string | undefined, options?: { readonly replace?: boolean }) => void] {
  const value = useParams()[name];
  const setParams = useSetParams();
  return [value, useCallback((next, options) => setParams({ [name]: next }, options), [name, setParams])];
}

/** Only the time range of an address. */
export function keepTime(search: SearchParams): SearchParams {
  return Object.fromEntries(
    TIME_PARAMS.filter((name) => search[name] !== undefined).map((name) => [name, search[name]]),
  );
}

function withChange(before: SearchParams, change: SearchParams): SearchParams {
  return Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined && value !== ''),
  );
}
