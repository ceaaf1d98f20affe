/** What the tests of the store share: a chart and a store in a temporary folder whose time the test sets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chart, SampleBatch } from '@undercroft/kernel';
import { silentLog } from '@undercroft/kernel/testing';
import { MetricsStore, type Retention } from './store.ts';

const GIB = 1024 ** 3;
export const KEEP: readonly [Retention, Retention, Retention] = [
  { days: 14, maxBytes: GIB },
  { days: 90, maxBytes: GIB },
  { days: 730, maxBytes: GIB },
];

export function chart(id: string, dimensions: readonly string[], host = 'web-03'): Chart {
  return {
    id,
    host,
    title: id,
    units: 'things',
    family: 'test',
    context: id,
    type: 'line',
    priority: 1,
    updateEveryS: 1,
    dimensions: dimensions.map((name) => ({ id: name, name })),
  };
}

export function batch(second: number, values: readonly number[], charts?: readonly Chart[], layout = 1): SampleBatch {
  return {
    host: 'web-03',
    timeUs: second * 1_000_000,
    layout,
    values: Float64Array.from(values),
    ...(charts === undefined ? {} : { charts }),
  };
}

export class StoreBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'undercroft-metrics-'));
  nowS: number;
  retention = KEEP;
  store!: MetricsStore;

  constructor(nowS: number) {
    this.nowS = nowS;
  }

  async open(): Promise<MetricsStore> {
    this.store = await MetricsStore.open({
      folder: this.folder,
      log: silentLog,
      nowS: () => this.nowS,
      retention: this.retention,
    });
    return this.store;
  }

  async reopen(): Promise<MetricsStore> {
    await this.store.close();
    return this.open();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
