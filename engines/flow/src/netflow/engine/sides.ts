/** The two sides of a record: exchanged, or one record's source put in as another's destination. */
import * as L from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { TCP } from '../language/protocols.ts';
import { setTcpStatus } from '../language/tcp-status.ts';

/** First word of the source's, first word of the destination's, how many. */
const PAIRS: readonly (readonly [number, number, number])[] = [
  [L.SOURCE_ADDRESS, L.DESTINATION_ADDRESS, 4],
  [L.SOURCE_PORT, L.DESTINATION_PORT, 1],
  [L.SOURCE_MASK, L.DESTINATION_MASK, 1],
  [L.SOURCE_START_S, L.DESTINATION_START_S, 4],
  [L.SOURCE_PACKETS, L.DESTINATION_PACKETS, 2],
  [L.SOURCE_BYTES, L.DESTINATION_BYTES, 2],
  [L.SOURCE_APP_BYTES, L.DESTINATION_APP_BYTES, 2],
  [L.SOURCE_SIZE_MIN, L.DESTINATION_SIZE_MIN, 2],
  [L.TCP_SOURCE, L.TCP_DESTINATION, 15],
  [L.SOURCE_VLAN, L.DESTINATION_VLAN, 1],
  [L.SOURCE_MPLS, L.DESTINATION_MPLS, 1],
  [L.SOURCE_MAC, L.DESTINATION_MAC, 2],
  [L.SOURCE_TTL, L.DESTINATION_TTL, 1],
  [L.SOURCE_TOS, L.DESTINATION_TOS, 1],
  [L.SOURCE_IP_ID, L.DESTINATION_IP_ID, 1],
  [L.SOURCE_ASN, L.DESTINATION_ASN, 1],
  [L.INPUT_INTERFACE, L.OUTPUT_INTERFACE, 1],
];
/** Words whose bits 1 and 2 say which side is there; and the same for pairs of bits of the times. */
const SIDE_BITS = [L.VLAN_HAS, L.MPLS_HAS, L.IP_HAS] as const;

export function exchangeSides(record: FlowRecord): void {
  const { words, base } = record;
  for (const [source, destination, count] of PAIRS) {
    for (let index = 0; index < count; index++) {
      const kept = words[base + source + index] as number;
      words[base + source + index] = words[base + destination + index] as number;
      words[base + destination + index] = kept;
    }
  }
  for (const word of SIDE_BITS) {
    const bits = record.get(word);
    record.set(word, (bits & ~3) | ((bits & 1) << 1) | ((bits >>> 1) & 1));
  }
  const times = record.get(L.TIME_HAS);
  record.set(L.TIME_HAS, ((times & 3) << 2) | ((times >>> 2) & 3));
  if (record.get(L.PROTOCOL) === TCP) setTcpStatus(record);
}

/** What only the packets of one direction have; addresses, ports and AS numbers are both records' alike. */
const OWN: readonly (readonly [number, number, number])[] = [
  [L.SOURCE_START_S, L.DESTINATION_START_S, 4],
  [L.SOURCE_PACKETS, L.DESTINATION_PACKETS, 2],
  [L.SOURCE_BYTES, L.DESTINATION_BYTES, 2],
  [L.SOURCE_SIZE_MIN, L.DESTINATION_SIZE_MIN, 2],
  [L.TCP_SOURCE, L.TCP_DESTINATION, 15],
  [L.SOURCE_VLAN, L.DESTINATION_VLAN, 1],
  [L.SOURCE_MPLS, L.DESTINATION_MPLS, 1],
  [L.SOURCE_TTL, L.DESTINATION_TTL, 1],
  [L.SOURCE_TOS, L.DESTINATION_TOS, 1],
  [L.SOURCE_IP_ID, L.DESTINATION_IP_ID, 1],
];

/** Makes `record`, which has packets from its source only, whole by the answers: a record of the opposite direction. */
export function joinSides(record: FlowRecord, answers: FlowRecord): void {
  for (const [source, destination, count] of OWN) {
    for (let index = 0; index < count; index++) record.set(destination + index, answers.get(source + index));
  }
  for (const word of SIDE_BITS) record.set(word, record.get(word) | ((answers.get(word) & 1) << 1));
  record.set(L.TIME_HAS, (record.get(L.TIME_HAS) & 3) | ((answers.get(L.TIME_HAS) & 3) << 2));
  for (const word of [L.SOURCE_MASK, L.DESTINATION_MASK, L.SOURCE_ASN, L.DESTINATION_ASN]) {
    const other = OPPOSITE[word] as number;
    if (record.get(word) === 0) record.set(word, answers.get(other));
  }
  record.set(L.HAS, record.get(L.HAS) | answers.get(L.HAS));
  if (isEarlier(answers, record, L.START_S)) copyTime(record, answers, L.START_S);
  if (isEarlier(record, answers, L.END_S)) copyTime(record, answers, L.END_S);
  if (record.get(L.PROTOCOL) === TCP) setTcpStatus(record);
}

const OPPOSITE: Readonly<Record<number, number>> = {
  [L.SOURCE_MASK]: L.DESTINATION_MASK,
  [L.DESTINATION_MASK]: L.SOURCE_MASK,
  [L.SOURCE_ASN]: L.DESTINATION_ASN,
  [L.DESTINATION_ASN]: L.SOURCE_ASN,
};

function isEarlier(one: FlowRecord, other: FlowRecord, secondsWord: number): boolean {
  const seconds = one.get(secondsWord) - other.get(secondsWord);
  return seconds < 0 || (seconds === 0 && one.get(secondsWord + 1) < other.get(secondsWord + 1));
}

function copyTime(to: FlowRecord, from: FlowRecord, secondsWord: number): void {
  to.set(secondsWord, from.get(secondsWord));
  to.set(secondsWord + 1, from.get(secondsWord + 1));
}
