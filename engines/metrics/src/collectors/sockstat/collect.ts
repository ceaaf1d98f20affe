/** `/proc/net/sockstat` and `sockstat6`: sockets in use and the memory they hold. */
import type { ChartDefinition, ChartHandle } from '../../collect/chart-set.ts';
import type { CollectHost, Collector } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import { ascii, ByteCursor } from '../../language/bytes.ts';

interface SocketChart {
  readonly line: string;
  /** Words of the line, in the order of the dimensions. */
  readonly words: readonly string[];
  readonly chart: ChartDefinition;
}

function sockets(id: string, title: string, family: string, priority: number, dimensions: readonly string[]) {
  return { id, title, units: 'sockets', family, context: id, priority, dimensions: dimensions.map((d) => ({ id: d })) };
}

function memory(id: string, title: string, family: string, priority: number): ChartDefinition {
  return {
    id,
    title,
    units: 'KiB',
    family,
    context: id,
    type: 'area',
    priority,
    dimensions: [{ id: 'mem', multiplier: 4 }],
  };
}

const IPV4: readonly SocketChart[] = [
  {
    line: 'sockets:',
    words: ['used'],
    chart: sockets('ip.sockstat_sockets', 'Sockets used for all address families', 'sockets', 4310, ['used']),
  },
  {
    line: 'TCP:',
    words: ['alloc', 'orphan', 'inuse', 'tw'],
    chart: sockets('ipv4.sockstat_tcp_sockets', 'TCP Sockets', 'tcp', 5180, ['alloc', 'orphan', 'inuse', 'timewait']),
  },
  { line: 'TCP:', words: ['mem'], chart: memory('ipv4.sockstat_tcp_mem', 'TCP Sockets Memory', 'tcp', 5185) },
  {
    line: 'UDP:',
    words: ['inuse'],
    chart: sockets('ipv4.sockstat_udp_sockets', 'IPv4 UDP Sockets', 'udp', 5260, ['inuse']),
  },
  { line: 'UDP:', words: ['mem'], chart: memory('ipv4.sockstat_udp_mem', 'IPv4 UDP Sockets Memory', 'udp', 5265) },
  {
    line: 'RAW:',
    words: ['inuse'],
    chart: sockets('ipv4.sockstat_raw_sockets', 'IPv4 RAW Sockets', 'raw', 5450, ['inuse']),
  },
];
const IPV6: readonly SocketChart[] = [
  {
    line: 'TCP6:',
    words: ['inuse'],
    chart: sockets('ipv6.sockstat6_tcp_sockets', 'IPv6 TCP Sockets', 'tcp6', 6140, ['inuse']),
  },
  {
    line: 'UDP6:',
    words: ['inuse'],
    chart: sockets('ipv6.sockstat6_udp_sockets', 'IPv6 UDP Sockets', 'udp6', 6050, ['inuse']),
  },
];

export function sockstatCollector(host: CollectHost): Collector {
  const readers = [
    { file: new ProcFile(`${host.procRoot}/net/sockstat`, 1024), optional: false, charts: IPV4.map(entry) },
    { file: new ProcFile(`${host.procRoot}/net/sockstat6`, 1024), optional: true, charts: IPV6.map(entry) },
  ];
  const cursor = new ByteCursor();
  return {
    name: 'sockstat',
    collect() {
      for (const reader of readers) {
        let length: number;
        try {
          length = reader.file.read();
        } catch (error) {
          // A kernel without IPv6 has no sockstat6.
          if (reader.optional) continue;
          throw error;
        }
        fill(host, cursor.reset(reader.file.buffer, length), reader.charts);
      }
    },
    close() {
      for (const reader of readers) {
        reader.file.close();
        for (const { handle } of reader.charts) if (handle !== undefined) host.charts.remove(handle);
      }
    },
  };
}

interface Entry {
  readonly line: Uint8Array;
  readonly words: readonly Uint8Array[];
  readonly chart: ChartDefinition;
  handle: ChartHandle | undefined;
}

function entry({ line, words, chart }: SocketChart): Entry {
  return { line: ascii(line), words: words.map((word) => ascii(`${word} `)), chart, handle: undefined };
}

function fill(host: CollectHost, cursor: ByteCursor, charts: readonly Entry[]): void {
  while (!cursor.done) {
    const start = cursor.position;
    for (const chart of charts) {
      cursor.position = start;
      if (!cursor.startsWith(chart.line)) continue;
      chart.handle ??= host.charts.add(chart.chart);
      if (chart.handle === undefined) continue;
      cursor.position += chart.line.length;
      fillLine(cursor, chart.words, chart.handle);
      chart.handle.done();
    }
    cursor.position = start;
    cursor.skipLine();
  }
}

/** The rest of the line is words and values in turn. */
function fillLine(cursor: ByteCursor, words: readonly Uint8Array[], handle: ChartHandle): void {
  for (;;) {
    cursor.skipSpaces();
    if (cursor.done || cursor.buffer[cursor.position] === 10) return;
    const index = words.findIndex((word) => cursor.startsWith(word));
    cursor.skipWord();
    const value = cursor.number();
    if (Number.isNaN(value)) return;
    if (index >= 0) handle.set(index, value);
  }
}
