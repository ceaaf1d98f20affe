import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { only, Recording, survivesAnyBytes } from '../testing.ts';
import { statCollector } from './collect.ts';

const FIRST = `cpu  7571 10 4803 155797 1144 0 115 42 100 5
cpu0 3302 0 2138 79142 102 0 11 19 0 0
cpu1 4269 10 2665 76655 1042 0 104 23 100 5
intr 355539 0 0 14 0
ctxt 1461332
btime 1795560392
processes 9102
procs_running 3
procs_blocked 1
softirq 188216 0 18000 4
`;
const SECOND = `cpu  7621 10 4823 155917 1150 0 117 44 100 5
cpu0 3352 0 2138 79192 102 0 11 19 0 0
cpu1 4269 10 2685 76725 1048 0 106 25 100 5
intr 356539 0 0 14 0
ctxt 1463332
btime 1795560392
processes 9112
procs_running 5
procs_blocked 0
softirq 188216 0 18000 4
`;

describe('/proc/stat', () => {
  let recording: Recording;
  beforeEach(() => {
    recording = new Recording().write('proc/stat', FIRST);
  });
  afterEach(() => recording.remove());

  it('has counts at once and shares a second later', () => {
    recording.open(statCollector);
    const first = recording.tick();
    expect(only(first, 'system.processes')).toEqual({ running: 3, blocked: -1 });
    expect(first['system.cpu.user']).toBeNaN();
    recording.write('proc/stat', SECOND);
    const second = recording.tick();
    expect(only(second, 'system.cpu')).toEqual({
      guest_nice: 0,
      guest: 0,
      steal: 1,
      softirq: 1,
      irq: 0,
      user: 25,
      system: 10,
      nice: 0,
      iowait: 3,
      idle: 60,
    });
    expect(only(second, 'cpu.cpu0')).toMatchObject({ user: 50, idle: 50 });
    expect(second['system.ctxt.switches']).toBe(2000);
    expect(second['system.intr.interrupts']).toBe(1000);
    expect(second['system.forks.started']).toBe(10);
  });

  it('takes an idle time that steps back for none', () => {
    recording.open(statCollector);
    recording.tick();
    recording.write('proc/stat', SECOND.replace('155917', '155790'));
    const values = only(recording.tick(), 'system.cpu');
    expect(values['idle']).toBe(0);
    expect(Object.values(values).reduce((sum, value) => sum + value, 0)).toBeCloseTo(100, 0);
  });

  it('survives any bytes', () => survivesAnyBytes(statCollector, ['proc/stat'], FIRST));
});
