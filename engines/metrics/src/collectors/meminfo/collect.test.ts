import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { only, Recording, survivesAnyBytes } from '../testing.ts';
import { meminfoCollector } from './collect.ts';

const MEMINFO = `MemTotal:       24684092 kB
MemFree:        10240000 kB
MemAvailable:   20480000 kB
Buffers:          102400 kB
Cached:          2048000 kB
SwapCached:            0 kB
Active(anon):       1024 kB
SwapTotal:       1048576 kB
SwapFree:         524288 kB
Dirty:               512 kB
Writeback:             0 kB
Shmem:            204800 kB
KReclaimable:     512000 kB
Slab:             614400 kB
SReclaimable:     512000 kB
SUnreclaim:       102400 kB
KernelStack:        2048 kB
PageTables:         2048 kB
Committed_AS:     409600 kB
VmallocUsed:       10240 kB
Percpu:             1024 kB
DirectMap4k:       32768 kB
`;

describe('/proc/meminfo', () => {
  let recording: Recording;
  beforeEach(() => {
    recording = new Recording().write('proc/meminfo', MEMINFO);
    recording.open(meminfoCollector);
  });
  afterEach(() => recording.remove());

  it('divides memory as Netdata does', () => {
    const values = recording.tick();
    expect(only(values, 'system.ram')).toEqual({
      free: 10000,
      used: 11705.559,
      cached: 2300,
      buffers: 100,
    });
    expect(only(values, 'system.swap')).toEqual({ free: 512, used: 512 });
    expect(only(values, 'mem.available')).toEqual({ avail: 20000 });
    expect(only(values, 'mem.committed')).toEqual({ Committed_AS: 400 });
    expect(only(values, 'mem.kernel')).toMatchObject({ Slab: 600, KernelStack: 2, Percpu: 1 });
  });

  it('draws nothing that this kernel does not count', () => {
    const values = recording.tick();
    expect(only(values, 'mem.writeback')).toEqual({ Dirty: 0.5, Writeback: 0 });
    expect(only(values, 'mem.thp')).toEqual({});
    expect(only(values, 'mem.directmaps')).toEqual({ '4k': 32 });
  });

  it('survives any bytes', () => survivesAnyBytes(meminfoCollector, ['proc/meminfo'], MEMINFO));
});
