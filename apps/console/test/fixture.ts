/** What an area's fixture hands to the fixture server: routes that answer like the platform, with made-up data. */

/**
 * `full`: a fleet with problems. `first`: one machine in its first minutes. `empty`: signed in, nothing there.
 * `loading`: nothing answers but the session. `error`: everything but the session fails.
 */
export const MODES = ['full', 'first', 'empty', 'loading', 'error'] as const;
export type Mode = (typeof MODES)[number];

export interface FixtureRequest {
  readonly mode: Mode;
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly nowMs: number;
}

/** An answer other than 200 with JSON. */
export class FixtureAnswer {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown = undefined) {
    this.status = status;
    this.body = body;
  }
}

export interface FixtureRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/platform/v1`, as the API writes it: `/assets/{id}`. */
  readonly path: string;
  /** Answers only in these modes, and there before a route that answers in all. */
  readonly modes?: readonly Mode[];
  /** Also asked in modes `loading` and `error`. */
  readonly always?: boolean;
  handle(request: FixtureRequest): unknown;
}

/** What the live stream says of a topic, asked once a second. */
export type FixtureTopic = (topic: string, nowMs: number, mode: Mode) => readonly unknown[];

/**
 * A file in `fixtures/` exports `routes` and, if it likes, `live`. Where two files answer the same path, the file of the
 * area wins over `overview.ts`.
 */
export interface Fixture {
  readonly routes: readonly FixtureRoute[];
  readonly live?: FixtureTopic;
}

/** Numbers that look like chance and are the same every time. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A wave that depends only on the time: charts look alive and fit together between calls. */
export function wave(timeS: number, seed: number, base: number, swing: number): number {
  const slow = Math.sin(timeS / 197 + seed) + 0.5 * Math.sin(timeS / 41 + seed * 2.3);
  const noise = random(Math.floor(timeS) * 31 + seed * 1009)() - 0.5;
  return Math.max(0, base + swing * (slow / 1.5) * 0.6 + swing * noise * 0.5);
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** 26 characters that sort by time, as the platform's ids do. */
export function id(ms: number, index = 0): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let time = '';
  for (let value = Math.floor(ms), place = 0; place < 10; place += 1) {
    time = alphabet[value % 32] + time;
    value = Math.floor(value / 32);
  }
  const next = random(index * 7919 + 13);
  return time + Array.from({ length: 16 }, () => alphabet[Math.floor(next() * 32)]).join('');
}
