import { afterEach, describe, expect, it } from 'vitest';
import { only, Recording, survivesAnyBytes } from '../testing.ts';
import { pressureCollector } from './collect.ts';

const lines = (total: number) =>
  `some avg10=5.64 avg60=2.29 avg300=1.50 total=${total}\nfull avg10=1.63 avg60=0.29 avg300=0.27 total=${total / 2}\n`;
const PATHS = ['proc/pressure/cpu', 'proc/pressure/memory', 'proc/pressure/io'];

describe('/proc/pressure', () => {
  const recording = new Recording();
  afterEach(() => recording.remove());

  it('has shares at once, and the time that work stood still', () => {
    for (const path of PATHS) recording.write(path, lines(1_000_000));
    recording.open(pressureCollector);
    const first = recording.tick();
    expect(only(first, 'system.cpu_some_pressure')).toEqual({ 'some 10': 5.64, 'some 60': 2.29, 'some 300': 1.5 });
    expect(only(first, 'system.cpu_full_pressure')).toEqual({});
    expect(only(first, 'system.io_full_pressure')).toEqual({ 'full 10': 1.63, 'full 60': 0.29, 'full 300': 0.27 });
    for (const path of PATHS) recording.write(path, lines(1_200_000));
    const second = recording.tick();
    expect(second['system.memory_some_pressure_stall_time.time']).toBe(200);
    expect(second['system.memory_full_pressure_stall_time.time']).toBe(100);
  });

  it('is off without a word where the kernel has none', () => {
    const bare = new Recording();
    bare.open(pressureCollector);
    expect(() => bare.tick()).toThrow('ENOENT');
    bare.remove();
  });

  it('survives any bytes', () => survivesAnyBytes(pressureCollector, PATHS, lines(7)));
});
