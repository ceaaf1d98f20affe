/** Runs a collector on recordings of /proc and /sys: folders of text that a test writes and changes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ManualClock, silentLog } from '@undercroft/kernel/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import { ChartSet } from '../collect/chart-set.ts';
import type { CollectHost, Collector, CollectorFactory } from '../collect/collector.ts';
import { EXCLUDED_FILESYSTEMS, EXCLUDED_MOUNTS } from '../config.ts';

export class Recording {
  readonly folder = mkdtempSync(join(tmpdir(), 'undercroft-proc-'));
  readonly host: CollectHost;
  collector: Collector | undefined;
  #nowMs = 1_000_000;
  #count = 0;

  constructor() {
    this.host = {
      charts: new ChartSet('web-03', 1),
      clock: new ManualClock(),
      log: silentLog,
      procRoot: join(this.folder, 'proc'),
      sysRoot: join(this.folder, 'sys'),
      options: {
        excludeMounts: EXCLUDED_MOUNTS,
        excludeFilesystems: EXCLUDED_FILESYSTEMS,
        excludeDisks: 'ram*',
        excludeInterfaces: 'lo',
      },
    };
  }

  /** Writes a file, `proc/stat`. */
  write(path: string, content: string | Uint8Array): this {
    const full = join(this.folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    return this;
  }

  open<C extends Collector>(create: (host: CollectHost) => C): C {
    const collector = create(this.host);
    this.collector = collector;
    return collector;
  }

  /** One tick, a second after the last. @returns values by `chart.dimension` */
  tick(seconds = 1): Record<string, number> {
    this.#nowMs += seconds * 1000;
    this.collector!.collect({ count: this.#count++, monotonicMs: this.#nowMs });
    const values = this.host.charts.evaluate(this.#nowMs, this.#nowMs);
    const named: Record<string, number> = {};
    let at = 0;
    for (const { id, dimensions } of this.host.charts.describe()) {
      for (const dimension of dimensions) named[`${id}.${dimension.id}`] = values[at++]!;
    }
    return named;
  }

  remove(): void {
    this.collector?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Values of one chart. */
export function only(values: Readonly<Record<string, number>>, chart: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => name.startsWith(`${chart}.`) && !name.slice(chart.length + 1).includes('.'))
      .map(([name, value]) => [name.slice(chart.length + 1), value]),
  );
}

/** No bytes whatever in its file make a collector throw. */
export function survivesAnyBytes(create: CollectorFactory, paths: readonly string[], sample: string): void {
  const recording = new Recording();
  try {
    for (const path of paths) recording.write(path, sample);
    recording.open(create);
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(sample.length), fc.nat(sample.length)).map(([from, to]) => Buffer.from(sample.slice(from, to))),
    );
    fc.assert(
      fc.property(damaged, (bytes) => {
        for (const path of paths) recording.write(path, bytes);
        expect(() => recording.tick()).not.toThrow();
      }),
      { numRuns: 60 },
    );
  } finally {
    recording.remove();
  }
}
