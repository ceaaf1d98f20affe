/** Writes what a flow holds as a record, word by word as `src/record/layout.ts` says. */
import * as layout from '../../src/record/layout';
import { QUIRK_START_BY_SECONDS } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as extras from '../extra';
import * as flows from '../flow';
import * as options from './options';
import { giveBlock } from './memory';
import { keepData, nextRecord } from './outbox';
import { KEYSTROKES_STROKES } from '../protocols/keystroke-state';
import { writeKey } from './record-key';
import { writeNetwork } from './record-network';

/**
 * @param cause CAUSE_…
 * @returns false if there was no place for it
 */
export function writeRecord(flow: usize, cause: u32): bool {
  const record = nextRecord();
  if (record == 0) return false;
  let has: u32 = layout.HAS_TRANSPORT | layout.HAS_FLOW | layout.HAS_ENCAPSULATION;
  set(record, layout.KIND, layout.KIND_FLOW);
  set(record, layout.CAUSE, cause);
  set(record, layout.SOURCE_ID_KIND, options.sourceKind);
  set(record, layout.SOURCE_ID, options.sourceId);
  set(record, layout.SEQUENCE, load<u32>(flow, flows.SEQUENCE));
  writeKey(record, flow);
  if (flows.hasPart(flow, flows.HAS_TIME)) {
    has |= layout.HAS_TIME;
    writeTime(record, flow);
  }
  has |= writeMetric(record, flow);
  set(record, layout.SOURCE_ENCAPSULATION, load<u32>(flow, flows.SOURCE_ENCAPSULATION));
  set(record, layout.DESTINATION_ENCAPSULATION, load<u32>(flow, flows.DESTINATION_ENCAPSULATION));
  set(record, layout.ENCAPSULATION_CHANGED, load<u8>(flow, flows.ENCAPSULATION_QUALIFIER));
  if (flows.hasPart(flow, flows.HAS_NETWORK)) {
    has |= layout.HAS_NETWORK;
    set(record, layout.NET_QUALIFIER, load<u8>(flow, flows.NETWORK_QUALIFIER));
    writeNetwork(record, flow);
  }
  if (flows.hasPart(flow, flows.HAS_VLAN)) {
    has |= layout.HAS_VLAN;
    set(record, layout.VLAN_HAS, load<u8>(flow, flows.VLAN_QUALIFIER));
    set(record, layout.SOURCE_VLAN, load<u16>(flow, flows.SOURCE_VLAN));
    set(record, layout.DESTINATION_VLAN, load<u16>(flow, flows.DESTINATION_VLAN));
  }
  if (flows.hasPart(flow, flows.HAS_MPLS)) {
    has |= layout.HAS_MPLS;
    writeMpls(record, flow);
  }
  if (flows.hasPart(flow, flows.HAS_ATTRIBUTES)) {
    has |= layout.HAS_IP;
    writeAttributes(record, flow);
  }
  if (flows.hasPart(flow, flows.HAS_SIZE)) has |= writeSizes(record, flow);
  const extra = <usize>load<u32>(flow, flows.EXTRA);
  if (extra != 0) has |= writeExtra(record, flow, extra);
  set(record, layout.HAS, has);
  return true;
}

function writeTime(record: usize, flow: usize): void {
  let first: u64 = u64.MAX_VALUE;
  let last: u64 = 0;
  const bySeconds = keeps(QUIRK_START_BY_SECONDS);
  for (let offset = flows.SOURCE_START; offset <= flows.DESTINATION_END; offset += 8) {
    const time = load<u64>(flow + offset);
    if (time < flows.NO_TIME) continue;
    if (time > last) last = time;
    if (bySeconds ? time / 1000000000 < first / 1000000000 : time < first) first = time;
  }
  if (last == 0) return;
  set(record, layout.START_S, <u32>(first / 1000000000));
  set(record, layout.START_NS, <u32>(first % 1000000000));
  set(record, layout.END_S, <u32>(last / 1000000000));
  set(record, layout.END_NS, <u32>(last % 1000000000));
  let present: u32 = load<u8>(flow, flows.TIME_KIND) != 0 ? layout.TIMEHAS_RANGE : 0;
  if (options.sideTimes) present |= writeSideTimes(record, flow);
  set(record, layout.TIME_HAS, present);
}

function writeSideTimes(record: usize, flow: usize): u32 {
  let present: u32 = 0;
  for (let side = 0; side < 4; side++) {
    const time = load<u64>(flow + flows.SOURCE_START + (<usize>side << 3));
    if (time < flows.NO_TIME) continue;
    present |= layout.TIMEHAS_SOURCE_START << side;
    set(record, layout.SOURCE_START_S + (side << 1), <u32>(time / 1000000000));
    set(record, layout.SOURCE_START_NS + (side << 1), <u32>(time % 1000000000));
  }
  return present;
}

function writeMetric(record: usize, flow: usize): u32 {
  if (!flows.hasPart(flow, flows.HAS_METRIC)) return 0;
  setWide(record, layout.SOURCE_PACKETS, load<u64>(flow + flows.SOURCE_COUNTERS, flows.PACKETS));
  setWide(record, layout.DESTINATION_PACKETS, load<u64>(flow + flows.DESTINATION_COUNTERS, flows.PACKETS));
  setWide(record, layout.SOURCE_BYTES, bytesOf(flow + flows.SOURCE_COUNTERS));
  setWide(record, layout.DESTINATION_BYTES, bytesOf(flow + flows.DESTINATION_COUNTERS));
  const sourceApp = load<u64>(flow + flows.SOURCE_COUNTERS, flows.APP_BYTES);
  const destinationApp = load<u64>(flow + flows.DESTINATION_COUNTERS, flows.APP_BYTES);
  if (!options.appBytes || (sourceApp | destinationApp) == 0) return layout.HAS_METRIC;
  setWide(record, layout.SOURCE_APP_BYTES, sourceApp);
  setWide(record, layout.DESTINATION_APP_BYTES, destinationApp);
  return layout.HAS_METRIC | layout.HAS_APP_BYTES;
}

/** Argus takes lengths for signed: a sum below zero fits into 16 bits for it. */
function bytesOf(counters: usize): u64 {
  const bytes = load<u64>(counters, flows.BYTES);
  return <i64>bytes < 0 ? bytes & 0xffff : bytes;
}

function writeMpls(record: usize, flow: usize): void {
  const depths = <u32>load<u8>(flow, flows.MPLS_QUALIFIER);
  set(record, layout.MPLS_HAS, (depths >> 4 != 0 ? 1 : 0) | ((depths & 0xf) != 0 ? 2 : 0));
  set(record, layout.MPLS_DEPTHS, depths);
  set(record, layout.SOURCE_MPLS, load<u32>(flow, flows.SOURCE_MPLS));
  set(record, layout.DESTINATION_MPLS, load<u32>(flow, flows.DESTINATION_MPLS));
}

function writeAttributes(record: usize, flow: usize): void {
  const source = flow + flows.SOURCE_ATTRIBUTES;
  const destination = flow + flows.DESTINATION_ATTRIBUTES;
  set(record, layout.IP_HAS, load<u8>(flow, flows.ATTRIBUTES_QUALIFIER));
  set(record, layout.SOURCE_TTL, load<u8>(source, flows.TTL));
  set(record, layout.DESTINATION_TTL, load<u8>(destination, flows.TTL));
  set(record, layout.SOURCE_TOS, load<u8>(source, flows.TOS));
  set(record, layout.DESTINATION_TOS, load<u8>(destination, flows.TOS));
  set(record, layout.SOURCE_IP_ID, load<u16>(source, flows.IP_ID));
  set(record, layout.DESTINATION_IP_ID, load<u16>(destination, flows.IP_ID));
  set(record, layout.SOURCE_IP_OPTIONS, load<u16>(source, flows.IP_OPTIONS));
  set(record, layout.DESTINATION_IP_OPTIONS, load<u16>(destination, flows.IP_OPTIONS));
}

function writeSizes(record: usize, flow: usize): u32 {
  const source = <u32>load<u16>(flow, flows.SOURCE_SIZE_MAX);
  const destination = <u32>load<u16>(flow, flows.DESTINATION_SIZE_MAX);
  if ((source | destination) == 0) return 0;
  if (source != 0) set(record, layout.SOURCE_SIZE_MIN, load<u16>(flow, flows.SOURCE_SIZE_MIN));
  if (destination != 0) set(record, layout.DESTINATION_SIZE_MIN, load<u16>(flow, flows.DESTINATION_SIZE_MIN));
  set(record, layout.SOURCE_SIZE_MAX, source);
  set(record, layout.DESTINATION_SIZE_MAX, destination);
  return layout.HAS_PACKET_SIZE;
}

function writeExtra(record: usize, flow: usize, extra: usize): u32 {
  let has: u32 = 0;
  if (flows.hasPart(flow, flows.HAS_MAC)) {
    has |= layout.HAS_MAC;
    set(record, layout.MAC_MULTIPLE, load<u8>(extra, extras.MAC_MULTIPLE));
    writeMac(record, layout.DESTINATION_MAC, extra + extras.MAC);
    writeMac(record, layout.SOURCE_MAC, extra + extras.MAC + 6);
    set(record, layout.MAC_ETHER_TYPE, load<u16>(extra, extras.MAC_TYPE));
  }
  if (flows.hasPart(flow, flows.HAS_ICMP)) {
    has |= layout.HAS_ICMP;
    const message = extra + extras.ICMP;
    set(record, layout.ICMP_MAPPED, load<u8>(extra, extras.ICMP_MAPPED));
    set(record, layout.ICMP_TYPE, load<u8>(message));
    set(record, layout.ICMP_CODE, load<u8>(message, 1));
    set(record, layout.ICMP_SEQUENCE, load<u16>(message, 2));
    for (let word = 0; word < 5; word++) {
      set(record, layout.ICMP_OUTER_SOURCE + word, bswap<u32>(load<u32>(message + 4 + (word << 2))));
    }
  }
  if (flows.hasPart(flow, flows.HAS_JITTER)) has |= writeJitter(record, extra);
  if (flows.hasPart(flow, flows.HAS_KEYSTROKES)) has |= writeKeystrokes(record, flow, extra);
  has |= writeData(record, flow, extra + extras.SOURCE_DATA, layout.SOURCE_DATA_AT, layout.HAS_SOURCE_DATA);
  has |= writeData(
    record,
    flow,
    extra + extras.DESTINATION_DATA,
    layout.DESTINATION_DATA_AT,
    layout.HAS_DESTINATION_DATA,
  );
  return has;
}

/** Of a flow that was long enough to judge, also when nobody typed. */
function writeKeystrokes(record: usize, flow: usize, extra: usize): u32 {
  if (options.keystrokesSsh && (load<u32>(flow, flows.STATUS) & flows.STATUS_SSH) == 0) return 0;
  if (options.keystrokesSsh) set(record, layout.KEYSTROKES_OF_SSH, 1);
  set(record, layout.SOURCE_KEYSTROKES, load<u32>(<usize>load<u32>(extra, extras.KEYSTROKES), KEYSTROKES_STROKES));
  return layout.HAS_KEYSTROKES;
}

function writeMac(record: usize, word: i32, from: usize): void {
  set(record, word, load<u32>(from));
  set(record, word + 1, load<u16>(from, 4));
}

function writeJitter(record: usize, extra: usize): u32 {
  let present: u32 = 0;
  for (let block: u32 = 0; block < 4; block++) {
    const statistic = extra + extras.STATISTICS + <usize>(block * extras.STATISTIC_BYTES);
    const count = load<u32>(statistic, extras.STATISTIC_COUNT);
    if (count == 0) continue;
    present |= 1 << block;
    const word = layout.JITTER_SOURCE_ACTIVE + <i32>block * layout.STAT_WORDS;
    const sum = load<f32>(statistic, extras.STATISTIC_SUM);
    const mean = sum / <f32>count;
    const squares = load<i64>(statistic, extras.STATISTIC_SQUARES) / <i64>count;
    const deviation = <f32>Math.sqrt(<f64>squares - <f64>mean * <f64>mean);
    set(record, word + layout.STAT_COUNT, count);
    set(record, word + layout.STAT_MIN, load<u32>(statistic, extras.STATISTIC_MIN));
    set(record, word + layout.STAT_MEAN, reinterpret<u32>(mean));
    set(record, word + layout.STAT_STDDEV, reinterpret<u32>(deviation));
    set(record, word + layout.STAT_MAX, load<u32>(statistic, extras.STATISTIC_MAX));
  }
  set(record, layout.JITTER_HAS, present);
  return present != 0 ? layout.HAS_JITTER : 0;
}

/** Address, count and size; the bytes are the record's from here on, and the flow begins to keep others. */
function writeData(record: usize, flow: usize, data: usize, word: i32, part: u32): u32 {
  const from = <usize>load<u32>(data, extras.DATA_AT);
  if (from == 0) return 0;
  const count = <u32>load<u16>(data, extras.DATA_COUNT);
  const kept = keepData(from, count);
  set(record, word, <u32>kept);
  set(record, word + 1, kept == 0 ? 0 : count);
  set(record, word + 2, load<u16>(data, extras.DATA_SIZE));
  giveBlock(extras.dataClass(flow), from);
  store<u32>(data, 0, extras.DATA_AT);
  return part;
}

function set(record: usize, word: i32, value: u32): void {
  store<u32>(record + (<usize>word << 2), value);
}

function setWide(record: usize, word: i32, value: u64): void {
  store<u64>(record + (<usize>word << 2), value);
}
