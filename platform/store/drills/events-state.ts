/** The event store that the drills write, and what must be true of it after anything. */
import type { Log } from '@undercroft/kernel';
import { SystemClock, silentLog } from '@undercroft/kernel/testing';
import type { EventStoreConfig } from '../src/events/config.ts';
import { type EventStore, startEventStore } from '../src/events/start.ts';
import { TEST_CONFIG } from '../src/events/testing.ts';
import { TEST_EVENT_CLASSES } from '../src/testing/event-classes.ts';

/** Small limits, so that a short run moves, merges and checkpoints many times. */
const CONFIG: EventStoreConfig = {
  ...TEST_CONFIG,
  hotRows: 1_000,
  retentionDays: 36_500,
  auditDays: 36_500,
  maxGiB: 1_000,
  lingerMs: 20,
  threads: 2,
  queryTimeoutMs: 60_000,
};
const CHECKPOINT_BYTES = 64 * 1024;
const PAGE_EVENTS = 10_000;

/** A day passes in a second; each process begins again at the real time, as after a clock set back. */
export class FastClock extends SystemClock {
  readonly #startMs = Date.now();
  static readonly pace = 86_400;

  override nowMs(): number {
    return Math.floor(this.#startMs + (Date.now() - this.#startMs) * FastClock.pace);
  }

  override nowUs(): number {
    return this.nowMs() * 1000;
  }
}

export function openDrillEvents(dataDir: string, log: Log = silentLog): Promise<EventStore> {
  return startEventStore({
    dataDir,
    clock: new FastClock(),
    log,
    classes: TEST_EVENT_CLASSES,
    config: CONFIG,
    checkpointBytes: CHECKPOINT_BYTES,
    fail: (error) => {
      throw error;
    },
  });
}

/** Of 20 to 400 characters, so that a batch is more than a page. */
export function messageOf(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return `${name} ${'x'.repeat(20 + (hash % 380))}`;
}

/**
 * Opens the store on what is there and looks for what was acknowledged.
 *
 * @param said lines of the writer: `event <id> <name>`
 * @returns what is wrong
 */
export async function checkEvents(dataDir: string, said: readonly string[]): Promise<readonly string[]> {
  const complaints: string[] = [];
  const complain = (fields: object, message: string) => void complaints.push(`${message} ${JSON.stringify(fields)}`);
  const store = await openDrillEvents(dataDir, { ...silentLog, error: complain });
  try {
    const stored = new Map<string, string>();
    const wrong: string[] = [];
    for (let afterId = ''; ; ) {
      const { events, warnings } = await store.query.query({ afterId, limit: PAGE_EVENTS });
      wrong.push(...warnings);
      for (const event of events) {
        if (stored.has(event.id)) wrong.push(`${event.id} is there twice`);
        stored.set(event.id, event.message);
      }
      const last = events.at(-1);
      if (last === undefined) break;
      afterId = last.id;
    }
    const stats = await store.query.stats();
    if (stats.events !== stored.size) wrong.push(`${stats.events} events are counted, ${stored.size} are there`);
    for (const line of said) {
      const [kind, id = '', name = ''] = line.split(' ');
      if (kind !== 'event') continue;
      const message = stored.get(id);
      if (message === undefined) wrong.push(`${name} was acknowledged as ${id} and is gone`);
      else if (message !== messageOf(name)) wrong.push(`${id} holds ${message.slice(0, 40)}, not ${name}`);
    }
    return [...wrong, ...complaints];
  } catch (error) {
    return [`the store does not open: ${String(error)}`, ...complaints];
  } finally {
    await store.stop();
  }
}
