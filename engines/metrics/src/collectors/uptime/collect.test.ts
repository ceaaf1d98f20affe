import { afterEach, describe, expect, it } from 'vitest';
import { Recording, survivesAnyBytes } from '../testing.ts';
import { uptimeCollector } from './collect.ts';

describe('/proc/uptime', () => {
  const recording = new Recording();
  afterEach(() => recording.remove());

  it('is whole seconds', () => {
    recording.write('proc/uptime', '850.99 1557.98\n');
    recording.open(uptimeCollector);
    expect(recording.tick()).toEqual({ 'system.uptime.uptime': 851 });
  });

  it('survives any bytes', () => survivesAnyBytes(uptimeCollector, ['proc/uptime'], '850.99 1557.98\n'));
});
