/** Beacons: the same pair connects again and again at intervals too even for a person. */
import type { FlowRow } from '../archive/rows.ts';
import { type Detector, type DetectorSettings, type Finding, Subjects, spanText } from './detector.ts';
import { begins } from './outcome.ts';

const MAX_PAIRS = 50_000;
/** Connections remembered of a pair. */
const MAX_TIMES = 64;
const MIN_CONNECTIONS = 10;
const MIN_PERIOD_US = 5e6;
const MAX_PERIOD_US = 6 * 3600e6;
/** Mean deviation of the intervals from their median, and of the bytes sent from theirs, as shares of them. */
const MAX_JITTER = 0.12;
const MAX_SIZE_SPREAD = 0.25;
/** What is periodic by nature. */
const PERIODIC_PORTS: ReadonlySet<number> = new Set([67, 68, 123, 137, 138, 1900, 5353]);

interface Pair {
  readonly row: FlowRow;
  readonly timesUs: number[];
  readonly sizes: number[];
}

export class BeaconDetector implements Detector {
  readonly name = 'beacon';
  readonly #pairs = new Subjects<Pair>(MAX_PAIRS);
  readonly #settings: DetectorSettings;

  constructor(settings: DetectorSettings) {
    this.#settings = settings;
  }

  see(row: FlowRow): void {
    const { networks } = this.#settings;
    if (!begins(row) || row.destinationPort === null || PERIODIC_PORTS.has(row.destinationPort)) return;
    if (networks.inside(row.destination) || networks.special(row.destination)) return;
    const key = `${row.source} ${row.destination} ${row.protocol} ${row.destinationPort}`;
    const pair = this.#pairs.get(key, () => ({ row, timesUs: [], sizes: [] }));
    const last = pair.timesUs.at(-1);
    // Connections opened together are one visit.
    if (last !== undefined && row.timeUs - last < 1e6) return;
    pair.timesUs.push(row.timeUs);
    pair.sizes.push(row.bytesOut);
    if (pair.timesUs.length > MAX_TIMES) {
      pair.timesUs.shift();
      pair.sizes.shift();
    }
  }

  look(nowUs: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [key, pair] of this.#pairs.entries()) {
      const last = pair.timesUs.at(-1) ?? 0;
      if (nowUs - last > 3 * MAX_PERIOD_US) {
        this.#pairs.delete(key);
        continue;
      }
      const rhythm = rhythmOf(pair.timesUs);
      if (rhythm === undefined || nowUs - last > 3 * rhythm.periodUs) continue;
      const spread = spreadOf(pair.sizes);
      if (rhythm.jitter <= MAX_JITTER && spread <= MAX_SIZE_SPREAD) findings.push(finding(pair, rhythm, spread));
    }
    return findings;
  }
}

interface Rhythm {
  readonly periodUs: number;
  readonly jitter: number;
}

/** @returns undefined when there are too few connections, or their period is none that a beacon has */
function rhythmOf(timesUs: readonly number[]): Rhythm | undefined {
  if (timesUs.length < MIN_CONNECTIONS) return undefined;
  const intervals = timesUs.slice(1).map((time, index) => time - (timesUs[index] as number));
  const periodUs = median(intervals);
  if (periodUs < MIN_PERIOD_US || periodUs > MAX_PERIOD_US) return undefined;
  return { periodUs, jitter: spreadOf(intervals) };
}

/** Mean distance from the median, as a share of it. */
function spreadOf(values: readonly number[]): number {
  const middle = median(values);
  if (middle === 0) return 0;
  return values.reduce((sum, value) => sum + Math.abs(value - middle), 0) / values.length / middle;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function finding({ row, timesUs, sizes }: Pair, { periodUs, jitter }: Rhythm, spread: number): Finding {
  return {
    rule: 'flow.beacon',
    address: row.source,
    part: `${row.destination}:${row.destinationPort}`,
    state: 'warning',
    title: `${row.source} calls ${row.destination} port ${row.destinationPort} every ${spanText(periodUs)}`,
    detail: `${timesUs.length} connections deviate ${(jitter * 100).toFixed(1)} % from an even rhythm and ${(spread * 100).toFixed(0)} % from an even size (a beacon is below ${MAX_JITTER * 100} % and ${MAX_SIZE_SPREAD * 100} %).`,
    next: 'Update checks and monitoring agents look like this too: find the process, and whether this address is known.',
    evidence: [
      `${timesUs.length} connections in ${spanText((timesUs.at(-1) ?? 0) - (timesUs[0] ?? 0))}`,
      `median interval ${spanText(periodUs)}, mean deviation ${(jitter * 100).toFixed(1)} %`,
      `median of ${median(sizes)} bytes sent each time`,
    ],
    technique: 'T1071',
  };
}
