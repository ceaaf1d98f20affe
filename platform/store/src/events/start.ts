/** Starts the event store: the hub in this process, DuckDB in a child process of it. */
import { join, resolve } from 'node:path';
import type { Clock, EventClass, EventQueryResult, Events, EventsQuery, Log, PlatformEvent } from '@undercroft/kernel';
import type { EventStoreConfig } from './config.ts';
import { ChildHost } from './host/child-host.ts';
import { encodeEvents } from './hub/encode.ts';
import { EventHub } from './hub/hub.ts';
import { WriteQueue } from './hub/write-queue.ts';
import type { ChildOptions, ChildQueryResult, ChildStats, ColumnBatch } from './protocol.ts';
import { compileQuery } from './query/compile.ts';
import { decodeResult } from './query/rows.ts';
import { buildRegistry, type EventRegistry } from './registry.ts';

export interface EventStoreOptions {
  /** Folder of the installation's state; the store lives in `events/` below it. */
  readonly dataDir: string;
  readonly config: EventStoreConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** Declared classes of every module of this installation. */
  readonly classes: readonly EventClass[];
  /** Called when DuckDB cannot be kept running. */
  fail(error: Error): void;
  /** Size at which DuckDB's log is folded into its file; 32 MiB if absent. */
  readonly checkpointBytes?: number;
}

export interface EventStore {
  /** Where one module's events go in, stamped with its name. */
  events(source: string): Events;
  readonly query: EventsQuery;
  /** The process that holds DuckDB; undefined while there is none. */
  readonly childPid: number | undefined;
  /** Does now what is due: moves old rows to Parquet, merges small files, removes what is beyond retention. */
  maintain(): Promise<void>;
  /** Writes a consistent copy into `target` (made if absent) while running. */
  backup(target: string): Promise<void>;
  /** Stores what waits, closes DuckDB, ends the child. */
  stop(): Promise<void>;
}

const MAINTAIN_EVERY_MS = 60_000;
/** The longest a question waits for what was published before it, once the store is running. */
const FLUSH_WAIT_MS = 250;
const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const GIB = 1024 ** 3;
const CHECKPOINT_BYTES = 32 * 1024 * 1024;

/**
 * The child is started by the first event or question, not here.
 *
 * @throws UndercroftError `events.class.invalid` when classes are declared wrongly
 */
export async function startEventStore(options: EventStoreOptions): Promise<EventStore> {
  const { clock, log, config } = options;
  const registry = buildRegistry(options.classes);
  const host = new ChildHost({
    folder: join(options.dataDir, 'events'),
    options: childOptions(config, registry, options.checkpointBytes ?? CHECKPOINT_BYTES),
    clock,
    log,
    fail: options.fail,
  });
  const queue = new WriteQueue<PlatformEvent>({
    clock,
    log,
    maxEvents: config.queueEvents,
    lingerMs: config.lingerMs,
    write: (events, again) => host.request({ kind: 'write', again, batches: encodeEvents(events, registry) }),
  });
  const rows = new WriteQueue<ColumnBatch>({
    clock,
    log,
    maxEvents: config.queueRows,
    lingerMs: config.lingerMs,
    write: (batches, again) => host.request({ kind: 'write', again, batches }),
  });
  const hub = new EventHub({ registry, queue, rows, clock, log });
  const stopMaintenance = maintainEvery(MAINTAIN_EVERY_MS, host, clock, log);
  return {
    events: (source) => hub.events(source),
    query: {
      query: (query, queryOptions) => runQuery(query, queryOptions?.timeoutMs),
      stats: async () => {
        await Promise.all([queue.flush(), rows.flush()]);
        const stats = await host.request<ChildStats>({ kind: 'stats' });
        return { ...stats, dropped: queue.dropped + rows.dropped };
      },
    },
    get childPid() {
      return host.pid;
    },
    maintain: () => host.request({ kind: 'maintain', nowUs: clock.nowUs() }),
    backup: async (target) => {
      await Promise.all([queue.flush(), rows.flush()]);
      const result = await host.request<{ files: number; skippedFiles: number }>({
        kind: 'backup',
        target: resolve(target),
      });
      log.info({ target, ...result }, 'The event store was copied');
    },
    stop: async () => {
      stopMaintenance();
      await Promise.all([queue.stop(), rows.stop()]);
      await host.stop();
    },
  };

  /** Whoever asks sees what was published before, unless the disk is slow. @returns whether that is so */
  async function flushBriefly(): Promise<boolean> {
    const flushed = queue.flush().then(() => true);
    if (!host.ready) return flushed;
    const given = new AbortController();
    const late = clock.sleep(FLUSH_WAIT_MS, given.signal).then(
      () => false,
      () => true,
    );
    const upToDate = await Promise.race([flushed, late]);
    given.abort();
    return upToDate;
  }

  async function runQuery(
    query: Parameters<EventsQuery['query']>[0],
    timeoutMs: number | undefined,
  ): Promise<EventQueryResult> {
    const startedMs = clock.monotonicMs();
    const compiled = compileQuery(query, registry);
    const upToDate = await flushBriefly();
    const result = await host.request<ChildQueryResult>({
      kind: 'query',
      query: compiled,
      timeoutMs: Math.min(timeoutMs ?? config.queryTimeoutMs, config.queryTimeoutMs),
    });
    return {
      ...decodeResult(compiled, result),
      scanned: { files: result.files, rows: result.scannedRows },
      elapsedMs: clock.monotonicMs() - startedMs,
      warnings: upToDate ? result.warnings : [...result.warnings, 'The newest events are still being stored.'],
    };
  }
}

/** Only while there is a child: an unused store costs nothing. @returns stop */
function maintainEvery(intervalMs: number, host: ChildHost, clock: Clock, log: Log): () => void {
  let stopped = false;
  let cancel: (() => void) | undefined;
  const next = () => {
    if (stopped) return;
    cancel = clock.after(intervalMs, () => {
      if (!host.running) return next();
      host
        .request({ kind: 'maintain', nowUs: clock.nowUs() })
        .catch((error: unknown) =>
          log.error({ error: String(error) }, 'Maintenance of the event store failed; it is tried again'),
        )
        .finally(next);
    });
  };
  next();
  return () => {
    stopped = true;
    cancel?.();
  };
}

function childOptions(config: EventStoreConfig, registry: EventRegistry, checkpointBytes: number): ChildOptions {
  return {
    classes: [...registry.classes.values()].map(({ name, audit, attributes }) => ({ name, audit, attributes })),
    hotUs: Math.round(config.hotHours * HOUR_US),
    hotRows: config.hotRows,
    retentionUs: Math.round(config.retentionDays * DAY_US),
    auditUs: Math.round(config.auditDays * DAY_US),
    maxBytes: Math.round(config.maxGiB * GIB),
    checkpointBytes,
    memoryMiB: config.memoryMiB,
    threads: config.threads,
  };
}
