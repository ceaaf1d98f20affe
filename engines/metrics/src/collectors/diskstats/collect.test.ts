import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { only, Recording, survivesAnyBytes } from '../testing.ts';
import { diskstatsCollector } from './collect.ts';

const line = (name: string, numbers: string) => `   8       0 ${name} ${numbers}\n`;
const FIRST = `${line('loop0', '0 0 0 0 0 0 0 0 0 0 0')}${line('sda', '100 10 2000 50 200 20 8000 400 3 900 1000 0 0 0 0 0 0')}${line('sda1', '100 10 2000 50 200 20 8000 400 3 900 1000')}`;
const SECOND = FIRST.replaceAll(
  '100 10 2000 50 200 20 8000 400 3 900 1000',
  '110 10 2400 100 220 25 8400 500 1 1400 1500',
);

describe('/proc/diskstats', () => {
  let recording: Recording;
  beforeEach(() => {
    recording = new Recording().write('proc/diskstats', FIRST).write('sys/block/sda/size', '1');
    recording.open(diskstatsCollector);
  });
  afterEach(() => recording.remove());

  it('has what each disk did, and all disks together', () => {
    recording.tick();
    recording.write('proc/diskstats', SECOND);
    const values = recording.tick();
    expect(only(values, 'disk.sda')).toEqual({ reads: 200, writes: -200 });
    expect(only(values, 'disk_ops.sda')).toEqual({ reads: 10, writes: -20 });
    expect(only(values, 'disk_qops.sda')).toEqual({ operations: 1 });
    expect(only(values, 'disk_util.sda')).toEqual({ utilization: 50 });
    expect(only(values, 'disk_backlog.sda')).toEqual({ backlog: 500 });
    expect(only(values, 'disk_await.sda')).toEqual({ reads: 5, writes: -5 });
    expect(only(values, 'disk_avgsz.sda')).toEqual({ reads: 20, writes: -10 });
    expect(only(values, 'system.io')).toEqual({ in: 200, out: -200 });
  });

  it('leaves out partitions and devices that never did anything', () => {
    const charts = Object.keys(recording.tick());
    expect(charts.some((name) => name.includes('sda1') || name.includes('loop0'))).toBe(false);
  });

  it('forgets a disk that was taken out', () => {
    recording.tick();
    recording.write('proc/diskstats', line('loop0', '0 0 0 0 0 0 0 0 0 0 0'));
    expect(only(recording.tick(), 'disk.sda')).toEqual({});
  });

  it('survives any bytes', () => survivesAnyBytes(diskstatsCollector, ['proc/diskstats'], FIRST));
});
