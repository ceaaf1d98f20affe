/** What goes on now: conversations of the last interval with their rates, for those who watch. */
import type { FlowRow } from '../archive/rows.ts';

export const MAX_CONVERSATIONS = 20_000;
export const WINDOW_S = 10;

export interface LiveConversation {
  readonly source: string;
  readonly destination: string;
  readonly port: number | null;
  readonly protocol: string;
  readonly application: string | null;
  readonly bitsPerSecondOut: number;
  readonly bitsPerSecondIn: number;
  readonly packetsPerSecond: number;
  readonly state: string;
}

export interface LiveSummary {
  readonly timeUs: number;
  readonly windowS: number;
  readonly conversations: number;
  /** Conversations of the window that were not counted one by one, because there were too many. */
  readonly uncounted: number;
  readonly bitsPerSecond: number;
  readonly packetsPerSecond: number;
  readonly top: readonly LiveConversation[];
}

interface Sums {
  readonly row: FlowRow;
  bytesOut: number;
  bytesIn: number;
  packets: number;
  state: string;
  application: string | null;
}

interface Window {
  readonly sums: Map<string, Sums>;
  uncounted: number;
  bytes: number;
  packets: number;
}

export class LiveFlows {
  #current = emptyWindow();
  #complete = emptyWindow();

  add(row: FlowRow): void {
    const window = this.#current;
    const packets = row.packetsOut + row.packetsIn;
    window.bytes += row.bytesOut + row.bytesIn;
    window.packets += packets;
    const key = `${row.source} ${row.destination} ${row.destinationPort} ${row.protocol}`;
    let sums = window.sums.get(key);
    if (sums === undefined) {
      if (window.sums.size >= MAX_CONVERSATIONS) {
        window.uncounted += 1;
        return;
      }
      sums = { row, bytesOut: 0, bytesIn: 0, packets: 0, state: row.state, application: row.application };
      window.sums.set(key, sums);
    }
    sums.bytesOut += row.bytesOut;
    sums.bytesIn += row.bytesIn;
    sums.packets += packets;
    sums.state = row.state;
    sums.application ??= row.application;
  }

  /** Counts conversations that nobody looked at. */
  leaveOut(records: number): void {
    this.#current.uncounted += records;
  }

  /** Ends a window; called every {@link WINDOW_S} seconds. */
  turn(): void {
    this.#complete = this.#current;
    this.#current = emptyWindow();
  }

  /** The last whole window, or the running one where there was none yet. */
  summary(limit: number, nowUs: number): LiveSummary {
    const window = this.#complete.sums.size > 0 ? this.#complete : this.#current;
    const sorted = [...window.sums.values()].sort((a, b) => b.bytesOut + b.bytesIn - (a.bytesOut + a.bytesIn));
    return {
      timeUs: nowUs,
      windowS: WINDOW_S,
      conversations: window.sums.size,
      uncounted: window.uncounted,
      bitsPerSecond: (window.bytes * 8) / WINDOW_S,
      packetsPerSecond: window.packets / WINDOW_S,
      top: sorted.slice(0, limit).map(conversation),
    };
  }
}

function emptyWindow(): Window {
  return { sums: new Map(), uncounted: 0, bytes: 0, packets: 0 };
}

function conversation({ row, bytesOut, bytesIn, packets, state, application }: Sums): LiveConversation {
  return {
    source: row.source,
    destination: row.destination,
    port: row.destinationPort,
    protocol: row.protocol,
    application,
    bitsPerSecondOut: (bytesOut * 8) / WINDOW_S,
    bitsPerSecondIn: (bytesIn * 8) / WINDOW_S,
    packetsPerSecond: packets / WINDOW_S,
    state,
  };
}
