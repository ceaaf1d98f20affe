/** Which charts become lanes of a host, and the one number each shows. Pure. */
import type { Chart } from '../../api/types.ts';
import type { SeriesBuffer } from '../../ui/chart/series.ts';

export interface ChartLane {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly chart: Chart;
  /** Unit of the number that `value` gives, for prefixes. */
  readonly units: string;
  /** Top of the axis where it is known: 100 of a percentage. */
  readonly max?: number;
  readonly tall: boolean;
  readonly value: (buffer: SeriesBuffer, index: number) => number | null;
}

/** @param cores for the base of percentages: "% of 8 cores" */
export function chartLanes(
  charts: readonly Chart[],
  facts: { readonly cores?: number | undefined; readonly memory?: string | undefined },
): readonly ChartLane[] {
  const byId = new Map(charts.map((chart) => [chart.id, chart]));
  const lanes: ChartLane[] = [];
  const cpu = byId.get('system.cpu');
  if (cpu !== undefined) {
    lanes.push({
      key: 'cpu',
      label: 'Processor',
      unit: facts.cores === undefined ? '% busy' : `% of ${facts.cores} cores`,
      chart: cpu,
      units: 'percentage',
      max: 100,
      tall: true,
      value: sumWithout(/^(idle|guest.*)$/),
    });
  }
  const ram = byId.get('system.ram');
  if (ram !== undefined) {
    lanes.push({
      key: 'memory',
      label: 'Memory',
      unit: facts.memory === undefined ? '% used' : `% of ${facts.memory}`,
      chart: ram,
      units: 'percentage',
      max: 100,
      tall: false,
      value: shareOf(/^used$/),
    });
  }
  const wait = charts.find(({ id }) => id.startsWith('disk_await.'));
  const io = byId.get('system.io') ?? charts.find(({ id }) => id.startsWith('disk.'));
  if (wait !== undefined) {
    lanes.push({
      key: 'latency',
      label: 'Disk wait',
      unit: `ms, ${device(wait)}`,
      chart: wait,
      units: 'ms/operation',
      tall: true,
      value: largest,
    });
  } else if (io !== undefined) {
    lanes.push({
      key: 'disk',
      label: 'Disk',
      unit: 'read and written',
      chart: io,
      units: io.units,
      tall: true,
      value: sumWithout(/^$/),
    });
  }
  const net = byId.get('system.net') ?? charts.find(({ id }) => /^net\./.test(id) && id !== 'net.lo');
  if (net !== undefined) {
    lanes.push({
      key: 'net',
      label: 'Network out',
      unit: 'sent',
      chart: net,
      units: net.units,
      tall: true,
      value: only(/^(sent|out)$/),
    });
  }
  return lanes;
}

function device(chart: Chart): string {
  return chart.id.slice(chart.id.indexOf('.') + 1);
}

function sumWithout(left: RegExp): ChartLane['value'] {
  return (buffer, index) => {
    let sum: number | null = null;
    for (const [i, name] of buffer.names.entries()) {
      const value = buffer.columns[i]?.[index] ?? null;
      if (value !== null && !left.test(name)) sum = (sum ?? 0) + Math.abs(value);
    }
    return sum;
  };
}

/** Percent of the whole stack. */
function shareOf(part: RegExp): ChartLane['value'] {
  return (buffer, index) => {
    let whole = 0;
    let mine: number | null = null;
    for (const [i, name] of buffer.names.entries()) {
      const value = buffer.columns[i]?.[index] ?? null;
      if (value === null) continue;
      whole += value;
      if (part.test(name)) mine = (mine ?? 0) + value;
    }
    return mine === null || whole <= 0 ? null : (100 * mine) / whole;
  };
}

function only(name: RegExp): ChartLane['value'] {
  return (buffer, index) => {
    const column = buffer.names.findIndex((one) => name.test(one));
    const value = buffer.columns[column]?.[index] ?? null;
    return value === null ? null : Math.abs(value);
  };
}

const largest: ChartLane['value'] = (buffer, index) => {
  let top: number | null = null;
  for (const column of buffer.columns) {
    const value = column[index] ?? null;
    if (value !== null && (top === null || value > top)) top = value;
  }
  return top;
};
