/** `/proc/stat`: time of all and of each processor, interrupts, context switches, forks, running and blocked. */
import type { ChartDefinition, ChartHandle } from '../../collect/chart-set.ts';
import type { CollectHost, Collector } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import { ascii, ByteCursor } from '../../language/bytes.ts';

/** In Netdata's order. The file's own: user nice system idle iowait irq softirq steal guest guest_nice. */
const TIMES = ['guest_nice', 'guest', 'steal', 'softirq', 'irq', 'user', 'system', 'nice', 'iowait', 'idle'];
const FILE_ORDER = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'guest_nice'];
const SLOT = FILE_ORDER.map((name) => TIMES.indexOf(name));
const [USER, NICE, GUEST, GUEST_NICE] = ['user', 'nice', 'guest', 'guest_nice'].map((name) => TIMES.indexOf(name)) as [
  number,
  number,
  number,
  number,
];
/** Charts of single processors beyond this are left out. */
export const MAX_CORES = 256;

const CPU = ascii('cpu');
const SPACE = 32;

const COUNTERS = [
  {
    word: ascii('intr '),
    chart: {
      id: 'system.intr',
      title: 'CPU Interrupts',
      units: 'interrupts/s',
      family: 'interrupts',
      context: 'system.intr',
      priority: 900,
      decimals: 1,
      dimensions: [{ id: 'interrupts', algorithm: 'incremental' }],
    },
  },
  {
    word: ascii('ctxt '),
    chart: {
      id: 'system.ctxt',
      title: 'CPU Context Switches',
      units: 'context switches/s',
      family: 'processes',
      context: 'system.ctxt',
      priority: 800,
      decimals: 1,
      dimensions: [{ id: 'switches', algorithm: 'incremental' }],
    },
  },
  {
    word: ascii('processes '),
    chart: {
      id: 'system.forks',
      title: 'Started Processes',
      units: 'processes/s',
      family: 'processes',
      context: 'system.forks',
      priority: 700,
      decimals: 1,
      dimensions: [{ id: 'started', algorithm: 'incremental' }],
    },
  },
] as const satisfies readonly { word: Uint8Array; chart: ChartDefinition }[];

const STATES: ChartDefinition = {
  id: 'system.processes',
  title: 'System Processes',
  units: 'processes',
  family: 'processes',
  context: 'system.processes',
  priority: 600,
  dimensions: [{ id: 'running' }, { id: 'blocked', multiplier: -1 }],
};
const STATE_WORDS = [ascii('procs_running '), ascii('procs_blocked ')];

function cpuChart(core: number): ChartDefinition {
  const total = core < 0;
  return {
    id: total ? 'system.cpu' : `cpu.cpu${core}`,
    title: total ? 'Total CPU utilization' : 'Core utilization',
    units: 'percentage',
    family: total ? 'cpu' : 'utilization',
    context: total ? 'system.cpu' : 'cpu.cpu',
    type: 'stacked',
    priority: total ? 100 : 1000,
    decimals: 2,
    ...(total ? {} : { labels: { cpu: `cpu${core}` } }),
    dimensions: TIMES.map((id) => ({ id, algorithm: 'percentage-of-incremental-row' as const })),
  };
}

export function statCollector(host: CollectHost): Collector {
  const file = new ProcFile(`${host.procRoot}/stat`, 16_384);
  const cursor = new ByteCursor();
  const cpus = new Map<number, ChartHandle | undefined>();
  const counters = COUNTERS.map(({ word, chart }) => ({ word, handle: host.charts.add(chart) }));
  const states = host.charts.add(STATES);

  function fillCpu(core: number): void {
    if (!cpus.has(core) && core < MAX_CORES) cpus.set(core, host.charts.add(cpuChart(core)));
    const handle = cpus.get(core);
    if (handle === undefined) return;
    const { raw } = handle;
    for (let i = 0; i < SLOT.length; i++) {
      const ticks = cursor.number();
      raw[SLOT[i]!] = Number.isNaN(ticks) ? 0 : ticks;
    }
    // The kernel counts a guest's time in user and nice as well.
    raw[USER] = raw[USER]! - raw[GUEST]!;
    raw[NICE] = raw[NICE]! - raw[GUEST_NICE]!;
    handle.done();
  }

  return {
    name: 'stat',
    collect() {
      const length = file.read();
      cursor.reset(file.buffer, length);
      while (!cursor.done) {
        if (cursor.startsWith(CPU)) {
          cursor.position += CPU.length;
          fillCpu(cursor.buffer[cursor.position] === SPACE ? -1 : cursor.number());
        } else {
          for (const { word, handle } of counters) {
            if (handle === undefined || !cursor.startsWith(word)) continue;
            cursor.position += word.length;
            handle.set(0, cursor.number());
            handle.done();
          }
          for (let i = 0; i < STATE_WORDS.length; i++) {
            if (states === undefined || !cursor.startsWith(STATE_WORDS[i]!)) continue;
            cursor.position += STATE_WORDS[i]!.length;
            states.set(i, cursor.number());
            states.done();
          }
        }
        cursor.skipLine();
      }
    },
    close() {
      file.close();
      for (const handle of [...cpus.values(), ...counters.map((counter) => counter.handle), states]) {
        if (handle !== undefined) host.charts.remove(handle);
      }
    },
  };
}
