/** `/proc/uptime`: seconds since the machine started. */
import type { CollectHost, Collector } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import { ByteCursor } from '../../language/bytes.ts';

export function uptimeCollector(host: CollectHost): Collector {
  const file = new ProcFile(`${host.procRoot}/uptime`, 256);
  const cursor = new ByteCursor();
  const chart = host.charts.add({
    id: 'system.uptime',
    title: 'System Uptime',
    units: 'seconds',
    family: 'uptime',
    context: 'system.uptime',
    priority: 1000,
    decimals: 0,
    dimensions: [{ id: 'uptime' }],
  });
  return {
    name: 'uptime',
    collect() {
      const length = file.read();
      chart?.set(0, cursor.reset(file.buffer, length).number());
      chart?.done();
    },
    close() {
      file.close();
      if (chart !== undefined) host.charts.remove(chart);
    },
  };
}
