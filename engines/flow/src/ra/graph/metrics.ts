/** What can be drawn: counts become rates, other figures are averaged over their records. */
import type { FlowRecord } from '../../record/record.ts';
import type { Style } from '../fields/field.ts';
import { FIELDS } from '../fields/table.ts';
import { appBytes, bytes, gap, loss, packets, type Side, transactions } from '../record/measures.ts';
import { Cell } from '../text/cell.ts';

export interface Metric {
  readonly name: string;
  /** `bits/s`, `packets/s`, `s`. */
  readonly unit: string;
  readonly isRate: boolean;
  /** Whose traffic it is: both sides of a pair are drawn on both sides of the axis. */
  readonly side: 'source' | 'destination' | 'both';
  /** NaN where the record says nothing. */
  readonly read: (record: FlowRecord) => number;
}

type Count = (record: FlowRecord, side: Side) => number;

const BITS = 8;
const bits =
  (count: Count): Count =>
  (record, side) =>
    count(record, side) * BITS;
const COUNTS: Readonly<Record<string, readonly [unit: string, count: Count]>> = {
  bytes: ['bits/s', bits(bytes)],
  appbytes: ['bits/s', bits(appBytes)],
  load: ['bits/s', bits(bytes)],
  pkts: ['packets/s', packets],
  rate: ['packets/s', packets],
  loss: ['packets/s', loss],
  retrans: ['packets/s', loss],
  gap: ['bits/s', bits(gap)],
};
/** Units of figures that are averaged; what is not here has none. */
const UNITS: Readonly<Record<string, string>> = {
  dur: 's',
  sdur: 's',
  ddur: 's',
  runtime: 's',
  mean: 's',
  min: 's',
  max: 's',
  sum: 's',
  stddev: 's',
  idle: 's',
  tcprtt: 's',
  synack: 's',
  ackdat: 's',
  ploss: '%',
  sploss: '%',
  dploss: '%',
  swin: 'bytes',
  dwin: 'bytes',
  smeansz: 'bytes',
  dmeansz: 'bytes',
  smaxsz: 'bytes',
  dmaxsz: 'bytes',
  sminsz: 'bytes',
  dminsz: 'bytes',
  sjit: 'ms',
  djit: 'ms',
  sintpkt: 'ms',
  dintpkt: 'ms',
};
const AVERAGED = [
  ...Object.keys(UNITS),
  'sttl',
  'dttl',
  'shops',
  'dhops',
  'pcr',
  'abr',
  'sintpktact',
  'sintpktidl',
  'dintpktact',
  'dintpktidl',
  'sjitact',
  'djitact',
  'sjitidl',
  'djitidl',
  'nstroke',
  'snstroke',
  'dnstroke',
  'stcpmax',
  'dtcpmax',
];
/** Names with an `s` and a `d` form. */
const SIDED = /^([sd])(ttl|hops|dur|ploss|win|meansz|maxsz|minsz|jit.*|intpkt.*|nstroke|tcpmax)$/;

/** @returns null for a field that is no figure: it is an object then */
export function metricOf(name: string, style: Style): Metric | null {
  if (name === 'trans') return { name, unit: 'flows/s', isRate: true, side: 'both', read: transactions };
  const whole = COUNTS[name];
  if (whole !== undefined) {
    const [unit, count] = whole;
    return { name, unit, isRate: true, side: 'both', read: (record) => count(record, 0) + count(record, 1) };
  }
  const half = /^[sd]/.test(name) ? COUNTS[name.slice(1)] : undefined;
  if (half !== undefined) {
    const [unit, count] = half;
    const isSource = name.startsWith('s');
    const side: Side = isSource ? 0 : 1;
    return {
      name,
      unit,
      isRate: true,
      side: isSource ? 'source' : 'destination',
      read: (record) => count(record, side),
    };
  }
  return AVERAGED.includes(name) && FIELDS.has(name) ? averaged(name, style) : null;
}

function averaged(name: string, style: Style): Metric {
  const letter = SIDED.exec(name)?.[1];
  return {
    name,
    unit: UNITS[name] ?? '',
    isRate: false,
    side: letter === undefined ? 'both' : letter === 's' ? 'source' : 'destination',
    read: printedFigure(name, style),
  };
}

/** A field as the number that ra prints; NaN where it prints none. */
export function printedFigure(name: string, style: Style): (record: FlowRecord) => number {
  const field = FIELDS.get(name);
  const cell = new Cell();
  const position = { offset: 0, rank: 0 };
  return (record) => {
    cell.start(0);
    field?.write(cell, record, style, position);
    const text = cell.toString().trim();
    return text === '' ? Number.NaN : Number(text);
  };
}
