/** Management records: how a stream begins, goes on and ends. */
import {
  EXTRA_AT,
  EXTRA_BYTES,
  KIND,
  KIND_MANAGEMENT,
  MANAGEMENT,
  MAR_BUFFER_BYTES,
  MAR_BUFFERS,
  MAR_BYTES,
  MAR_CLIENTS,
  MAR_COOKIE,
  MAR_DESTINATION_DATA_SIZE,
  MAR_DRIFT,
  MAR_DROPPED,
  MAR_FLOW_INTERVAL_S,
  MAR_FLOWS,
  MAR_INTERFACE_STATUS,
  MAR_INTERVAL_S,
  MAR_LINK_TYPE,
  MAR_LOCAL_NET,
  MAR_MAJOR,
  MAR_MINOR,
  MAR_NETMASK,
  MAR_NEXT,
  MAR_NOW_S,
  MAR_NOW_US,
  MAR_OUTPUT,
  MAR_PACKETS,
  MAR_QUEUE,
  MAR_RECORDS,
  MAR_SOURCE_DATA_SIZE,
  MAR_START_S,
  MAR_START_US,
  MAR_STATUS,
  MAR_VERSION,
  MAR_WORDS,
  SOURCE_ID,
  SOURCE_ID_KIND,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import {
  MANAGEMENT_BYTES,
  MANAGEMENT_WORDS,
  STATUS_ID_IPV4,
  STATUS_ID_IPV6,
  STATUS_ID_KIND,
  STATUS_ID_NUMBER,
  STATUS_ID_STRING,
  STATUS_ID_UUID,
} from './format.ts';

/** 32-bit numbers of the body: offset in bytes, word from MANAGEMENT. */
export const MANAGEMENT_FIELDS: readonly (readonly [offset: number, word: number])[] = [
  [4, MAR_STATUS],
  [8, MAR_COOKIE],
  [12, MAR_LOCAL_NET],
  [16, MAR_NETMASK],
  [20, MAR_NEXT],
  [24, MAR_START_S],
  [28, MAR_START_US],
  [32, MAR_NOW_S],
  [36, MAR_NOW_US],
  [48, MAR_PACKETS + 1],
  [52, MAR_PACKETS],
  [56, MAR_BYTES + 1],
  [60, MAR_BYTES],
  [64, MAR_DRIFT + 1],
  [68, MAR_DRIFT],
  [72, MAR_RECORDS],
  [76, MAR_FLOWS],
  [80, MAR_DROPPED],
  [84, MAR_QUEUE],
  [88, MAR_OUTPUT],
  [92, MAR_CLIENTS],
  [96, MAR_BUFFERS],
  [100, MAR_BUFFER_BYTES],
];

/** 8-bit and 16-bit numbers of the body: offset, bytes, word from MANAGEMENT. */
export const MANAGEMENT_SMALL_FIELDS: readonly (readonly [offset: number, bytes: 1 | 2, word: number])[] = [
  [40, 1, MAR_MAJOR],
  [41, 1, MAR_MINOR],
  [42, 1, MAR_LINK_TYPE],
  [43, 1, MAR_INTERFACE_STATUS],
  [44, 2, MAR_FLOW_INTERVAL_S],
  [46, 2, MAR_INTERVAL_S],
  [104, 2, MAR_SOURCE_DATA_SIZE],
  [106, 2, MAR_DESTINATION_DATA_SIZE],
];

/** Where the words of the source id stand: version 3 has its one word last. */
const ID_OFFSETS_V3 = [120, 108, 112, 116] as const;
const ID_OFFSETS_V5 = [108, 112, 116, 120] as const;

export function idOffsets(version: number): readonly number[] {
  return version >= 5 ? ID_OFFSETS_V5 : ID_OFFSETS_V3;
}

/** A body that is shorter than usual is left zero; what a longer one has more is carried along. */
export function decodeManagement(record: FlowRecord, view: DataView, at: number, words: number, version: number): void {
  record.set(KIND, KIND_MANAGEMENT);
  record.set(MANAGEMENT + MAR_VERSION, version);
  record.set(MANAGEMENT + MAR_WORDS, Math.min(words, MANAGEMENT_WORDS));
  if (words < MANAGEMENT_WORDS) {
    record.set(MANAGEMENT + MAR_WORDS, 1);
    return;
  }
  for (const [offset, word] of MANAGEMENT_FIELDS) record.set(MANAGEMENT + word, view.getUint32(at + offset));
  for (const [offset, bytes, word] of MANAGEMENT_SMALL_FIELDS) {
    record.set(MANAGEMENT + word, bytes === 1 ? view.getUint8(at + offset) : view.getUint16(at + offset));
  }
  const offsets = idOffsets(version);
  for (let word = 0; word < 4; word += 1) {
    record.set(SOURCE_ID + word, view.getUint32(at + (offsets[word] as number), true));
  }
  record.set(SOURCE_ID_KIND, idKind(record.get(MANAGEMENT + MAR_STATUS)));
  if (words > MANAGEMENT_WORDS) {
    record.set(EXTRA_AT, at + MANAGEMENT_BYTES);
    record.set(EXTRA_BYTES, (words - MANAGEMENT_WORDS) * 4);
  }
}

/** @param status as a management record says @returns as SOURCE_ID_KIND says */
export function idKind(status: number): number {
  switch (status & STATUS_ID_KIND) {
    case STATUS_ID_STRING:
      return 0x21;
    case STATUS_ID_NUMBER:
      return 0x20;
    case STATUS_ID_IPV4:
      return 1;
    case STATUS_ID_IPV6:
      return 2;
    case STATUS_ID_UUID:
      return 0x22;
    default:
      return 0;
  }
}
