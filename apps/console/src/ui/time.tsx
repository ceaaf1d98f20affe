import { formatAgo, formatDuration, formatExact, msOf, NO_VALUE } from '../time/format.ts';
import { useNow } from '../time/now.ts';

/** A moment: relative under a day, exact on hover. `at` is ISO 8601 of the API or epoch milliseconds. */
export function Ago({ at }: { readonly at: string | number | undefined }) {
  const nowMs = useNow();
  const ms = typeof at === 'number' ? at : msOf(at);
  if (Number.isNaN(ms)) return NO_VALUE;
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatExact(ms)}>
      {formatAgo(ms, nowMs)}
    </time>
  );
}

/** How long since: "24 min". */
export function Age({ at }: { readonly at: string | number | undefined }) {
  const nowMs = useNow();
  const ms = typeof at === 'number' ? at : msOf(at);
  if (Number.isNaN(ms)) return NO_VALUE;
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatExact(ms)}>
      {formatDuration(Math.max(0, nowMs - ms))}
    </time>
  );
}
