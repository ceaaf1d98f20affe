/** What the table was told, as `src/table/options.ts` lays it out, unpacked once. */
import {
  GENERATE_APP_BYTES,
  GENERATE_CONTROL_DATA,
  GENERATE_DUPLICATES,
  GENERATE_INSPECTION,
  GENERATE_JITTER,
  GENERATE_KEYSTROKES_SSH,
  GENERATE_KEYSTROKES_TCP,
  GENERATE_MAC,
  GENERATE_PACKET_SIZE,
  GENERATE_SIDE_TIMES,
  GENERATE_START_RECORDS,
  GENERATE_TCP_PERFORMANCE,
  OPTION_ARP_IDLE_S,
  OPTION_GENERATE,
  OPTION_ICMP_IDLE_S,
  OPTION_IGMP_IDLE_S,
  OPTION_INTERVAL_US,
  OPTION_IP_IDLE_S,
  OPTION_KEY,
  OPTION_MAX_FLOWS,
  OPTION_OTHER_IDLE_S,
  OPTION_QUIRKS,
  OPTION_SOURCE_ID,
  OPTION_SOURCE_KIND,
  OPTION_TCP_IDLE_S,
  OPTION_USER_DATA_BYTES,
  OPTION_WORDS,
} from '../../src/table/options';
import { QUIRK_INTERVAL_FRACTION, QUIRK_TCP_PERFORMANCE } from '../../src/table/quirks';
import { keeps, setQuirks } from '../argus/quirks';

/** Where TypeScript writes them before the first packet. */
export const block: usize = memory.data(OPTION_WORDS * 4, 8);

/** Nanoseconds. */
export let interval: i64 = 0;
export let ipIdleS: u32 = 0;
export let tcpIdleS: u32 = 0;
export let icmpIdleS: u32 = 0;
export let igmpIdleS: u32 = 0;
export let arpIdleS: u32 = 0;
export let otherIdleS: u32 = 0;
export let appBytes: bool = false;
export let jitter: bool = false;
export let packetSize: bool = false;
export let mac: bool = false;
export let tcpPerformance: bool = false;
export let startRecords: bool = false;
export let keystrokes: bool = false;
export let keystrokesSsh: bool = false;
export let duplicates: bool = false;
export let controlData: bool = false;
export let sideTimes: bool = false;
export let inspection: bool = false;
export let sourceKind: u32 = 0;
export let sourceId: u32 = 0;
export let userDataBytes: u32 = 0;
export let key: u32 = 0;
export let maxFlows: u32 = 0;

export function readOptions(): void {
  interval = (<i64>word(OPTION_INTERVAL_US) + (<i64>word(OPTION_INTERVAL_US + 1) << 32)) * 1000;
  ipIdleS = word(OPTION_IP_IDLE_S);
  tcpIdleS = word(OPTION_TCP_IDLE_S);
  icmpIdleS = word(OPTION_ICMP_IDLE_S);
  igmpIdleS = word(OPTION_IGMP_IDLE_S);
  arpIdleS = word(OPTION_ARP_IDLE_S);
  otherIdleS = word(OPTION_OTHER_IDLE_S);
  const generate = word(OPTION_GENERATE);
  appBytes = (generate & GENERATE_APP_BYTES) != 0;
  jitter = (generate & GENERATE_JITTER) != 0;
  packetSize = (generate & GENERATE_PACKET_SIZE) != 0;
  mac = (generate & GENERATE_MAC) != 0;
  startRecords = (generate & GENERATE_START_RECORDS) != 0;
  keystrokes = (generate & (GENERATE_KEYSTROKES_TCP | GENERATE_KEYSTROKES_SSH)) != 0;
  keystrokesSsh = (generate & GENERATE_KEYSTROKES_SSH) != 0;
  duplicates = (generate & GENERATE_DUPLICATES) != 0;
  controlData = (generate & GENERATE_CONTROL_DATA) != 0;
  sideTimes = (generate & GENERATE_SIDE_TIMES) != 0;
  inspection = (generate & GENERATE_INSPECTION) != 0;
  sourceKind = word(OPTION_SOURCE_KIND);
  sourceId = word(OPTION_SOURCE_ID);
  userDataBytes = word(OPTION_USER_DATA_BYTES);
  key = word(OPTION_KEY);
  maxFlows = word(OPTION_MAX_FLOWS);
  setQuirks(word(OPTION_QUIRKS));
  tcpPerformance = (generate & GENERATE_TCP_PERFORMANCE) != 0 || keeps(QUIRK_TCP_PERFORMANCE);
}

const NS_PER_S: i64 = 1000000000;

/** From here on all flows are past their interval: the end of a capture. */
export function endIntervals(): void {
  interval = keeps(QUIRK_INTERVAL_FRACTION) ? interval % NS_PER_S : 0;
}

function word(index: u32): u32 {
  return load<u32>(block + <usize>(index << 2));
}
