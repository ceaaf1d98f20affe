/** Statistics of what was merged: durations, rests, jitter. */
import {
  AGGREGATE_ACTIVE,
  AGGREGATE_COUNT,
  AGGREGATE_IDLE,
  AGGREGATE_LAST_END_S,
  AGGREGATE_LAST_END_US,
  AGGREGATE_LAST_S,
  AGGREGATE_LAST_US,
  DESTINATION_PACKETS,
  HAS,
  HAS_AGGREGATE,
  HAS_JITTER,
  JITTER_HAS,
  JITTER_SOURCE_ACTIVE,
  SOURCE_PACKETS,
  STAT_COUNT,
  STAT_MAX,
  STAT_MEAN,
  STAT_MIN,
  STAT_STDDEV,
  STAT_WORDS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { duration } from '../record/times.ts';
import { copyPart } from './words.ts';

const JITTER_BLOCKS = 4;

/** What the statistics are of: durations unless a client asks for another figure. */
export type Figure = (record: FlowRecord) => number;

/** A record that stands for itself becomes one that stands for one. */
export function beginAggregate(record: FlowRecord, figure: Figure = duration): void {
  if (record.has(HAS_AGGREGATE)) return;
  const packets = record.getWide(SOURCE_PACKETS) + record.getWide(DESTINATION_PACKETS);
  if (packets === 0) return;
  const value = figure(record);
  record.set(HAS, (record.get(HAS) | HAS_AGGREGATE) >>> 0);
  record.set(AGGREGATE_COUNT, 1);
  record.set(AGGREGATE_ACTIVE + STAT_COUNT, 1);
  record.setFloat(AGGREGATE_ACTIVE + STAT_MIN, value);
  record.setFloat(AGGREGATE_ACTIVE + STAT_MEAN, value);
  record.setFloat(AGGREGATE_ACTIVE + STAT_MAX, value);
  record.setFloat(AGGREGATE_ACTIVE + STAT_STDDEV, 0);
  for (let word = 0; word < STAT_WORDS; word += 1) record.set(AGGREGATE_IDLE + word, 0);
}

export function mergeStatistics(one: FlowRecord, other: FlowRecord, sourceGap: number, destinationGap: number): void {
  one.set(AGGREGATE_COUNT, (one.get(AGGREGATE_COUNT) + other.get(AGGREGATE_COUNT)) >>> 0);
  mergeActive(one, other);
  if (sourceGap > 0 || destinationGap > 0) mergeIdle(one, other, sourceGap, destinationGap);
  laterOf(one, other, AGGREGATE_LAST_S, AGGREGATE_LAST_US);
  laterOf(one, other, AGGREGATE_LAST_END_S, AGGREGATE_LAST_END_US);
}

function laterOf(one: FlowRecord, other: FlowRecord, seconds: number, micros: number): void {
  const isLater =
    other.get(seconds) > one.get(seconds) ||
    (other.get(seconds) === one.get(seconds) && other.get(micros) > one.get(micros));
  if (!isLater) return;
  one.set(seconds, other.get(seconds));
  one.set(micros, other.get(micros));
}

function squareSum(record: FlowRecord, block: number): number {
  const count = record.get(block + STAT_COUNT);
  const mean = record.getFloat(block + STAT_MEAN);
  return count > 1 ? count * (record.getFloat(block + STAT_STDDEV) ** 2 + mean ** 2) : mean ** 2;
}

function sumOf(record: FlowRecord, block: number): number {
  const count = record.get(block + STAT_COUNT);
  const mean = record.getFloat(block + STAT_MEAN);
  return count > 1 ? Math.fround(mean * count) : mean;
}

function mergeActive(one: FlowRecord, other: FlowRecord): void {
  const block = AGGREGATE_ACTIVE;
  const squares = squareSum(one, block) + squareSum(other, block);
  const sum = sumOf(one, block) + sumOf(other, block);
  const count = one.get(block + STAT_COUNT) + other.get(block + STAT_COUNT);
  one.setFloat(block + STAT_MAX, Math.max(one.getFloat(block + STAT_MAX), other.getFloat(block + STAT_MAX)));
  one.setFloat(block + STAT_MIN, Math.min(one.getFloat(block + STAT_MIN), other.getFloat(block + STAT_MIN)));
  one.set(block + STAT_COUNT, count);
  if (count === 0) return;
  one.setFloat(block + STAT_MEAN, sum / count);
  const mean = one.getFloat(block + STAT_MEAN);
  one.setFloat(block + STAT_STDDEV, Math.sqrt(Math.abs(squares / count - mean ** 2)));
}

/** Rests between records, of each side that has both. */
function mergeIdle(one: FlowRecord, other: FlowRecord, sourceGap: number, destinationGap: number): void {
  const block = AGGREGATE_IDLE;
  const first = one.get(block + STAT_COUNT);
  const second = other.get(block + STAT_COUNT);
  const count = first + second + (sourceGap > 0 ? 1 : 0) + (destinationGap > 0 ? 1 : 0);
  const sum = sumOf(one, block) + sumOf(other, block) + (sourceGap + destinationGap);
  const squares = squareSum(one, block) + squareSum(other, block) + 2 * (sourceGap ** 2 + destinationGap ** 2);
  let least = first > 0 ? one.getFloat(block + STAT_MIN) : Number.POSITIVE_INFINITY;
  if (second > 0) least = Math.min(least, other.getFloat(block + STAT_MIN));
  if (sourceGap > 0) least = Math.min(least, sourceGap);
  if (destinationGap > 0) least = Math.min(least, destinationGap);
  const most = Math.max(one.getFloat(block + STAT_MAX), other.getFloat(block + STAT_MAX), sourceGap, destinationGap);
  one.setFloat(block + STAT_MIN, least);
  one.setFloat(block + STAT_MAX, most);
  one.set(block + STAT_COUNT, count);
  one.setFloat(block + STAT_MEAN, sum / count);
  const mean = one.getFloat(block + STAT_MEAN);
  if (count > 1) one.setFloat(block + STAT_STDDEV, Math.sqrt(Math.abs(squares / count - mean ** 2)));
}

export function mergeJitter(one: FlowRecord, other: FlowRecord): void {
  if (!one.has(HAS_JITTER)) {
    copyPart(one, other, HAS_JITTER, JITTER_HAS, 1 + JITTER_BLOCKS * STAT_WORDS + 9);
    return;
  }
  for (let index = 0; index < JITTER_BLOCKS; index += 1)
    mergeJitterBlock(one, other, JITTER_SOURCE_ACTIVE + index * STAT_WORDS);
  one.set(JITTER_HAS, one.get(JITTER_HAS) | other.get(JITTER_HAS));
}

function mergeJitterBlock(one: FlowRecord, other: FlowRecord, block: number): void {
  const first = one.get(block + STAT_COUNT);
  const second = other.get(block + STAT_COUNT);
  if (second === 0) return;
  if (first === 0) {
    for (let word = 0; word < STAT_WORDS; word += 1) one.set(block + word, other.get(block + word));
    return;
  }
  const count = first + second;
  const mean = (one.getFloat(block + STAT_MEAN) * first + other.getFloat(block + STAT_MEAN) * second) / count;
  const squares = jitterSquares(one, block) + jitterSquares(other, block);
  one.setFloat(block + STAT_MIN, Math.min(one.getFloat(block + STAT_MIN), other.getFloat(block + STAT_MIN)));
  one.setFloat(block + STAT_MAX, Math.max(one.getFloat(block + STAT_MAX), other.getFloat(block + STAT_MAX)));
  one.set(block + STAT_COUNT, count);
  // ra keeps both in whole microseconds here.
  one.setFloat(block + STAT_MEAN, Math.trunc(mean));
  one.setFloat(block + STAT_STDDEV, Math.trunc(Math.sqrt(Math.max(0, squares / count - mean ** 2))));
}

function jitterSquares(record: FlowRecord, block: number): number {
  const count = record.get(block + STAT_COUNT);
  return count * (record.getFloat(block + STAT_STDDEV) ** 2 + record.getFloat(block + STAT_MEAN) ** 2);
}
