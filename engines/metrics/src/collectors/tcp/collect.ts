/** `/proc/net/snmp` and `/proc/net/netstat`: TCP, UDP, ICMP and IPv4 of the whole host. */
import type { CollectHost, Collector } from '../../collect/collector.ts';
import type { TableChart } from '../../collect/table.ts';
import { tableCollector } from '../../collect/table.ts';

/** `[id, name, from, multiplier]` of a counter. */
type Row = readonly [id: string, name: string, from: string, multiplier?: 1 | -1];

function counters(chart: Omit<TableChart, 'dimensions' | 'context'>, rows: readonly Row[]): TableChart {
  return {
    ...chart,
    context: chart.id,
    decimals: 1,
    dimensions: rows.map(([id, name, from, multiplier = 1]) => ({
      id,
      name,
      from,
      multiplier,
      algorithm: 'incremental' as const,
    })),
  };
}

const SNMP: readonly TableChart[] = [
  {
    id: 'ip.tcpsock',
    title: 'TCP Connections',
    units: 'active connections',
    family: 'tcp',
    context: 'ip.tcpsock',
    priority: 4220,
    dimensions: [{ id: 'CurrEstab', name: 'connections', from: 'Tcp.CurrEstab' }],
  },
  counters({ id: 'ip.tcppackets', title: 'IPv4 TCP Packets', units: 'packets/s', family: 'tcp', priority: 4200 }, [
    ['InSegs', 'received', 'Tcp.InSegs'],
    ['OutSegs', 'sent', 'Tcp.OutSegs', -1],
  ]),
  counters({ id: 'ip.tcperrors', title: 'IPv4 TCP Errors', units: 'packets/s', family: 'tcp', priority: 4210 }, [
    ['InErrs', 'InErrs', 'Tcp.InErrs'],
    ['InCsumErrors', 'InCsumErrors', 'Tcp.InCsumErrors'],
    ['RetransSegs', 'RetransSegs', 'Tcp.RetransSegs', -1],
  ]),
  counters({ id: 'ip.tcpopens', title: 'IPv4 TCP Opens', units: 'connections/s', family: 'tcp', priority: 4220 }, [
    ['ActiveOpens', 'active', 'Tcp.ActiveOpens'],
    ['PassiveOpens', 'passive', 'Tcp.PassiveOpens'],
  ]),
  counters(
    { id: 'ip.tcphandshake', title: 'IPv4 TCP Handshake Issues', units: 'events/s', family: 'tcp', priority: 4230 },
    [
      ['EstabResets', 'EstabResets', 'Tcp.EstabResets'],
      ['OutRsts', 'OutRsts', 'Tcp.OutRsts'],
      ['AttemptFails', 'AttemptFails', 'Tcp.AttemptFails'],
    ],
  ),
  counters({ id: 'ipv4.packets', title: 'IPv4 Packets', units: 'packets/s', family: 'packets', priority: 5000 }, [
    ['received', 'received', 'Ip.InReceives'],
    ['sent', 'sent', 'Ip.OutRequests', -1],
    ['forwarded', 'forwarded', 'Ip.ForwDatagrams'],
    ['delivered', 'delivered', 'Ip.InDelivers'],
  ]),
  counters({ id: 'ipv4.errors', title: 'IPv4 Errors', units: 'packets/s', family: 'errors', priority: 5050 }, [
    ['InDiscards', 'InDiscards', 'Ip.InDiscards'],
    ['OutDiscards', 'OutDiscards', 'Ip.OutDiscards', -1],
    ['OutNoRoutes', 'OutNoRoutes', 'Ip.OutNoRoutes', -1],
    ['InHdrErrors', 'InHdrErrors', 'Ip.InHdrErrors'],
    ['InAddrErrors', 'InAddrErrors', 'Ip.InAddrErrors'],
    ['InUnknownProtos', 'InUnknownProtos', 'Ip.InUnknownProtos'],
  ]),
  counters({ id: 'ipv4.icmp', title: 'IPv4 ICMP Packets', units: 'packets/s', family: 'icmp', priority: 5200 }, [
    ['InMsgs', 'received', 'Icmp.InMsgs'],
    ['OutMsgs', 'sent', 'Icmp.OutMsgs', -1],
  ]),
  counters({ id: 'ipv4.icmp_errors', title: 'IPv4 ICMP Errors', units: 'packets/s', family: 'icmp', priority: 5210 }, [
    ['InErrors', 'InErrors', 'Icmp.InErrors'],
    ['OutErrors', 'OutErrors', 'Icmp.OutErrors', -1],
    ['InCsumErrors', 'InCsumErrors', 'Icmp.InCsumErrors'],
  ]),
  counters({ id: 'ipv4.udppackets', title: 'IPv4 UDP Packets', units: 'packets/s', family: 'udp', priority: 5250 }, [
    ['InDatagrams', 'received', 'Udp.InDatagrams'],
    ['OutDatagrams', 'sent', 'Udp.OutDatagrams', -1],
  ]),
  counters({ id: 'ipv4.udperrors', title: 'IPv4 UDP Errors', units: 'events/s', family: 'udp', priority: 5255 }, [
    ['RcvbufErrors', 'RcvbufErrors', 'Udp.RcvbufErrors'],
    ['SndbufErrors', 'SndbufErrors', 'Udp.SndbufErrors', -1],
    ['InErrors', 'InErrors', 'Udp.InErrors'],
    ['NoPorts', 'NoPorts', 'Udp.NoPorts'],
    ['InCsumErrors', 'InCsumErrors', 'Udp.InCsumErrors'],
    ['IgnoredMulti', 'IgnoredMulti', 'Udp.IgnoredMulti'],
  ]),
];

const NETSTAT: readonly TableChart[] = [
  {
    id: 'system.ip',
    title: 'IPv4 Bandwidth',
    units: 'kilobits/s',
    family: 'network',
    context: 'system.ip',
    type: 'area',
    priority: 501,
    decimals: 2,
    dimensions: [
      {
        id: 'InOctets',
        name: 'received',
        from: 'IpExt.InOctets',
        algorithm: 'incremental',
        multiplier: 8,
        divisor: 1000,
      },
      {
        id: 'OutOctets',
        name: 'sent',
        from: 'IpExt.OutOctets',
        algorithm: 'incremental',
        multiplier: -8,
        divisor: 1000,
      },
    ],
  },
  counters(
    { id: 'ip.tcpconnaborts', title: 'TCP Connection Aborts', units: 'connections/s', family: 'tcp', priority: 4240 },
    [
      ['TCPAbortOnData', 'baddata', 'TcpExt.TCPAbortOnData'],
      ['TCPAbortOnClose', 'userclosed', 'TcpExt.TCPAbortOnClose'],
      ['TCPAbortOnMemory', 'nomemory', 'TcpExt.TCPAbortOnMemory'],
      ['TCPAbortOnTimeout', 'timeout', 'TcpExt.TCPAbortOnTimeout'],
      ['TCPAbortOnLinger', 'linger', 'TcpExt.TCPAbortOnLinger'],
      ['TCPAbortFailed', 'failed', 'TcpExt.TCPAbortFailed', -1],
    ],
  ),
  counters(
    { id: 'ip.tcp_syn_queue', title: 'TCP SYN Queue Issues', units: 'packets/s', family: 'tcp', priority: 4250 },
    [
      ['TCPReqQFullDrop', 'drops', 'TcpExt.TCPReqQFullDrop'],
      ['TCPReqQFullDoCookies', 'cookies', 'TcpExt.TCPReqQFullDoCookies'],
    ],
  ),
  counters(
    { id: 'ip.tcp_accept_queue', title: 'TCP Accept Queue Issues', units: 'packets/s', family: 'tcp', priority: 4260 },
    [
      ['ListenOverflows', 'overflows', 'TcpExt.ListenOverflows'],
      ['ListenDrops', 'drops', 'TcpExt.ListenDrops'],
    ],
  ),
  counters(
    {
      id: 'ip.tcpreorders',
      title: 'TCP Reordered Packets by Detection Method',
      units: 'packets/s',
      family: 'tcp',
      priority: 4270,
    },
    [
      ['TCPTSReorder', 'timestamp', 'TcpExt.TCPTSReorder'],
      ['TCPSACKReorder', 'sack', 'TcpExt.TCPSACKReorder'],
      ['TCPRenoReorder', 'reno', 'TcpExt.TCPRenoReorder'],
    ],
  ),
  counters({ id: 'ip.tcpofo', title: 'TCP Out-Of-Order Queue', units: 'packets/s', family: 'tcp', priority: 4280 }, [
    ['TCPOFOQueue', 'inqueue', 'TcpExt.TCPOFOQueue'],
    ['TCPOFODrop', 'dropped', 'TcpExt.TCPOFODrop', -1],
    ['TCPOFOMerge', 'merged', 'TcpExt.TCPOFOMerge'],
    ['OfoPruned', 'pruned', 'TcpExt.OfoPruned', -1],
  ]),
  counters({ id: 'ip.tcpsyncookies', title: 'TCP SYN Cookies', units: 'packets/s', family: 'tcp', priority: 4290 }, [
    ['SyncookiesRecv', 'received', 'TcpExt.SyncookiesRecv'],
    ['SyncookiesSent', 'sent', 'TcpExt.SyncookiesSent', -1],
    ['SyncookiesFailed', 'failed', 'TcpExt.SyncookiesFailed', -1],
  ]),
  counters(
    { id: 'ip.tcpmemorypressures', title: 'TCP Memory Pressures', units: 'events/s', family: 'tcp', priority: 4300 },
    [['TCPMemoryPressures', 'pressures', 'TcpExt.TCPMemoryPressures']],
  ),
];

export function tcpCollector(host: CollectHost): Collector {
  return tableCollector(host, 'tcp', [
    { path: 'net/snmp', shape: 'pairs', charts: SNMP },
    { path: 'net/netstat', shape: 'pairs', charts: NETSTAT },
  ]);
}
