/** What a collector is: it reads one part of the host and fills charts. One folder each under `collectors/`. */
import type { Clock, Log } from '@undercroft/kernel';
import type { ChartSet } from './chart-set.ts';

/** What a collector may use. */
export interface CollectHost {
  readonly charts: ChartSet;
  readonly clock: Clock;
  readonly log: Log;
  /** `/proc`, or a folder of recordings. */
  readonly procRoot: string;
  /** `/sys`, or a folder of recordings. */
  readonly sysRoot: string;
  readonly options: CollectOptions;
}

export interface CollectOptions {
  /** Simple patterns of mount points, filesystem types and devices that are left out. */
  readonly excludeMounts: string;
  readonly excludeFilesystems: string;
  readonly excludeDisks: string;
  readonly excludeInterfaces: string;
}

/** Seconds since the agent started and the times of this tick. */
export interface Tick {
  readonly count: number;
  /** Clock that nothing sets. */
  readonly monotonicMs: number;
}

export interface Collector {
  readonly name: string;
  /** Reads and fills. @throws what the system says: the collector is then off until a later try */
  collect(tick: Tick): void;
  close(): void;
}

export type CollectorFactory = (host: CollectHost) => Collector;
