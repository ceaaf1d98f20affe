/**
 * The order of conversations that are watched live. A row keeps its place unless another moves clearly more, so that
 * one can read while the numbers change: rates that are alike never swap, a large newcomer goes where it belongs at
 * once, and one that falls silent stays for a while.
 */
import type { LiveConversation } from './types.ts';

/** A row passes the one above it when it moves this many times as much. */
export const CLEARLY_MORE = 1.25;
/** Windows that a silent row stays. */
export const SILENT_WINDOWS = 3;
/** Windows that a row remembers. */
export const TREND_WINDOWS = 18;
/** What is weighed is a mean over the last windows: one burst is no reason to move. */
const NEWEST_WEIGHT = 0.6;

export interface LiveRow {
  readonly key: string;
  readonly conversation: LiveConversation;
  /** Bits a second of the last windows, oldest first. */
  readonly trend: readonly number[];
  readonly weight: number;
  readonly silentWindows: number;
}

export function keyOf({ source, destination, port, protocol }: LiveConversation): string {
  return `${source} ${destination} ${port} ${protocol}`;
}

export function rateOf({ bitsPerSecondOut, bitsPerSecondIn }: LiveConversation): number {
  return bitsPerSecondOut + bitsPerSecondIn;
}

/**
 * The rows after one more window.
 *
 * @param top conversations of the window, the largest first
 * @param held no row moves and none goes, because somebody is at one; new ones come at the end
 */
export function advance(rows: readonly LiveRow[], top: readonly LiveConversation[], held: boolean): readonly LiveRow[] {
  const latest = new Map(top.map((one) => [keyOf(one), one]));
  const kept = rows.flatMap((row) => {
    const now = latest.get(row.key);
    latest.delete(row.key);
    if (now !== undefined) return [withWindow(row, now, 0)];
    const silentWindows = row.silentWindows + 1;
    if (silentWindows > SILENT_WINDOWS && !held) return [];
    return [withWindow(row, silenced(row.conversation), silentWindows)];
  });
  const fresh = [...latest.values()].map(firstWindow);
  const next = [...kept, ...fresh];
  return held ? next : settled(next);
}

function firstWindow(conversation: LiveConversation): LiveRow {
  const rate = rateOf(conversation);
  return { key: keyOf(conversation), conversation, trend: [rate], weight: rate, silentWindows: 0 };
}

function withWindow(row: LiveRow, conversation: LiveConversation, silentWindows: number): LiveRow {
  const rate = rateOf(conversation);
  return {
    key: row.key,
    conversation,
    trend: [...row.trend, rate].slice(-TREND_WINDOWS),
    weight: row.weight + NEWEST_WEIGHT * (rate - row.weight),
    silentWindows,
  };
}

function silenced(conversation: LiveConversation): LiveConversation {
  return { ...conversation, bitsPerSecondOut: 0, bitsPerSecondIn: 0, packetsPerSecond: 0 };
}

/** Each row, from the top, moves up past those that it clearly exceeds. */
function settled(rows: readonly LiveRow[]): readonly LiveRow[] {
  const order: LiveRow[] = [];
  for (const row of rows) {
    let place = order.length;
    while (place > 0 && row.weight > CLEARLY_MORE * (order[place - 1]?.weight ?? 0)) place -= 1;
    order.splice(place, 0, row);
  }
  return order;
}
