/** `/proc/sys/fs/file-nr` and `/proc/sys/kernel/random/entropy_avail`: open files and entropy. */
import type { CollectHost, Collector } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import { ByteCursor } from '../../language/bytes.ts';

export function filesCollector(host: CollectHost): Collector {
  const fileNr = new ProcFile(`${host.procRoot}/sys/fs/file-nr`, 256);
  const entropyAvail = new ProcFile(`${host.procRoot}/sys/kernel/random/entropy_avail`, 256);
  const cursor = new ByteCursor();
  const used = host.charts.add({
    id: 'system.file_nr_used',
    title: 'File Descriptors',
    units: 'files',
    family: 'files',
    context: 'system.file_nr_used',
    priority: 1000,
    dimensions: [{ id: 'used' }],
  });
  const utilization = host.charts.add({
    id: 'system.file_nr_utilization',
    title: 'File Descriptors Utilization',
    units: 'percentage',
    family: 'files',
    context: 'system.file_nr_utilization',
    priority: 1001,
    decimals: 4,
    dimensions: [{ id: 'utilization' }],
  });
  const entropy = host.charts.add({
    id: 'system.entropy',
    title: 'Available Entropy',
    units: 'entropy',
    family: 'entropy',
    context: 'system.entropy',
    priority: 1000,
    dimensions: [{ id: 'entropy' }],
  });
  return {
    name: 'files',
    collect() {
      let length = fileNr.read();
      cursor.reset(fileNr.buffer, length);
      const allocated = cursor.number();
      const unused = cursor.number();
      const max = cursor.number();
      used?.set(0, allocated - unused);
      used?.done();
      utilization?.set(0, ((allocated - unused) * 100) / max);
      utilization?.done();
      length = entropyAvail.read();
      entropy?.set(0, cursor.reset(entropyAvail.buffer, length).number());
      entropy?.done();
    },
    close() {
      fileNr.close();
      entropyAvail.close();
      for (const handle of [used, utilization, entropy]) if (handle !== undefined) host.charts.remove(handle);
    },
  };
}
