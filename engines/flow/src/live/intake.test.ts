import type { Asset, AssetKey, EventRows } from '@undercroft/kernel';
import { ManualClock } from '@undercroft/kernel/testing';
import { expect, it } from 'vitest';
import { AssetNames } from './asset-names.ts';
import { LookBudget } from './budget.ts';
import { Intake } from './intake.ts';

const inventory = {
  find: async (_type: string, key: AssetKey) =>
    key.value.startsWith('10.') ? ({ id: `asset of ${key.value}` } as Asset) : undefined,
};

function rowsOf(pairs: readonly (readonly [string | null, string])[]): EventRows {
  return {
    class: 'network_activity',
    rows: pairs.length,
    timeUs: new Float64Array(pairs.length).fill(1e15),
    columns: {
      'src_endpoint.ip': pairs.map(([source]) => source),
      'dst_endpoint.ip': pairs.map(([, destination]) => destination),
      'traffic.bytes_out': Float64Array.from(pairs, () => 100),
    },
  };
}

/** @param costMs of looking at a row */
function intake(costMs = 0) {
  const clock = new ManualClock();
  const written: EventRows[] = [];
  const seen: string[] = [];
  const asked: string[] = [];
  let leftOut = 0;
  const made = new Intake({
    names: new AssetNames(inventory, clock),
    clock,
    events: { writeRows: async (rows) => void written.push(rows) },
    see(row) {
      const startMs = performance.now();
      seen.push(`${row.source} ${row.destination} ${row.bytesOut}`);
      while (performance.now() - startMs < costMs);
    },
    seeQuestion: ({ source, name }) => void asked.push(`${source} ${name}`),
    leaveOut: (rows) => {
      leftOut += rows;
    },
  });
  return { made, clock, written, seen, asked, leftOut: () => leftOut };
}

it('gives rows the assets of their addresses, looks at them, and archives them', async () => {
  const { made, written, seen } = intake();
  await made.write(
    rowsOf([
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.1', '203.0.113.1'],
      ['203.0.113.1', '10.0.0.2'],
      [null, '203.0.113.1'],
    ]),
  );
  const [rows] = written;
  const texts = (column: EventRows['asset']) =>
    column !== undefined && 'codes' in column ? [...column.codes].map((code) => column.values[code]) : column;
  expect(texts(rows?.asset)).toEqual(['asset of 10.0.0.1', 'asset of 10.0.0.1', 'asset of 10.0.0.2', null]);
  expect(texts(rows?.others)).toEqual(['asset of 10.0.0.2', null, null, null]);
  expect(seen).toEqual(['10.0.0.1 10.0.0.2 100', '10.0.0.1 203.0.113.1 100', '203.0.113.1 10.0.0.2 100']);
});

it('looks at the names that are asked for, and archives what was asked', async () => {
  const { made, written, seen, asked, leftOut } = intake();
  await made.write({
    ...rowsOf([
      ['10.0.0.1', '10.0.0.53'],
      ['10.0.0.2', '10.0.0.53'],
    ]),
    class: 'dns_activity',
    columns: { 'src_endpoint.ip': ['10.0.0.1', '10.0.0.2'], 'query.hostname': ['a.example', null] },
  });
  expect([written.length, seen, asked, leftOut()]).toEqual([1, [], ['10.0.0.1 a.example'], 0]);
});

it('archives all of a flood, and counts what it did not look at', async () => {
  const { made, written, seen, leftOut } = intake(0.02);
  const flood = rowsOf(Array.from({ length: 50_000 }, (_, n) => [`203.0.${n >> 8}.${n & 255}`, '10.0.0.2'] as const));
  for (let turn = 0; turn < 20; turn++) await made.write(flood);
  expect(written.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_000_000);
  expect(leftOut()).toBeGreaterThan(0);
  expect(made.counts).toEqual({ seen: seen.length, leftOut: leftOut() });
  expect(seen.length + leftOut()).toBe(1_000_000);
});

it('looks at all again once there is time', () => {
  let nowMs = 0;
  const budget = new LookBudget(() => nowMs);
  expect(budget.step(1_000)).toBe(1);
  budget.spent(1_000, 1_000, 399);
  expect(budget.step(1_000)).toBeGreaterThan(50);
  budget.spent(1_000, 10, 2);
  expect(budget.step(1_000)).toBe(0);
  nowMs += 10_000;
  expect(budget.step(1_000)).toBe(1);
});
