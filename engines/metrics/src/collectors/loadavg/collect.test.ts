import { afterEach, describe, expect, it } from 'vitest';
import { Recording, survivesAnyBytes } from '../testing.ts';
import { loadavgCollector } from './collect.ts';

describe('/proc/loadavg', () => {
  const recording = new Recording();
  afterEach(() => recording.remove());

  it('has three averages and the threads', () => {
    recording.write('proc/loadavg', '0.08 1.09 12.50 2/99 9103\n');
    recording.open(loadavgCollector);
    expect(recording.tick()).toEqual({
      'system.load.load1': 0.08,
      'system.load.load5': 1.09,
      'system.load.load15': 12.5,
      'system.active_processes.active': 99,
    });
  });

  it('survives any bytes', () => survivesAnyBytes(loadavgCollector, ['proc/loadavg'], '0.08 1.09 12.50 2/99 9\n'));
});
