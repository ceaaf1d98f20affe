/** The orders in which records can be put: `-m` of rasort, `-P`. */
import {
  AGGREGATE_ACTIVE,
  DESTINATION_ADDRESS,
  DESTINATION_ASN,
  DESTINATION_COUNTRY,
  DESTINATION_IP_ID,
  DESTINATION_MAC,
  DESTINATION_MPLS,
  DESTINATION_PORT,
  DESTINATION_SIZE_MAX,
  DESTINATION_SIZE_MIN,
  DESTINATION_TOS,
  DESTINATION_TTL,
  DESTINATION_VLAN,
  END_S,
  FLOW_ARP,
  FLOW_ETHERNET,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_RARP,
  FLOW_TYPE,
  HAS_AGGREGATE,
  HAS_COUNTRY,
  HAS_FLOW,
  HAS_ICMP,
  HAS_IP,
  HAS_MAC,
  HAS_MPLS,
  HAS_PACKET_SIZE,
  HAS_TRANSPORT,
  HAS_VLAN,
  ICMP_OUTER_SOURCE,
  KEY_ICMP_CODE,
  KEY_ICMP_TYPE,
  PROTOCOL,
  SEQUENCE,
  SIDE_SEQUENCE_BASE,
  SOURCE_ADDRESS,
  SOURCE_ASN,
  SOURCE_COUNTRY,
  SOURCE_ID,
  SOURCE_IP_ID,
  SOURCE_MAC,
  SOURCE_MPLS,
  SOURCE_PORT,
  SOURCE_SIZE_MAX,
  SOURCE_SIZE_MIN,
  SOURCE_TOS,
  SOURCE_TTL,
  SOURCE_VLAN,
  START_S,
  STAT_COUNT,
  STAT_MAX,
  STAT_MEAN,
  STAT_MIN,
  TCP_DESTINATION,
  TCP_SOURCE,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { swapped } from '../filter/readers.ts';
import { ClientError } from '../options/settings.ts';
import {
  appBytes,
  bytes,
  gap,
  hasTcpState,
  load,
  loss,
  packets,
  percentLoss,
  producerConsumerRatio,
  rateAsRead,
  roundTrip,
  totalLoad,
  totalLoss,
  totalPercentLoss,
  totalRate,
  transactions,
} from '../record/measures.ts';
import { duration } from '../record/times.ts';
import { orderOf } from './order.ts';

const TCP = 6;
const UDP = 17;
const ICMP6 = 58;
/** ARP stands behind all other kinds. */
const ARP_FIRST = 256;

/** A number to sort by; of addresses several. */
export type SortFigure = (record: FlowRecord) => number;

export interface SortKey {
  readonly name: string;
  readonly isDescending: boolean;
  readonly figures: readonly SortFigure[];
}

const part =
  (bits: number, word: number): SortFigure =>
  (record) =>
    record.has(bits) ? record.get(word) : 0;
const both =
  (figure: (record: FlowRecord, side: 0 | 1) => number): SortFigure =>
  (record) =>
    figure(record, 0) + figure(record, 1);
const of =
  (figure: (record: FlowRecord, side: 0 | 1) => number, side: 0 | 1): SortFigure =>
  (record) =>
    figure(record, side);
const time =
  (word: number): SortFigure =>
  (record) =>
    record.get(word) + record.get(word + 1) / 1e9;
const statistic =
  (stat: number): SortFigure =>
  (record) =>
    record.has(HAS_AGGREGATE) ? record.getFloat(AGGREGATE_ACTIVE + stat) : duration(record);

/** First by the kind of key and of address, then by the address; of IPv6 ra compares words as they lie in memory. */
function address(at: number): SortFigure[] {
  const isThere = (record: FlowRecord): boolean => record.has(HAS_FLOW);
  return [
    (record) => (isThere(record) ? kindOrder(record.get(FLOW_TYPE)) : 0),
    ...[0, 1, 2, 3].map((i) => (record: FlowRecord) => {
      if (!isThere(record)) return 0;
      const type = record.get(FLOW_TYPE);
      if (type === FLOW_IPV6) return record.get(at + i);
      const count = type === FLOW_ETHERNET ? 2 : type === FLOW_IPV4 || type === FLOW_ARP ? 1 : 0;
      return i < count ? swapped(record.get(at + i)) : 0;
    }),
  ];
}

function isIp(record: FlowRecord): boolean {
  const type = record.get(FLOW_TYPE);
  return record.has(HAS_FLOW) && (type === FLOW_IPV4 || type === FLOW_IPV6);
}

/** Ports of TCP and UDP; of ICMPv6 type and code. */
function sortedPort(record: FlowRecord, isSource: boolean): number {
  if (!isIp(record)) return 0;
  const protocol = record.get(PROTOCOL);
  if (record.get(FLOW_TYPE) === FLOW_IPV6 && protocol === ICMP6)
    return record.get(isSource ? KEY_ICMP_TYPE : KEY_ICMP_CODE);
  if (protocol !== TCP && protocol !== UDP) return 0;
  return record.get(isSource ? SOURCE_PORT : DESTINATION_PORT);
}

function kindOrder(type: number): number {
  return type === FLOW_ARP || type === FLOW_RARP ? type + ARP_FIRST : type;
}

function mac(at: number): SortFigure[] {
  return [
    (record) => (record.has(HAS_MAC) ? swapped(record.get(at)) : 0),
    (record) => (record.has(HAS_MAC) ? swapped(record.get(at + 1)) : 0),
  ];
}

const sequenceBase =
  (side: number): SortFigure =>
  (record) =>
    hasTcpState(record) ? record.get(side + SIDE_SEQUENCE_BASE) : 0;

/** In ra's order: a word is taken for the first of these that it begins with. */
const ORDERS: readonly (readonly [name: string, isDescending: boolean, ...figures: SortFigure[]])[] = [
  ['stime', false, time(START_S)],
  ['ltime', false, time(END_S)],
  ['trans', true, transactions],
  ['dur', false, duration],
  ['mean', false, statistic(STAT_MEAN)],
  ['min', false, statistic(STAT_MIN)],
  ['max', false, statistic(STAT_MAX)],
  ['smac', false, ...mac(SOURCE_MAC)],
  ['dmac', false, ...mac(DESTINATION_MAC)],
  ['saddr', false, ...address(SOURCE_ADDRESS)],
  ['daddr', false, ...address(DESTINATION_ADDRESS)],
  ['proto', true, (record) => (isIp(record) ? record.get(PROTOCOL) : 0)],
  ['sipid', true, part(HAS_IP, SOURCE_IP_ID)],
  ['dipid', true, part(HAS_IP, DESTINATION_IP_ID)],
  ['sport', false, (record) => sortedPort(record, true)],
  ['dport', false, (record) => sortedPort(record, false)],
  ['stos', true, part(HAS_IP, SOURCE_TOS)],
  ['dtos', true, part(HAS_IP, DESTINATION_TOS)],
  ['sttl', false, part(HAS_IP, SOURCE_TTL)],
  ['dttl', false, part(HAS_IP, DESTINATION_TTL)],
  ['bytes', true, both(bytes)],
  ['sbytes', true, of(bytes, 0)],
  ['dbytes', true, of(bytes, 1)],
  ['pkts', true, both(packets)],
  ['spkts', true, of(packets, 0)],
  ['dpkts', true, of(packets, 1)],
  ['appbytes', true, both(appBytes)],
  ['sappbytes', true, of(appBytes, 0)],
  ['dappbytes', true, of(appBytes, 1)],
  ['load', true, totalLoad],
  ['sload', true, of(load, 0)],
  ['dload', true, of(load, 1)],
  ['loss', true, totalLoss],
  ['ploss', true, totalPercentLoss],
  ['rate', true, totalRate],
  ['srate', true, of(rateAsRead, 0)],
  ['drate', true, of(rateAsRead, 1)],
  ['seq', false, part(HAS_TRANSPORT, SEQUENCE)],
  ['smpls', true, part(HAS_MPLS, SOURCE_MPLS)],
  ['dmpls', true, part(HAS_MPLS, DESTINATION_MPLS)],
  ['svlan', true, part(HAS_VLAN, SOURCE_VLAN)],
  ['dvlan', true, part(HAS_VLAN, DESTINATION_VLAN)],
  ['srcid', false, (record) => swapped(record.get(SOURCE_ID))],
  ['stcpb', true, sequenceBase(TCP_SOURCE)],
  ['dtcpb', true, sequenceBase(TCP_DESTINATION)],
  ['tcprtt', true, roundTrip],
  ['sloss', true, of(loss, 0)],
  ['dloss', true, of(loss, 1)],
  ['sploss', true, of(percentLoss, 0)],
  ['dploss', true, of(percentLoss, 1)],
  ['smaxsz', true, part(HAS_PACKET_SIZE, SOURCE_SIZE_MAX)],
  ['sminsz', false, part(HAS_PACKET_SIZE, SOURCE_SIZE_MIN)],
  ['dmaxsz', true, part(HAS_PACKET_SIZE, DESTINATION_SIZE_MAX)],
  ['dminsz', false, part(HAS_PACKET_SIZE, DESTINATION_SIZE_MIN)],
  ['sdsb', true, (record) => (record.has(HAS_IP) ? record.get(SOURCE_TOS) >>> 2 : 0)],
  ['ddsb', true, (record) => (record.has(HAS_IP) ? record.get(DESTINATION_TOS) >>> 2 : 0)],
  ['sco', false, part(HAS_COUNTRY, SOURCE_COUNTRY)],
  ['dco', false, part(HAS_COUNTRY, DESTINATION_COUNTRY)],
  ['sas', false, (record) => record.get(SOURCE_ASN)],
  ['das', false, (record) => record.get(DESTINATION_ASN)],
  [
    'sum',
    false,
    (record) =>
      statistic(STAT_MEAN)(record) * (record.has(HAS_AGGREGATE) ? record.get(AGGREGATE_ACTIVE + STAT_COUNT) : 1),
  ],
  [
    'runtime',
    false,
    (record) =>
      statistic(STAT_MEAN)(record) * (record.has(HAS_AGGREGATE) ? record.get(AGGREGATE_ACTIVE + STAT_COUNT) : 1),
  ],
  ['idle', true, time(END_S)],
  ['abr', true, producerConsumerRatio],
  ['pcr', true, producerConsumerRatio],
  ['inode', false, (record) => (record.has(HAS_ICMP) ? swapped(record.get(ICMP_OUTER_SOURCE)) : 0)],
  ['sgap', true, of(gap, 0)],
  ['dgap', true, of(gap, 1)],
];

/** @returns null when no order begins the word */
export function sortKey(word: string): SortKey | null {
  const found = ORDERS.find(([name]) => word.startsWith(name));
  if (found === undefined) return null;
  const [name, isDescending, ...figures] = found;
  return { name, isDescending, figures };
}

/** @throws ClientError for a word that is no order */
export function sortKeys(words: readonly string[]): SortKey[] {
  return words
    .flatMap((word) => word.split(/[ ,]+/))
    .filter((word) => word !== '')
    .map((word) => {
      const key = sortKey(word);
      if (key === null) throw new ClientError(`sort syntax error. '${word}' not supported`);
      return key;
    });
}

/** Columns of figures, one row a record, and the order of the rows: ties stay as they came. */
export class SortTable {
  readonly #figures: readonly SortFigure[];
  readonly #signs: readonly number[];
  readonly #columns: Float64Array[];
  #capacity = 256;
  count = 0;

  /** @param isReversed every order the other way round */
  constructor(keys: readonly SortKey[], isReversed = false) {
    this.#figures = keys.flatMap((key) => key.figures);
    this.#signs = keys.flatMap((key) => key.figures.map(() => (key.isDescending === isReversed ? 1 : -1)));
    this.#columns = this.#figures.map(() => new Float64Array(this.#capacity));
  }

  add(record: FlowRecord): void {
    if (this.count === this.#capacity) this.#grow();
    for (let i = 0; i < this.#figures.length; i += 1) {
      const value = (this.#figures[i] as SortFigure)(record) * (this.#signs[i] as number);
      (this.#columns[i] as Float64Array)[this.count] = Number.isNaN(value) ? 0 : value + 0;
    }
    this.count += 1;
  }

  #grow(): void {
    this.#capacity *= 2;
    for (const [at, column] of this.#columns.entries()) {
      const larger = new Float64Array(this.#capacity);
      larger.set(column);
      this.#columns[at] = larger;
    }
  }

  /** @returns the rows in order */
  order(): Uint32Array {
    return orderOf(
      this.#columns.map((column) => column.subarray(0, this.count)),
      this.count,
    );
  }
}
