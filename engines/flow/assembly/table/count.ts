/** Counts the packet at hand into its flow. */
import * as extras from '../extra';
import * as flows from '../flow';
import * as options from './options';
import * as view from '../view';

export function count(flow: usize): void {
  const counters = flow + (view.forward ? flows.SOURCE_COUNTERS : flows.DESTINATION_COUNTERS);
  store<u64>(counters, load<u64>(counters, flows.PACKETS) + 1, flows.PACKETS);
  store<u64>(counters, load<u64>(counters, flows.BYTES) + view.wireBytes, flows.BYTES);
  view.counters = counters;
  if (options.packetSize) countSize(flow);
  if (options.jitter && flows.hasPart(flow, flows.HAS_JITTER)) countTime(flow);
}

function countSize(flow: usize): void {
  if (!flows.hasPart(flow, flows.HAS_SIZE)) {
    flows.addPart(flow, flows.HAS_SIZE);
    store<u32>(flow, 0xffff, flows.SOURCE_SIZE_MIN);
    store<u32>(flow, 0xffff, flows.DESTINATION_SIZE_MIN);
  }
  const sizes = flow + (view.forward ? flows.SOURCE_SIZE_MIN : flows.DESTINATION_SIZE_MIN);
  const bytes = view.wireBytes;
  if (bytes > <i32>load<u16>(sizes, 2)) store<u16>(sizes, bytes, 2);
  if (bytes < <i32>load<u16>(sizes)) store<u16>(sizes, bytes);
}

/** Time since the last packet of this side, unless it is longer than two intervals. */
function countTime(flow: usize): void {
  const extra = <usize>load<u32>(flow, flows.EXTRA);
  const lastAt = extra + (view.forward ? extras.SOURCE_LAST : extras.DESTINATION_LAST);
  const last = load<u64>(lastAt);
  if (last >= view.now) return;
  store<u64>(lastAt, view.now);
  const since = view.now - last;
  if (last < flows.NO_TIME || options.interval <= 0 || since >= <u64>options.interval * 2) return;
  const block: u32 = (view.forward ? 0 : 2) + (view.active ? 0 : 1);
  const statistic = extra + extras.STATISTICS + <usize>(block * extras.STATISTIC_BYTES);
  const us = since / 1000;
  const value = <f32>us;
  if (load<f32>(statistic, extras.STATISTIC_MIN) > value) store<f32>(statistic, value, extras.STATISTIC_MIN);
  if (load<f32>(statistic, extras.STATISTIC_MAX) < value) store<f32>(statistic, value, extras.STATISTIC_MAX);
  store<f32>(statistic, load<f32>(statistic, extras.STATISTIC_SUM) + value, extras.STATISTIC_SUM);
  const squares = <f64>load<i64>(statistic, extras.STATISTIC_SQUARES) + <f64>us * <f64>us;
  store<i64>(statistic, <i64>squares, extras.STATISTIC_SQUARES);
  store<u32>(statistic, load<u32>(statistic, extras.STATISTIC_COUNT) + 1, extras.STATISTIC_COUNT);
}
