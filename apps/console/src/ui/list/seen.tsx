import { msOf } from '../../time/format.ts';
import { now } from '../../time/now.ts';
import { Ago } from '../time.tsx';

const TICK_MS = 10_000;

/** When something was last seen: never in the future, though the clock of the page stands up to ten seconds still. */
export function Seen({ at }: { readonly at: string | undefined }) {
  const ms = msOf(at);
  return <Ago at={Number.isNaN(ms) ? undefined : Math.min(ms, Math.floor(now() / TICK_MS) * TICK_MS)} />;
}
