import { afterEach, describe, expect, it } from 'vitest';
import { only, Recording, survivesAnyBytes } from '../testing.ts';
import { vmstatCollector } from './collect.ts';

const vmstat = (faults: number, swapped: number) =>
  `nr_free_pages 1307189\npgpgin 1703037\npgpgout ${1_964_252 + faults}\npswpin 0\npswpout ${swapped}\npgfault ${faults}\npgmajfault 1244\noom_kill 0\n`;

describe('/proc/vmstat', () => {
  const recording = new Recording();
  afterEach(() => recording.remove());

  it('has faults, paging and swapping a second', () => {
    recording.write('proc/vmstat', vmstat(1000, 10));
    recording.open(vmstatCollector);
    recording.tick();
    recording.write('proc/vmstat', vmstat(1500, 20));
    const values = recording.tick();
    expect(only(values, 'mem.pgfaults')).toEqual({ minor: 500, major: 0 });
    expect(only(values, 'mem.swapio')).toEqual({ in: 0, out: -40 });
    expect(only(values, 'system.pgpgio')).toEqual({ in: 0, out: -500 });
  });

  it('survives any bytes', () => survivesAnyBytes(vmstatCollector, ['proc/vmstat'], vmstat(1, 1)));
});
