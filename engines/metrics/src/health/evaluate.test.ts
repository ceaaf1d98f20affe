import type { Chart } from '@undercroft/kernel';
import { describe, expect, it } from 'vitest';
import { Health } from './evaluate.ts';
import { RULES } from './rules.ts';

const VAR: Chart = {
  id: 'disk_space./var',
  host: 'web-03',
  title: 'Disk Space Usage',
  units: 'GiB',
  family: '/var',
  context: 'disk.space',
  type: 'stacked',
  priority: 2023,
  updateEveryS: 1,
  labels: { mount_point: '/var', read_only: 'no' },
  dimensions: [
    { id: 'avail', name: 'avail' },
    { id: 'used', name: 'used' },
  ],
};
const RUN: Chart = { ...VAR, id: 'disk_space./run', labels: { mount_point: '/run', read_only: 'no' } };
const IMAGE: Chart = { ...VAR, id: 'disk_space./img', labels: { mount_point: '/img', read_only: 'yes' } };
const CHARTS = [VAR, RUN, IMAGE];

function health(lookupValue = Number.NaN) {
  return new Health(
    RULES,
    async () => lookupValue,
    () => 'asset-1',
  );
}

/** Percent that /var is full; the other two are always full. */
function full(percent: number): Float64Array {
  return Float64Array.of(100 - percent, percent, 0, 100, 0, 100);
}

describe('the filesystem threshold', () => {
  it('opens at 80 and 90 %, closes with hysteresis, and says it once', async () => {
    const judge = health();
    const states: string[] = [];
    const levels = [50, 81, 79, 77, 91, 89, 87, 40, 40];
    for (const [i, level] of levels.entries()) {
      judge.see('web-03', 1000 + i, CHARTS, full(level));
      const reports = await judge.evaluate(1000 + i);
      states.push(reports.map(({ state }) => state).join(' ') || '-');
    }
    expect(states).toEqual(['ok', 'warning', '-', 'ok', 'critical', '-', 'warning', 'ok', '-']);
  });

  it('tells a person what, where, how much and what to do', async () => {
    const judge = health();
    judge.see('web-03', 1000, CHARTS, full(91.2));
    const [report, ...others] = await judge.evaluate(1000);
    expect(others).toEqual([]);
    expect(report).toMatchObject({
      source: 'metrics',
      rule: 'metrics.filesystem.full',
      subject: 'asset-1:/var',
      assets: ['asset-1'],
      state: 'critical',
      title: '/var is 91 % full on web-03',
      evidence: [{ text: 'Disk Space Usage: 91 %', metric: 'disk_space./var.used' }],
    });
    expect(report!.next).toContain('du -xh /var');
  });

  it('closes when the filesystem is no longer mounted', async () => {
    const judge = health();
    judge.see('web-03', 1000, CHARTS, full(95));
    await judge.evaluate(1000);
    judge.see('web-03', 1001, [RUN], Float64Array.of(0, 100));
    expect((await judge.evaluate(1001)).map(({ subject, state }) => ({ subject, state }))).toEqual([
      { subject: 'asset-1:/var', state: 'ok' },
    ]);
  });

  it('keeps its state while nothing is measured', async () => {
    const judge = health();
    judge.see('web-03', 1000, CHARTS, full(95));
    await judge.evaluate(1000);
    judge.see('web-03', 1001, CHARTS, new Float64Array(6).fill(Number.NaN));
    expect(await judge.evaluate(1001)).toEqual([]);
  });
});

describe('a threshold over a window', () => {
  it('reports the lookup, repeats while raised, and waits out its delay', async () => {
    const cpu: Chart = {
      ...VAR,
      id: 'system.cpu',
      context: 'system.cpu',
      title: 'Total CPU utilization',
      dimensions: [{ id: 'user', name: 'user' }],
    };
    const judge = health(96);
    judge.see('web-03', 1000, [cpu], Float64Array.of(96));
    const first = await judge.evaluate(1000);
    expect(first.map(({ rule, state, title }) => [rule, state, title])).toEqual([
      ['metrics.cpu.busy', 'critical', 'The processors of web-03 were 96 % busy over 10 minutes'],
      ['metrics.cpu.iowait', 'warning', 'The processors of web-03 waited for disks 96 % of 10 minutes'],
    ]);
    expect(await judge.evaluate(1005)).toEqual([]);
    expect((await judge.evaluate(1010)).map(({ state }) => state)).toEqual(['critical', 'warning']);
  });

  it('raises low memory only after it has lasted', async () => {
    const memory: Chart = {
      ...VAR,
      id: 'mem.available',
      context: 'mem.available',
      dimensions: [{ id: 'avail', name: 'avail' }],
    };
    const ram: Chart = {
      ...VAR,
      id: 'system.ram',
      context: 'system.ram',
      dimensions: ['free', 'used', 'cached', 'buffers'].map((id) => ({ id, name: id })),
    };
    const judge = health();
    const states: string[] = [];
    for (let second = 1000; second <= 1025; second += 5) {
      judge.see('web-03', second, [memory, ram], Float64Array.of(2, 1, 97, 1, 1));
      states.push((await judge.evaluate(second)).map(({ state }) => state).join(' ') || '-');
    }
    expect(states).toEqual(['-', '-', '-', 'critical', '-', 'critical']);
  });
});

it('every rule has expressions that parse and a dimension to draw', () => {
  expect(() => health()).not.toThrow();
  for (const rule of RULES) expect(rule.draw, rule.rule).not.toBe('');
  expect(new Set(RULES.map(({ rule }) => rule)).size).toBe(RULES.length);
});
