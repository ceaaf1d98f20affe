/** When: columns of times and durations. */
import {
  AGGREGATE_ACTIVE,
  AGGREGATE_COUNT,
  DESTINATION_END_S,
  DESTINATION_START_S,
  END_S,
  HAS_AGGREGATE,
  KIND,
  KIND_MANAGEMENT,
  MANAGEMENT,
  MAR_NOW_S,
  MAR_NOW_US,
  MAR_START_S,
  MAR_START_US,
  SOURCE_END_S,
  SOURCE_START_S,
  START_S,
  STAT_COUNT,
  STAT_MAX,
  STAT_MEAN,
  STAT_MIN,
  STAT_STDDEV,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { transactions } from '../record/measures.ts';
import { destinationDuration, duration, sourceDuration } from '../record/times.ts';
import type { Cell } from '../text/cell.ts';
import type { Field, FieldWriter, Style } from './field.ts';

const WIDTH = 12;
const DURATION_WIDTH = 10;

export function isManagement(record: FlowRecord): boolean {
  return record.get(KIND) === KIND_MANAGEMENT;
}

/** @param time word of the seconds, nanoseconds follow @param management MAR_… word of the seconds */
function timeField(name: string, header: string, time: number, management: number): Field {
  const write: FieldWriter = (cell, record, style) => {
    if (isManagement(record)) {
      style.clock.write(cell, record.get(MANAGEMENT + management), record.get(MANAGEMENT + management + 1));
    } else {
      style.clock.write(cell, record.get(time), Math.floor(record.get(time + 1) / 1000));
    }
  };
  return { name, header, width: WIDTH, write, kind: 'time' };
}

/** A management record lasts from its maker's start to now. */
function managementSeconds(record: FlowRecord): number {
  const seconds = record.get(MANAGEMENT + MAR_NOW_S) - record.get(MANAGEMENT + MAR_START_S);
  const micros = record.get(MANAGEMENT + MAR_NOW_US) - record.get(MANAGEMENT + MAR_START_US);
  return Math.fround(seconds + micros / 1e6);
}

function durationField(name: string, header: string, seconds: (record: FlowRecord) => number): Field {
  const write: FieldWriter = (cell, record, style) => {
    cell.fixed(isManagement(record) ? managementSeconds(record) : seconds(record), style.digits);
  };
  return { name, header, width: DURATION_WIDTH, write, kind: 'plain' };
}

/** Statistics of the durations that were merged; a record that was not has its own. */
function statisticField(name: string, header: string, stat: (record: FlowRecord) => number): Field {
  const write = (cell: Cell, record: FlowRecord, style: Style) => {
    if (isManagement(record)) return;
    let value = 0;
    if (record.has(HAS_AGGREGATE)) value = record.get(AGGREGATE_COUNT) > 0 ? stat(record) : 0;
    else if (stat !== standardDeviation && transactions(record) > 0) value = duration(record);
    cell.fixed(value, style.digits);
  };
  return { name, header, width: DURATION_WIDTH, write, kind: 'plain' };
}

const active = (word: number) => (record: FlowRecord) => record.getFloat(AGGREGATE_ACTIVE + word);
const standardDeviation = active(STAT_STDDEV);
const sum = (record: FlowRecord) =>
  Math.fround(record.getFloat(AGGREGATE_ACTIVE + STAT_MEAN) * record.get(AGGREGATE_ACTIVE + STAT_COUNT));

let firstStart = Number.NaN;
const relativeTime: FieldWriter = (cell, record, style) => {
  const seconds = isManagement(record)
    ? record.get(MANAGEMENT + MAR_NOW_S) + record.get(MANAGEMENT + MAR_NOW_US) / 1e6
    : record.get(START_S) + record.get(START_S + 1) / 1e9;
  if (Number.isNaN(firstStart)) firstStart = seconds;
  cell.fixed(seconds - firstStart, style.digits);
};

const idleTime: FieldWriter = (cell, record, style) => {
  if (isManagement(record)) return;
  cell.fixed(Math.max(0, style.nowS() - record.get(END_S) - record.get(END_S + 1) / 1e9), style.digits);
};

export const TIME_FIELDS: readonly Field[] = [
  timeField('stime', 'StartTime', START_S, MAR_NOW_S),
  timeField('ltime', 'LastTime', END_S, MAR_START_S),
  timeField('sstime', 'SrcStartTime', SOURCE_START_S, MAR_START_S),
  timeField('sltime', 'SrcLastTime', SOURCE_END_S, MAR_START_S),
  timeField('dstime', 'DstStartTime', DESTINATION_START_S, MAR_START_S),
  timeField('dltime', 'DstLastTime', DESTINATION_END_S, MAR_START_S),
  { name: 'rtime', header: 'RelTime', width: WIDTH, write: relativeTime, kind: 'plain' },
  durationField('dur', 'Dur', duration),
  durationField('sdur', 'SrcDur', sourceDuration),
  durationField('ddur', 'DstDur', destinationDuration),
  statisticField('mean', 'Mean', active(STAT_MEAN)),
  statisticField('min', 'Min', active(STAT_MIN)),
  statisticField('max', 'Max', active(STAT_MAX)),
  statisticField('sum', 'Sum', sum),
  statisticField('runtime', 'RunTime', sum),
  statisticField('stddev', 'StdDev', standardDeviation),
  { name: 'idle', header: 'IdleTime', width: DURATION_WIDTH, write: idleTime, kind: 'plain' },
];
