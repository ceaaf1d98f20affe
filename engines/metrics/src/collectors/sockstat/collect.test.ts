import { afterEach, describe, expect, it } from 'vitest';
import { only, Recording, survivesAnyBytes } from '../testing.ts';
import { sockstatCollector } from './collect.ts';

const SOCKSTAT = `sockets: used 17
TCP: inuse 3 orphan 1 tw 2 alloc 5 mem 155
UDP: inuse 4 mem 6
UDPLITE: inuse 0
RAW: inuse 0
FRAG: inuse 0 memory 0
`;

describe('/proc/net/sockstat', () => {
  const recording = new Recording();
  afterEach(() => recording.remove());

  it('has sockets and their memory, with IPv6 where there is one', () => {
    recording.write('proc/net/sockstat', SOCKSTAT);
    recording.open(sockstatCollector);
    const values = recording.tick();
    expect(only(values, 'ipv4.sockstat_tcp_sockets')).toEqual({ alloc: 5, orphan: 1, inuse: 3, timewait: 2 });
    expect(only(values, 'ipv4.sockstat_tcp_mem')).toEqual({ mem: 620 });
    expect(only(values, 'ipv4.sockstat_udp_sockets')).toEqual({ inuse: 4 });
    expect(only(values, 'ip.sockstat_sockets')).toEqual({ used: 17 });
    expect(only(values, 'ipv6.sockstat6_tcp_sockets')).toEqual({});
    recording.write('proc/net/sockstat6', 'TCP6: inuse 2\nUDP6: inuse 1\n');
    expect(only(recording.tick(), 'ipv6.sockstat6_tcp_sockets')).toEqual({ inuse: 2 });
  });

  it('survives any bytes', () => survivesAnyBytes(sockstatCollector, ['proc/net/sockstat'], SOCKSTAT));
});
