import { afterEach, describe, expect, it } from 'vitest';
import { Recording, survivesAnyBytes } from '../testing.ts';
import { filesCollector } from './collect.ts';

const PATHS = ['proc/sys/fs/file-nr', 'proc/sys/kernel/random/entropy_avail'] as const;

describe('open files and entropy', () => {
  const recording = new Recording();
  afterEach(() => recording.remove());

  it('are counted', () => {
    recording.write(PATHS[0], '612\t12\t60000\n').write(PATHS[1], '256\n');
    recording.open(filesCollector);
    expect(recording.tick()).toEqual({
      'system.file_nr_used.used': 600,
      'system.file_nr_utilization.utilization': 1,
      'system.entropy.entropy': 256,
    });
  });

  it('survives any bytes', () => survivesAnyBytes(filesCollector, PATHS, '612\t0\t2466186\n'));
});
