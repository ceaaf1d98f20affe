/** Management records of version 3. */
import {
  CAUSE,
  CAUSE_DETAIL,
  CAUSE_ERROR,
  CAUSE_START,
  CAUSE_STATUS,
  KIND,
  KIND_MANAGEMENT,
  MANAGEMENT,
  MAR_COOKIE,
  MAR_FLOW_INTERVAL_S,
  MAR_INTERFACE_STATUS,
  MAR_INTERVAL_S,
  MAR_LINK_TYPE,
  MAR_LOCAL_NET,
  MAR_MAJOR,
  MAR_NETMASK,
  MAR_NEXT,
  MAR_NOW_S,
  MAR_NOW_US,
  MAR_START_S,
  MAR_START_US,
  MAR_STATUS,
  MAR_VERSION,
  MAR_WORDS,
  SOURCE_ID,
  SOURCE_ID_KIND,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { idOffsets, MANAGEMENT_FIELDS, MANAGEMENT_SMALL_FIELDS } from './decode-management.ts';
import {
  COOKIE_V3,
  MANAGEMENT_BYTES,
  MANAGEMENT_WORDS,
  RECORD_MANAGEMENT,
  STATUS_ID_IPV4,
  STATUS_ID_KIND,
  STATUS_ID_NUMBER,
  STATUS_ID_STRING,
} from './format.ts';

const VERSION = 3;
/** What stands last in a management record: its place among the records, which argus leaves open. */
const RECORD_LENGTH_OPEN = 0xffffffff;
export const REFUSED_DENIED = 1;
export const REFUSED_TOO_MANY = 2;

/** @returns bytes written at the start of `bytes` */
export function encodeManagement(record: FlowRecord, bytes: Uint8Array, view: DataView): number {
  const words = record.get(MANAGEMENT + MAR_WORDS) === 1 ? 1 : MANAGEMENT_WORDS;
  bytes.fill(0, 0, MANAGEMENT_BYTES);
  view.setUint8(0, (RECORD_MANAGEMENT << 4) | VERSION);
  view.setUint8(1, record.get(CAUSE) | record.get(CAUSE_DETAIL));
  view.setUint16(2, words);
  if (words === 1) return 4;
  for (const [offset, word] of MANAGEMENT_FIELDS) view.setUint32(offset, record.get(MANAGEMENT + word));
  for (const [offset, size, word] of MANAGEMENT_SMALL_FIELDS) {
    if (size === 1) view.setUint8(offset, record.get(MANAGEMENT + word));
    else view.setUint16(offset, record.get(MANAGEMENT + word));
  }
  if (record.get(MANAGEMENT + MAR_VERSION) > VERSION) lower(record, view);
  const offsets = idOffsets(VERSION);
  for (let word = 0; word < 4; word += 1) {
    view.setUint32(offsets[word] as number, record.get(SOURCE_ID + word), true);
  }
  view.setUint32(124, RECORD_LENGTH_OPEN);
  return MANAGEMENT_BYTES;
}

/** A record of version 5 becomes one of version 3: the cookie, the version, an id of one word. */
function lower(record: FlowRecord, view: DataView): void {
  if (record.get(CAUSE) === CAUSE_START) view.setUint32(8, COOKIE_V3);
  view.setUint8(40, VERSION);
  const status = record.get(MANAGEMENT + MAR_STATUS);
  view.setUint32(4, (status & ~STATUS_ID_KIND) | idBits(record.get(SOURCE_ID_KIND)));
}

/** @param kind as SOURCE_ID_KIND @returns bits of a management record's status; 0 for none */
export function idBits(kind: number): number {
  if (kind === 0x20 || kind === 2 || kind === 0x22) return STATUS_ID_NUMBER;
  if (kind === 0x21) return STATUS_ID_STRING;
  return kind === 1 ? STATUS_ID_IPV4 : 0;
}

/** Who a stream is from and how it reports: what its management records say. */
export interface StreamHead {
  /** SOURCE_ID_KIND and the id's word, as in a record. */
  readonly idKind: number;
  readonly id: number;
  /** Seconds between the reports of one flow. */
  readonly flowIntervalS: number;
  /** Seconds between management records: a client waits twice as long. */
  readonly managementIntervalS: number;
  /** When the source began, microseconds since 1970. */
  readonly startUs: number;
  /** IPv4 as a number. */
  readonly localNet?: number;
  readonly netmask?: number;
  readonly linkType?: number;
}

/** Fills `record` with a management record of this cause; counters are left zero. */
export function setManagement(record: FlowRecord, cause: number, head: StreamHead, nowUs: number, next: number): void {
  record.clear();
  record.set(KIND, KIND_MANAGEMENT);
  record.set(CAUSE, cause & 0xf0);
  record.set(CAUSE_DETAIL, cause & 0x0f);
  record.set(SOURCE_ID_KIND, head.idKind);
  record.set(SOURCE_ID, head.id);
  const set = (word: number, value: number): void => record.set(MANAGEMENT + word, value);
  set(MAR_WORDS, MANAGEMENT_WORDS);
  set(MAR_VERSION, VERSION);
  set(MAR_STATUS, idBits(head.idKind));
  set(MAR_COOKIE, cause === CAUSE_START || (cause & 0xf0) === CAUSE_ERROR ? COOKIE_V3 : 0);
  set(MAR_LOCAL_NET, head.localNet ?? 0);
  set(MAR_NETMASK, head.netmask ?? 0);
  set(MAR_NEXT, next);
  set(MAR_START_S, Math.floor(head.startUs / 1e6));
  set(MAR_START_US, head.startUs % 1e6);
  set(MAR_NOW_S, Math.floor(nowUs / 1e6));
  set(MAR_NOW_US, nowUs % 1e6);
  set(MAR_MAJOR, VERSION);
  set(MAR_LINK_TYPE, head.linkType ?? 0);
  set(MAR_INTERFACE_STATUS, cause === CAUSE_STATUS ? 1 : 0);
  set(MAR_FLOW_INTERVAL_S, head.flowIntervalS);
  set(MAR_INTERVAL_S, head.managementIntervalS);
}
