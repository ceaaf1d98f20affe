/** Changes whatever of a record tells who, where or when. */
import * as layout from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { Addresses } from './addresses.ts';
import { portTable } from './ports.ts';
import type { AnonymizeSettings, Constant } from './settings.ts';

const TCP = 6;
const UDP = 17;
const SCTP = 132;
const DCCP = 33;
const ESP = 50;
const AH = 51;
const PORT_BYTES = 4 * 65_536;
const ID_REVERSED = 0;
const ID_IPV4 = 1;
const ID_IPV6 = 2;
const ETHERNET_IPV4_LENGTHS = 0x604;
const NS_PER_S = 1e9;
const US_PER_S = 1e6;
const WORD = 2 ** 32;

/** What people wrote, what names places, and parts that nobody here reads. */
const DROPPED =
  layout.HAS_SOURCE_DATA |
  layout.HAS_DESTINATION_DATA |
  layout.HAS_LABEL |
  layout.HAS_HASH |
  layout.HAS_GEO |
  layout.HAS_TUNNEL |
  layout.HAS_CORRELATION |
  layout.HAS_EXPORT;
const NS_TIMES = [
  layout.START_S,
  layout.END_S,
  layout.SOURCE_START_S,
  layout.SOURCE_END_S,
  layout.DESTINATION_START_S,
  layout.DESTINATION_END_S,
];
const US_TIMES = [layout.AGGREGATE_LAST_S, layout.AGGREGATE_LAST_END_S];
const SIDES = [layout.TCP_SOURCE, layout.TCP_DESTINATION];
const SIDE_NUMBERS = [layout.SIDE_SEQUENCE_BASE, layout.SIDE_SEQUENCE, layout.SIDE_ACKNOWLEDGEMENT];
/** Addresses that an ICMP error quoted, as a part of its own and as the state of an ICMP flow. */
const QUOTED = [
  layout.ICMP_OUTER_SOURCE,
  layout.ICMP_OUTER_DESTINATION,
  layout.ICMP_INNER_SOURCE,
  layout.ICMP_INNER_DESTINATION,
  layout.ICMP_GATEWAY,
];
const QUOTED_STATE = [3, 4, 5, 6, 7].map((word) => layout.NET_WORDS + word);

export class Anonymizer {
  readonly #settings: AnonymizeSettings;
  readonly #addresses: Addresses;
  readonly #ports: Uint16Array;

  constructor(settings: AnonymizeSettings) {
    this.#settings = settings;
    this.#addresses = new Addresses(settings.addresses, settings.keyOf);
    this.#ports = portTable(
      settings.ports,
      settings.ports.offset === null ? settings.keyOf('shuffle', PORT_BYTES) : Buffer.alloc(0),
    );
  }

  apply(record: FlowRecord): void {
    record.set(layout.EXTRA_BYTES, 0);
    this.#sourceId(record);
    if (record.get(layout.KIND) === layout.KIND_MANAGEMENT) {
      this.#management(record);
      return;
    }
    record.set(layout.HAS, (record.get(layout.HAS) & ~DROPPED) >>> 0);
    if (!this.#settings.keepsAsNumbers) record.set(layout.HAS, (record.get(layout.HAS) & ~layout.HAS_ASN) >>> 0);
    if (record.has(layout.HAS_TRANSPORT)) this.#add(record, layout.SEQUENCE, this.#settings.referenceOffset);
    if (record.has(layout.HAS_FLOW)) this.#key(record);
    if (record.has(layout.HAS_MAC)) for (const at of [layout.SOURCE_MAC, layout.DESTINATION_MAC]) this.#mac(record, at);
    if (record.has(layout.HAS_ICMP)) for (const at of QUOTED) this.#ip4(record, at);
    if (record.has(layout.HAS_IP)) this.#header(record);
    if (record.has(layout.HAS_NETWORK)) this.#state(record);
    for (const at of NS_TIMES) this.#time(record, at, NS_PER_S);
    if (record.has(layout.HAS_AGGREGATE)) for (const at of US_TIMES) this.#time(record, at, US_PER_S);
  }

  #sourceId(record: FlowRecord): void {
    const kind = record.get(layout.SOURCE_ID_KIND);
    if (kind === ID_REVERSED || kind === ID_IPV4) this.#ip4(record, layout.SOURCE_ID);
    else if (kind === ID_IPV6) this.#ip6(record, layout.SOURCE_ID);
  }

  #management(record: FlowRecord): void {
    const at = (word: number): number => layout.MANAGEMENT + word;
    for (const word of [layout.MAR_START_S, layout.MAR_NOW_S]) this.#time(record, at(word), US_PER_S);
    record.set(at(layout.MAR_LOCAL_NET), 0);
    record.set(at(layout.MAR_NETMASK), 0);
  }

  #key(record: FlowRecord): void {
    const type = record.get(layout.FLOW_TYPE);
    const ends = [layout.SOURCE_ADDRESS, layout.DESTINATION_ADDRESS];
    if (type === layout.FLOW_IPV4 || type === layout.FLOW_MATRIX_IP) for (const at of ends) this.#ip4(record, at);
    else if (type === layout.FLOW_IPV6) for (const at of ends) this.#ip6(record, at);
    else if (type === layout.FLOW_ETHERNET || type === layout.FLOW_MATRIX_MAC)
      for (const at of ends) this.#mac(record, at);
    else if (type === layout.FLOW_ARP || type === layout.FLOW_RARP) this.#arp(record);
    else if (type === layout.FLOW_OTHER) record.set(layout.HAS, (record.get(layout.HAS) & ~layout.HAS_FLOW) >>> 0);
    if (type === layout.FLOW_IPV4 || type === layout.FLOW_IPV6) this.#transport(record, record.get(layout.PROTOCOL));
  }

  #transport(record: FlowRecord, protocol: number): void {
    if (protocol === ESP || protocol === AH) this.#add(record, layout.KEY_DETAIL, this.#settings.sequenceOffset);
    if (![TCP, UDP, SCTP, DCCP].includes(protocol)) return;
    for (const at of [layout.SOURCE_PORT, layout.DESTINATION_PORT]) {
      record.set(at, this.#ports[record.get(at) & 0xffff] as number);
    }
  }

  #arp(record: FlowRecord): void {
    for (const at of [layout.KEY_ARP_MAC, layout.KEY_ARP_MAC2]) this.#mac(record, at);
    const isIpv4 =
      record.get(layout.KEY_ARP_LENGTHS) === ETHERNET_IPV4_LENGTHS || record.get(layout.KEY_ARP_LENGTHS) === 0;
    for (const at of [layout.SOURCE_ADDRESS, layout.DESTINATION_ADDRESS]) {
      if (isIpv4) this.#ip4(record, at);
      else record.words.fill(0, record.base + at, record.base + at + 4);
    }
  }

  #header(record: FlowRecord): void {
    const { ipId, ttl, tos } = this.#settings;
    const put = (constant: Constant, source: number, destination: number): void => {
      if (constant === 'keep') return;
      const has = record.get(layout.IP_HAS);
      if (has & 1) record.set(source, constant);
      if (has & 2) record.set(destination, constant);
    };
    put(ipId, layout.SOURCE_IP_ID, layout.DESTINATION_IP_ID);
    put(ttl, layout.SOURCE_TTL, layout.DESTINATION_TTL);
    put(tos, layout.SOURCE_TOS, layout.DESTINATION_TOS);
  }

  #state(record: FlowRecord): void {
    const kind = record.get(layout.NET_KIND);
    const { sequenceOffset } = this.#settings;
    if (kind === layout.NET_TCP_FIRST || kind === layout.NET_TCP_STATUS || kind === layout.NET_TCP) {
      for (const side of SIDES) {
        for (const word of SIDE_NUMBERS) this.#add(record, side + word, sequenceOffset);
        this.#time(record, side + layout.SIDE_LAST_S, US_PER_S);
      }
    } else if (kind === layout.NET_ESP) this.#add(record, layout.NET_WORDS + 1, sequenceOffset);
    else if (kind === layout.NET_ICMP) for (const at of QUOTED_STATE) this.#ip4(record, at);
    else if (kind === layout.NET_ARP) this.#mac(record, layout.NET_WORDS);
    else if (kind !== layout.NET_NONE && kind !== layout.NET_IGMP) {
      // Ids, addresses and times of fragments, RTP and what is not read.
      record.set(layout.HAS, (record.get(layout.HAS) & ~layout.HAS_NETWORK) >>> 0);
    }
  }

  /** Zero says that there is none. */
  #add(record: FlowRecord, at: number, offset: number): void {
    const value = record.get(at);
    if (value !== 0) record.set(at, (((value + offset) % WORD) + WORD) % WORD || 1);
  }

  /** @param at seconds; the fraction is the next word @param unit parts of a second in it */
  #time(record: FlowRecord, at: number, unit: number): void {
    const seconds = record.get(at);
    if (seconds === 0) return;
    const { secondsOffset, microsecondsOffset } = this.#settings;
    const fraction = record.get(at + 1) + microsecondsOffset * (unit / US_PER_S);
    const carry = Math.floor(fraction / unit);
    record.set(at, Math.max(1, seconds + secondsOffset + carry));
    record.set(at + 1, fraction - carry * unit);
  }

  #ip4(record: FlowRecord, at: number): void {
    const bytes = bytesOf(record, at, 4);
    bytes.set(this.#addresses.ip4(Buffer.from(bytes)));
  }

  #ip6(record: FlowRecord, at: number): void {
    const bytes = bytesOf(record, at, 16);
    bytes.set(this.#addresses.ip6(Buffer.from(bytes)));
  }

  #mac(record: FlowRecord, at: number): void {
    const bytes = bytesOf(record, at, 6);
    bytes.set(this.#addresses.mac(Buffer.from(bytes)));
  }
}

function bytesOf(record: FlowRecord, word: number, count: number): Uint8Array {
  const at = (record.base + word) * 4;
  return record.bytes.subarray(at, at + count);
}
