/** The tree of charts: what the machine does as a whole, then each disk, filesystem, interface and core. */
import type { Chart } from '../api/types.ts';

export interface Family {
  /** In the address: `disks/nvme0n1`. */
  readonly key: string;
  readonly label: string;
  readonly charts: readonly Chart[];
}

export interface FamilyGroup {
  readonly key: string;
  readonly label: string;
  readonly families: readonly Family[];
  readonly count: number;
}

interface Rule {
  readonly key: string;
  readonly label: string;
  readonly test: RegExp;
  /** Word of the family within the group; the chart's own family if absent. */
  readonly family?: (chart: Chart) => string;
}

const afterDot = (chart: Chart) => chart.id.slice(chart.id.indexOf('.') + 1);

const RULES: readonly Rule[] = [
  { key: 'system', label: 'System', test: /^(system|mem|ip|ipv4|ipv6|tcp|sock)\w*\./ },
  { key: 'processes', label: 'Process groups', test: /^(apps|users|groups)\./, family: () => 'groups' },
  { key: 'filesystems', label: 'Filesystems', test: /^disk_(space|inodes)\./, family: afterDot },
  { key: 'disks', label: 'Disks', test: /^disk\w*\./, family: afterDot },
  { key: 'interfaces', label: 'Interfaces', test: /^net\w*\./, family: afterDot },
  { key: 'cores', label: 'Cores', test: /^(cpu|cpufreq)\w*\./, family: () => 'cores' },
];

/** Groups in a fixed order, families and charts by the collector's priority. */
export function familyGroups(charts: readonly Chart[]): readonly FamilyGroup[] {
  const groups = new Map<string, { rule: Rule; families: Map<string, Chart[]> }>();
  for (const chart of [...charts].sort(
    (a, b) => a.priority - b.priority || a.id.localeCompare(b.id, 'en', { numeric: true }),
  )) {
    const rule = RULES.find(({ test }) => test.test(chart.id)) ?? otherRule(chart);
    const group = groups.get(rule.key) ?? { rule, families: new Map<string, Chart[]>() };
    groups.set(rule.key, group);
    const name = rule.family?.(chart) ?? chart.family;
    group.families.set(name, [...(group.families.get(name) ?? []), chart]);
  }
  const order = RULES.map(({ key }) => key);
  return [...groups.values()]
    .sort((a, b) => rank(order, a.rule.key) - rank(order, b.rule.key))
    .map(({ rule, families }) => ({
      key: rule.key,
      label: rule.label,
      count: [...families.values()].reduce((sum, list) => sum + list.length, 0),
      families: [...families].map(([name, list]) => ({ key: `${rule.key}/${name}`, label: name, charts: list })),
    }));
}

/**
 * What a percentage is of: the processor's time of all cores, or of one where processes are counted.
 *
 * @param charts of the same host, whose cores have one each
 */
export function baseOf(chart: Chart, charts: readonly Chart[]): string | undefined {
  if (chart.units !== 'percentage') return undefined;
  if (/^(app|apps|users|groups)\./.test(chart.id)) return 'of one core';
  if (chart.id !== 'system.cpu') return undefined;
  const cores = charts.filter(({ context }) => context === 'cpu.cpu').length;
  return cores > 1 ? `of ${cores} cores` : undefined;
}

/** Words that must all be in what one reads of a chart. */
export function matchesWords(chart: Chart, words: string): boolean {
  const text =
    `${chart.id} ${chart.title} ${chart.family} ${chart.context} ${chart.dimensions.map(({ name }) => name).join(' ')}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function otherRule(chart: Chart): Rule {
  const name = chart.id.slice(0, chart.id.indexOf('.'));
  return { key: name, label: name.charAt(0).toUpperCase() + name.slice(1), test: /$^/ };
}

function rank(order: readonly string[], key: string): number {
  const at = order.indexOf(key);
  return at < 0 ? order.length : at;
}
