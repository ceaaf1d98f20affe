import { expect, it } from 'vitest';
import type { Chart } from '../api/types.ts';
import { baseOf, familyGroups, matchesWords } from './families.ts';

const chart = (id: string, family: string, priority = 100): Chart => ({
  id,
  host: 'h',
  title: `Title of ${id}`,
  units: 'x',
  family,
  context: id,
  type: 'line',
  priority,
  updateEveryS: 1,
  dimensions: [{ id: 'sent', name: 'sent' }],
});

it('stands the machine first, then each disk, filesystem and interface', () => {
  const groups = familyGroups([
    chart('net.eth0', 'eth0'),
    chart('disk_space./var', '/var'),
    chart('disk_await.sda', 'sda'),
    chart('disk.sda', 'sda'),
    chart('system.cpu', 'cpu'),
    chart('bench.one', 'bench'),
  ]);
  expect(
    groups.map(({ label, families }) => [label, families.map((family) => [family.label, family.charts.length])]),
  ).toEqual([
    ['System', [['cpu', 1]]],
    ['Filesystems', [['/var', 1]]],
    ['Disks', [['sda', 2]]],
    ['Interfaces', [['eth0', 1]]],
    ['Bench', [['bench', 1]]],
  ]);
  expect(groups[2]).toMatchObject({ key: 'disks', count: 2, families: [{ key: 'disks/sda' }] });
});

it('orders cores as numbers', () => {
  const groups = familyGroups(['cpu.cpu10', 'cpu.cpu2', 'cpu.cpu1'].map((id) => chart(id, 'cores')));
  expect(groups[0]!.families[0]!.charts.map(({ id }) => id)).toEqual(['cpu.cpu1', 'cpu.cpu2', 'cpu.cpu10']);
});

it('finds charts by words of their id, title or dimensions', () => {
  expect(matchesWords(chart('net.eth0', 'eth0'), 'eth sent')).toBe(true);
  expect(matchesWords(chart('net.eth0', 'eth0'), 'disk')).toBe(false);
});

it('says what a percentage is of', () => {
  const percent = (id: string, context = id): Chart => ({ ...chart(id, 'cpu'), units: 'percentage', context });
  const charts = [percent('system.cpu'), percent('cpu.cpu0', 'cpu.cpu'), percent('cpu.cpu1', 'cpu.cpu')];
  expect(baseOf(percent('system.cpu'), charts)).toBe('of 2 cores');
  expect(baseOf(percent('apps.cpu'), charts)).toBe('of one core');
  expect(baseOf(percent('cpu.cpu0'), charts)).toBeUndefined();
  expect(baseOf(chart('apps.mem', 'mem'), charts)).toBeUndefined();
});
