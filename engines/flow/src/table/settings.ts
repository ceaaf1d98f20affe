/** What a flow table is made with, in the units of people, and how it is written into the module. */
import * as option from './options.ts';
import { QUIRK_INTERVAL_FRACTION, QUIRKS_ARGUS } from './quirks.ts';

/** Thresholds of the keystroke detector, as Argus' configuration names them. */
export interface KeystrokeThresholds {
  readonly packetsMin: number;
  readonly clientBytesMin: number;
  readonly clientBytesMax: number;
  readonly gapPacketsMax: number;
  readonly serverBytesMin: number;
  readonly serverBytesMax: number;
  readonly intervalMinUs: number;
  readonly strokePacketsMax: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
}

export const KEYSTROKE_THRESHOLDS: KeystrokeThresholds = {
  packetsMin: 23,
  clientBytesMin: 48,
  clientBytesMax: 128,
  gapPacketsMax: 3,
  serverBytesMin: 24,
  serverBytesMax: 256,
  intervalMinUs: 50_000,
  strokePacketsMax: 3,
  ratioMin: 0.892,
  ratioMax: 1.122,
};

export interface IdleTimes {
  readonly ip: number;
  readonly tcp: number;
  readonly icmp: number;
  readonly igmp: number;
  readonly arp: number;
  readonly other: number;
}

export interface FlowTableSettings {
  /** Microseconds between the reports of one flow. */
  readonly intervalUs: number;
  /** Seconds that a quiet flow is remembered after its report. */
  readonly idleS: IdleTimes;
  /** GENERATE_… bits of `options.ts`. */
  readonly generate: number;
  /** Bytes of payload kept for each report and direction, at most 65535. */
  readonly userDataBytes: number;
  /** KEY_… bits of `options.ts`. */
  readonly key: number;
  /** Bits of `quirks.ts`. */
  readonly quirks: number;
  /** Flows remembered at most; 0 is no limit but memory. */
  readonly maxFlows: number;
  /** SOURCE_ID_KIND and the first word of SOURCE_ID of the records. */
  readonly sourceKind: number;
  readonly sourceId: number;
  readonly keystrokes: KeystrokeThresholds;
}

/** As `argus` 3.0.8 runs when nothing is told. */
export const ARGUS_SETTINGS: FlowTableSettings = {
  intervalUs: 5_000_000,
  idleS: { ip: 30, tcp: 60, icmp: 5, igmp: 30, arp: 5, other: 30 },
  generate: option.GENERATE_TCP_PERFORMANCE,
  userDataBytes: 0,
  key: option.KEY_FIVE_TUPLE,
  quirks: QUIRKS_ARGUS,
  maxFlows: 0,
  sourceKind: 0,
  sourceId: 0,
  keystrokes: KEYSTROKE_THRESHOLDS,
};

/** A live table's limit: at 400 bytes a flow. */
export const LIVE_MAX_FLOWS = 500_000;
/** The longest payload that a record holds. */
export const MAX_USER_DATA_BYTES = 65_535;

/** @param words OPTION_WORDS of the module's memory */
export function writeSettings(settings: FlowTableSettings, words: Uint32Array): void {
  words.fill(0);
  const intervalUs = settings.quirks & QUIRK_INTERVAL_FRACTION ? nearWhole(settings.intervalUs) : settings.intervalUs;
  words[option.OPTION_INTERVAL_US] = intervalUs >>> 0;
  words[option.OPTION_INTERVAL_US + 1] = Math.floor(intervalUs / 2 ** 32);
  words[option.OPTION_IP_IDLE_S] = settings.idleS.ip;
  words[option.OPTION_TCP_IDLE_S] = settings.idleS.tcp;
  words[option.OPTION_ICMP_IDLE_S] = settings.idleS.icmp;
  words[option.OPTION_IGMP_IDLE_S] = settings.idleS.igmp;
  words[option.OPTION_ARP_IDLE_S] = settings.idleS.arp;
  words[option.OPTION_OTHER_IDLE_S] = settings.idleS.other;
  words[option.OPTION_GENERATE] = settings.generate;
  words[option.OPTION_USER_DATA_BYTES] = Math.min(settings.userDataBytes, MAX_USER_DATA_BYTES);
  words[option.OPTION_KEY] = settings.key;
  words[option.OPTION_QUIRKS] = settings.quirks;
  words[option.OPTION_MAX_FLOWS] = settings.maxFlows;
  words[option.OPTION_SOURCE_KIND] = settings.sourceKind;
  words[option.OPTION_SOURCE_ID] = settings.sourceId;
  writeThresholds(settings.keystrokes, words);
}

/** The fraction of a second becomes its distance from the nearest whole one. */
function nearWhole(us: number): number {
  const fraction = us % 1e6;
  return us - fraction + Math.min(fraction, 1e6 - fraction);
}

function writeThresholds(thresholds: KeystrokeThresholds, words: Uint32Array): void {
  const at = option.OPTION_KEYSTROKE;
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  words[at + option.KEYSTROKE_PACKETS_MIN] = thresholds.packetsMin;
  words[at + option.KEYSTROKE_CLIENT_MIN] = thresholds.clientBytesMin;
  words[at + option.KEYSTROKE_CLIENT_MAX] = thresholds.clientBytesMax;
  words[at + option.KEYSTROKE_GAP_MAX] = thresholds.gapPacketsMax;
  words[at + option.KEYSTROKE_SERVER_MIN] = thresholds.serverBytesMin;
  words[at + option.KEYSTROKE_SERVER_MAX] = thresholds.serverBytesMax;
  words[at + option.KEYSTROKE_INTERVAL_MIN_US] = thresholds.intervalMinUs;
  words[at + option.KEYSTROKE_PACKET_GAP_MAX] = thresholds.strokePacketsMax;
  floats[at + option.KEYSTROKE_RATIO_MIN] = thresholds.ratioMin;
  floats[at + option.KEYSTROKE_RATIO_MAX] = thresholds.ratioMax;
}
