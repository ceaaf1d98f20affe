/** What the metrics engine adds to the platform: start reading here. */
import { defineModule } from '@undercroft/kernel';
import { MetricsConfig } from './config.ts';

export const metricsModule = defineModule({
  name: 'metrics',
  summary: 'Every metric of a host, each second, kept for months.',
  config: MetricsConfig,
  permissions: {
    'metrics/*': 'Read charts, values, processes and statistics of the metrics store.',
  },
  // To see which process of another user holds a port, and what it reads and writes.
  capabilities: [
    { role: 'agent', capability: 'CAP_SYS_PTRACE' },
    { role: 'agent', capability: 'CAP_DAC_READ_SEARCH' },
  ],
  commands: [
    {
      name: 'metrics',
      summary: 'Charts, values and processes of the hosts.',
      load: () => import('./commands/metrics.ts'),
    },
  ],
  roles: {
    server: {
      requires: ['store', 'http', 'inventory', 'alerts', 'host.inspect', 'coverage'],
      provides: ['metrics.write', 'metrics.query'],
      load: () => import('./server.ts'),
    },
    agent: {
      requires: ['metrics.write', 'inventory', 'coverage'],
      provides: ['host.inspect'],
      load: () => import('./agent.ts'),
    },
  },
});
