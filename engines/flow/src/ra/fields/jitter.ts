/** Columns of the times between packets: mean, least, most, spread and distribution. In milliseconds. */
import {
  HAS_JITTER,
  JITTER_DESTINATION_ACTIVE,
  JITTER_DESTINATION_IDLE,
  JITTER_HAS_HISTOGRAMS,
  JITTER_HISTOGRAMS,
  JITTER_SOURCE_ACTIVE,
  JITTER_SOURCE_IDLE,
  STAT_COUNT,
  STAT_MAX,
  STAT_MEAN,
  STAT_MIN,
  STAT_STDDEV,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import type { Cell } from '../text/cell.ts';
import type { Field, FieldWriter, Style } from './field.ts';

const { fround } = Math;
const US_PER_MS = 1000;
const HISTOGRAM_COUNTS = 8;
/** Bytes of one block's histogram. */
const HISTOGRAM_BYTES = 8;

function plain(name: string, header: string, width: number, write: FieldWriter): Field {
  return { name, header, width, write, kind: 'plain' };
}

function milliseconds(name: string, header: string, figure: (record: FlowRecord) => number | null): Field {
  return plain(name, header, 12, (cell: Cell, record: FlowRecord, style: Style) => {
    const value = record.has(HAS_JITTER) ? figure(record) : null;
    if (value !== null) cell.fixed(value, style.digits);
  });
}

/** Mean of both blocks; ra shows a source without gaps as 0 and a destination without gaps as nothing. */
function meanOf(active: number, idle: number, ofNone: number | null) {
  return (record: FlowRecord) => {
    const actives = record.get(active + STAT_COUNT);
    const idles = record.get(idle + STAT_COUNT);
    const count = actives + idles;
    if (count === 0) return ofNone;
    return meanUs(record, active, idle, actives, idles) / US_PER_MS;
  };
}

function meanUs(record: FlowRecord, active: number, idle: number, actives: number, idles: number): number {
  const activeSum = fround(record.getFloat(active + STAT_MEAN) * fround(actives));
  const idleSum = fround(record.getFloat(idle + STAT_MEAN) * fround(idles));
  if (idles === 0) return fround(activeSum / fround(actives));
  if (actives === 0) return fround(idleSum / fround(idles));
  return fround(fround(activeSum + idleSum) / fround(actives + idles));
}

/** Standard deviation of both blocks together, by ra's formula (which is not in one unit). */
function spreadOf(active: number, idle: number) {
  return (record: FlowRecord) => {
    const actives = record.get(active + STAT_COUNT);
    const idles = record.get(idle + STAT_COUNT);
    if (actives + idles === 0) return null;
    if (actives === 0) return record.getFloat(idle + STAT_STDDEV) / US_PER_MS;
    if (idles === 0) return record.getFloat(active + STAT_STDDEV) / US_PER_MS;
    const count = actives + idles;
    const squares = (squareSum(record, active, actives) + squareSum(record, idle, idles)) / US_PER_MS;
    const mean = fround(meanUs(record, active, idle, actives, idles) / US_PER_MS);
    return Math.sqrt(squares / count - mean ** 2);
  };
}

function squareSum(record: FlowRecord, block: number, count: number): number {
  const sum = fround(record.getFloat(block + STAT_MEAN) * fround(count));
  return count * record.getFloat(block + STAT_STDDEV) ** 2 + sum ** 2 / count;
}

const statOf = (block: number, stat: number) => (record: FlowRecord) => record.getFloat(block + stat) / US_PER_MS;

const blockSpreadOf = (block: number) => (record: FlowRecord) =>
  record.get(block + STAT_COUNT) > 0 ? record.getFloat(block + STAT_STDDEV) / US_PER_MS : null;

const largerOf = (one: number, other: number, stat: number) => (record: FlowRecord) =>
  Math.max(record.getFloat(one + stat), record.getFloat(other + stat)) / US_PER_MS;

/** One hex digit (or two, in 16 characters) for each doubling of the time. @param blocks 0 to 3 */
function distribution(name: string, header: string, width: number, blocks: readonly number[]): Field {
  return plain(name, header, width, (cell, record) => {
    if (!record.has(HAS_JITTER) || record.get(JITTER_HAS_HISTOGRAMS) === 0) return;
    const at = (record.base + JITTER_HISTOGRAMS) * 4;
    const digits = cell.width >= 16 ? 2 : 1;
    const limit = 16 ** digits - 1;
    const counts = Array.from({ length: HISTOGRAM_COUNTS }, (_, i) =>
      blocks.reduce((sum, block) => sum + (record.bytes[at + block * HISTOGRAM_BYTES + i] as number), 0),
    );
    const most = Math.max(...counts);
    for (const count of counts) {
      const scaled = most > limit && count > 0 ? Math.max(1, Math.floor((count * limit) / most)) : count;
      cell.hex(scaled, digits);
    }
  });
}

const S = [JITTER_SOURCE_ACTIVE, JITTER_SOURCE_IDLE] as const;
const D = [JITTER_DESTINATION_ACTIVE, JITTER_DESTINATION_IDLE] as const;

export const JITTER_FIELDS: readonly Field[] = [
  milliseconds('sintpkt', 'SIntPkt', meanOf(...S, 0)),
  milliseconds('dintpkt', 'DIntPkt', meanOf(...D, null)),
  milliseconds('sintpktact', 'SIntPktAct', statOf(S[0], STAT_MEAN)),
  milliseconds('dintpktact', 'DIntPktAct', statOf(D[0], STAT_MEAN)),
  milliseconds('sintpktidl', 'SIntPktIdl', statOf(S[1], STAT_MEAN)),
  milliseconds('dintpktidl', 'DIntPktIdl', statOf(D[1], STAT_MEAN)),
  milliseconds('sintpktmax', 'SIntPktMax', largerOf(...S, STAT_MAX)),
  milliseconds('sintpktmin', 'SIntPktMin', largerOf(...S, STAT_MIN)),
  milliseconds('dintpktmax', 'DIntPktMax', statOf(D[0], STAT_MAX)),
  milliseconds('dintpktmin', 'DIntPktMin', statOf(D[0], STAT_MIN)),
  milliseconds('sintpktactmax', 'SIPActMax', statOf(S[0], STAT_MAX)),
  milliseconds('sintpktactmin', 'SIPActMin', statOf(S[0], STAT_MIN)),
  milliseconds('dintpktactmax', 'DIPActMax', statOf(D[0], STAT_MAX)),
  milliseconds('dintpktactmin', 'DIPActMin', statOf(D[0], STAT_MIN)),
  milliseconds('sintpktidlmax', 'SIPIdlMax', statOf(S[1], STAT_MAX)),
  milliseconds('sintpktidlmin', 'SIPIdlMin', statOf(S[1], STAT_MIN)),
  milliseconds('dintpktidlmax', 'DIPIdlMax', statOf(D[1], STAT_MAX)),
  milliseconds('dintpktidlmin', 'DIPIdlMin', statOf(D[1], STAT_MIN)),
  milliseconds('sjit', 'SrcJitter', spreadOf(...S)),
  milliseconds('djit', 'DstJitter', spreadOf(...D)),
  milliseconds('sjitact', 'SrcJitAct', blockSpreadOf(S[0])),
  milliseconds('djitact', 'DstJitAct', blockSpreadOf(D[0])),
  milliseconds('sjitidl', 'SrcJitIdl', blockSpreadOf(S[1])),
  milliseconds('djitidl', 'DstJitIdl', blockSpreadOf(D[1])),
  distribution('sintdist', 'SIntDist', 8, [0, 1]),
  distribution('dintdist', 'DIntDist', 8, [2, 3]),
  distribution('sintdistact', 'SIntActDist', 11, [0]),
  distribution('dintdistact', 'DIntActDist', 11, [2]),
  distribution('sintdistidl', 'SIntIdlDist', 11, [1]),
  distribution('dintdistidl', 'DIntIdlDist', 11, [3]),
];
