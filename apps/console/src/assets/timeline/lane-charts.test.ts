import { expect, it } from 'vitest';
import type { Chart } from '../../api/types.ts';
import { SeriesBuffer } from '../../ui/chart/series.ts';
import { chartLanes } from './lane-charts.ts';

const chart = (id: string, units: string, dimensions: readonly string[]): Chart => ({
  id,
  host: 'h',
  title: id,
  units,
  family: 'f',
  context: id,
  type: 'line',
  priority: 1,
  updateEveryS: 1,
  dimensions: dimensions.map((name) => ({ id: name, name })),
});
const buffer = (values: Readonly<Record<string, number | null>>) =>
  new SeriesBuffer({
    fromS: 0,
    stepS: 1,
    gaps: [],
    series: Object.entries(values).map(([name, value]) => ({ id: name, name, values: [value] })),
  });

it('shows processor, memory, disk and network of a host, each as one number', () => {
  const lanes = chartLanes(
    [
      chart('system.cpu', 'percentage', ['user', 'system', 'idle']),
      chart('system.ram', 'MiB', ['used', 'free']),
      chart('disk_await.sda', 'milliseconds/operation', ['reads', 'writes']),
      chart('system.net', 'kilobits/s', ['received', 'sent']),
    ],
    { cores: 8, memory: '64 GiB' },
  );
  expect(lanes.map(({ label, unit }) => [label, unit])).toEqual([
    ['Processor', '% of 8 cores'],
    ['Memory', '% of 64 GiB'],
    ['Disk wait', 'ms, sda'],
    ['Network out', 'sent'],
  ]);
  const values = [
    { user: 20, system: 5, idle: 75 },
    { used: 30, free: 10 },
    { reads: 4, writes: 9 },
    { received: 7, sent: -499 },
  ].map((row, i) => lanes[i]!.value(buffer(row), 0));
  expect(values).toEqual([25, 75, 9, 499]);
});

it('has no number where nothing was measured', () => {
  const [lane] = chartLanes([chart('system.cpu', 'percentage', ['user'])], {});
  expect(lane!.value(buffer({ user: null }), 0)).toBeNull();
  expect(chartLanes([], {})).toEqual([]);
});
