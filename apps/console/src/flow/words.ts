/** How flows are spoken of: services, sums, whole sentences. Pure. */
import { formatBytes, formatCount } from '../time/format.ts';
import type { Key, Measure } from './types.ts';

/** "443/tcp tls", "icmp": what is spoken, then where. */
export function serviceName(port: Key | undefined, protocol: Key | undefined, application?: Key): string {
  const where = port === null || port === undefined ? String(protocol ?? 'other') : `${port}/${protocol}`;
  return application === null || application === undefined || application === '' ? where : `${application} ${where}`;
}

export function formatMeasure(value: number, measure: Measure): string {
  if (measure === 'bytes') return formatBytes(value);
  return `${formatCount(value)} ${measure === 'flows' ? (value === 1 ? 'record' : 'records') : value === 1 ? 'packet' : 'packets'}`;
}

export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
  bytes: 'Bytes',
  packets: 'Packets',
  flows: 'Records',
};

/** A duration of a flow: from microseconds to days, in one unit. */
export function durationWords(us: number): string {
  if (us < 1000) return `${us}\u00a0µs`;
  if (us < 1e6) return `${threeDigits(us / 1e3)}\u00a0ms`;
  return us < 120e6 ? `${threeDigits(us / 1e6)}\u00a0s` : `${threeDigits(us / 60e6)}\u00a0min`;
}

function threeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
