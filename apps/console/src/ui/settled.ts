import { useEffect, useState } from 'react';

/** What is slower than this is shown as it comes. */
const PATIENCE_MS = 1_500;

/**
 * True once every query has given an answer or an error, or patience has run out. What stands under lists of unknown
 * length is shown then, so that nothing on the page moves.
 */
export function useSettled(queries: readonly { readonly data: unknown; readonly error: unknown }[]): boolean {
  const [tired, setTired] = useState(false);
  const settled = queries.every(({ data, error }) => data !== undefined || error !== null);
  useEffect(() => {
    const timer = setTimeout(() => setTired(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return settled || tired;
}
