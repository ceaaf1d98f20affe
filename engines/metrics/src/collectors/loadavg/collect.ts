/** `/proc/loadavg`: load averages and threads. */
import type { CollectHost, Collector } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import { ByteCursor } from '../../language/bytes.ts';

export function loadavgCollector(host: CollectHost): Collector {
  const file = new ProcFile(`${host.procRoot}/loadavg`, 256);
  const cursor = new ByteCursor();
  const load = host.charts.add({
    id: 'system.load',
    title: 'System Load Average',
    units: 'load',
    family: 'load',
    context: 'system.load',
    priority: 100,
    dimensions: [{ id: 'load1' }, { id: 'load5' }, { id: 'load15' }],
  });
  const active = host.charts.add({
    id: 'system.active_processes',
    title: 'System Active Processes',
    units: 'processes',
    family: 'processes',
    context: 'system.active_processes',
    priority: 750,
    dimensions: [{ id: 'active' }],
  });
  return {
    name: 'loadavg',
    collect() {
      const length = file.read();
      cursor.reset(file.buffer, length);
      for (let i = 0; i < 3; i++) load?.set(i, cursor.number());
      load?.done();
      cursor.number();
      cursor.position++;
      active?.set(0, cursor.number());
      active?.done();
    },
    close() {
      file.close();
      for (const handle of [load, active]) if (handle !== undefined) host.charts.remove(handle);
    },
  };
}
