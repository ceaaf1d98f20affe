import { afterEach, describe, expect, it } from 'vitest';
import { only, Recording, survivesAnyBytes } from '../testing.ts';
import { tcpCollector } from './collect.ts';

const snmp = (segments: number) => `Ip: Forwarding DefaultTTL InReceives InHdrErrors
Ip: 2 64 ${segments} 0
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
Tcp: 1 200 120000 -1 63 2 0 0 17 ${segments} 7710 0 0 100 0
`;
const netstat = (octets: number) => `TcpExt: SyncookiesSent ListenOverflows ListenDrops
TcpExt: 0 ${octets} 0
IpExt: InNoRoutes InOctets OutOctets
IpExt: 0 ${octets * 1000} 0
`;
const PATHS = ['proc/net/snmp', 'proc/net/netstat'] as const;

describe('/proc/net/snmp and netstat', () => {
  const recording = new Recording();
  afterEach(() => recording.remove());

  it('count by name, whatever the columns of this kernel', () => {
    recording.write(PATHS[0], snmp(100)).write(PATHS[1], netstat(1));
    recording.open(tcpCollector);
    expect(recording.tick()['ip.tcpsock.CurrEstab']).toBe(17);
    recording.write(PATHS[0], snmp(150)).write(PATHS[1], netstat(3));
    const values = recording.tick();
    expect(only(values, 'ip.tcppackets')).toEqual({ InSegs: 50, OutSegs: 0 });
    expect(only(values, 'ip.tcp_accept_queue')).toEqual({ ListenOverflows: 2, ListenDrops: 0 });
    expect(only(values, 'system.ip')).toEqual({ InOctets: 16, OutOctets: 0 });
    expect(only(values, 'ip.tcpofo')).toEqual({});
  });

  it('survives any bytes', () => survivesAnyBytes(tcpCollector, PATHS, snmp(1)));
});
