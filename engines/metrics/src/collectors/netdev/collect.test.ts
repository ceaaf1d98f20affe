import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { only, Recording, survivesAnyBytes } from '../testing.ts';
import { netdevCollector } from './collect.ts';

const dev = (received: number, errors: number) => `Inter-|   Receive                    |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0
  eth0:${received} 100 ${errors} 2 0 1 0 5 2000 50 0 0 0 0 0 0
docker0: 1000 10 0 0 0 0 0 0 1000 10 0 0 0 0 0 0
`;

describe('/proc/net/dev', () => {
  let recording: Recording;
  beforeEach(() => {
    recording = new Recording()
      .write('proc/net/dev', dev(10_000, 0))
      .write('sys/devices/virtual/net/docker0/mtu', '1500')
      .write('sys/class/net/eth0/operstate', 'up\n')
      .write('sys/class/net/eth0/speed', '1000\n');
    recording.open(netdevCollector);
  });
  afterEach(() => recording.remove());

  it('has what each interface did, and the physical ones together', () => {
    recording.tick();
    recording.write('proc/net/dev', dev(135_000, 3));
    const values = recording.tick();
    expect(only(values, 'net.eth0')).toEqual({ received: 1000, sent: 0 });
    expect(only(values, 'net_errors.eth0')).toEqual({ inbound: 3, outbound: 0 });
    expect(only(values, 'system.net')).toEqual({ InOctets: 1000, OutOctets: 0 });
    expect(only(values, 'net.docker0')).toEqual({ received: 0, sent: 0 });
    expect(only(values, 'net.lo')).toEqual({});
  });

  it('holds speed and state of the link between two looks', () => {
    expect(recording.tick()['net_speed.eth0.speed']).toBe(1_000_000);
    const later = recording.tick();
    expect(later['net_speed.eth0.speed']).toBe(1_000_000);
    expect(only(later, 'net_operstate.eth0')).toMatchObject({ up: 1, down: 0 });
  });

  it('does not take a counter that began anew for traffic', () => {
    recording.tick();
    recording.write('proc/net/dev', dev(500, 0));
    expect(recording.tick()['net.eth0.received']).toBeNaN();
    recording.write('proc/net/dev', dev(1500, 0));
    expect(recording.tick()['net.eth0.received']).toBe(8);
  });

  it('survives any bytes', () => survivesAnyBytes(netdevCollector, ['proc/net/dev'], dev(1, 1)));
});
