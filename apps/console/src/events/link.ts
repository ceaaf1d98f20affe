import type { PlatformEvent } from '../api/types.ts';
import { stringifySearch } from '../app/search.ts';
import { msOf } from '../time/format.ts';

const EITHER_SIDE_MS = 30 * 60_000;

/** The address of an event among those around it, which shows the same whenever it is opened. */
export function eventLink(event: PlatformEvent, origin: string): string {
  const atMs = msOf(event.timeAt);
  const iso = (ms: number) => new Date(ms).toISOString();
  const search = { from: iso(atMs - EITHER_SIDE_MS), to: iso(atMs + EITHER_SIDE_MS), open: event.id };
  return `${origin}/app/events${stringifySearch(search)}`;
}

export function eventJson(event: PlatformEvent): string {
  return JSON.stringify(event, undefined, 2);
}
