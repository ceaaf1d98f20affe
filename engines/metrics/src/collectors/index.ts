/** The collectors, in the order in which they run. A new one is a folder and a line here. */
import type { CollectorFactory } from '../collect/collector.ts';
import { diskspaceCollector } from './diskspace/collect.ts';
import { diskstatsCollector } from './diskstats/collect.ts';
import { filesCollector } from './files/collect.ts';
import { loadavgCollector } from './loadavg/collect.ts';
import { meminfoCollector } from './meminfo/collect.ts';
import { netdevCollector } from './netdev/collect.ts';
import { pressureCollector } from './pressure/collect.ts';
import { processesCollector } from './processes/collect.ts';
import { sockstatCollector } from './sockstat/collect.ts';
import { statCollector } from './stat/collect.ts';
import { tcpCollector } from './tcp/collect.ts';
import { uptimeCollector } from './uptime/collect.ts';
import { vmstatCollector } from './vmstat/collect.ts';

export const COLLECTORS = {
  stat: statCollector,
  loadavg: loadavgCollector,
  meminfo: meminfoCollector,
  vmstat: vmstatCollector,
  pressure: pressureCollector,
  diskstats: diskstatsCollector,
  diskspace: diskspaceCollector,
  netdev: netdevCollector,
  sockstat: sockstatCollector,
  tcp: tcpCollector,
  files: filesCollector,
  uptime: uptimeCollector,
  processes: processesCollector,
} as const satisfies Readonly<Record<string, CollectorFactory>>;
