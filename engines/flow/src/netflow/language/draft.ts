/** One flow record in the making: fields in whatever order and unit they come, a whole record at the end. */
import * as L from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { ICMP, ICMPV6, IGMP, TCP } from './protocols.ts';
import { setTcpStatus } from './tcp-status.ts';

/** When the message was sent, as it says itself. */
export interface ExportTime {
  /** Milliseconds since 1970. */
  readonly exportMs: number;
  /** Milliseconds since the exporter started, at `exportMs`; -1 if not told. */
  readonly uptimeMs: number;
}

/** Who a record is from. */
export interface RecordOrigin {
  readonly version: number;
  readonly domain: number;
  /** 4 or 16 bytes, or none. */
  readonly address: Uint8Array;
  /** Counters are multiplied by the sampling rate. */
  readonly scale: boolean;
}

const UPTIME_WRAP_MS = 4_294_967_296;
/** Clocks of an exporter's parts may disagree by so much. */
const MAX_AHEAD_MS = 3_600_000;

/** Milliseconds since 1970 and the nanoseconds below; -1 when not told. */
class Moment {
  ms = -1;
  ns = 0;
  /** The same as milliseconds of the exporter's uptime, to be resolved when its start is known; -1 when not told. */
  uptimeMs = -1;

  clear(): void {
    this.ms = -1;
    this.ns = 0;
    this.uptimeMs = -1;
  }

  set(ms: number, ns = 0): void {
    this.ms = ms;
    this.ns = ns;
  }

  /** Seconds of a number of any size end in the 32 bits that a record has. */
  write(record: FlowRecord, seconds: number, nanoseconds: number): void {
    const s = Math.floor(this.ms / 1000);
    record.set(seconds, s);
    record.set(nanoseconds, (this.ms - s * 1000) * 1_000_000 + this.ns);
  }

  /** Uptime counts modulo 2^32: the moment lies in the 49 days before the export, or a little after it. */
  resolve(time: ExportTime, bootMs: number): void {
    if (this.uptimeMs < 0 || this.ms >= 0) return;
    if (bootMs > 0) this.set(bootMs + this.uptimeMs);
    else if (time.uptimeMs >= 0) {
      const agoMs = (time.uptimeMs - this.uptimeMs) >>> 0;
      const isAhead = agoMs > UPTIME_WRAP_MS - MAX_AHEAD_MS;
      this.set(Math.max(0, time.exportMs - (isAhead ? agoMs - UPTIME_WRAP_MS : agoMs)));
    }
  }

  isBefore(other: Moment): boolean {
    return this.ms < other.ms || (this.ms === other.ms && this.ns < other.ns);
  }
}

/** Words that differ between the two directions. */
const FORWARD = {
  bytes: L.SOURCE_BYTES,
  packets: L.SOURCE_PACKETS,
  tos: L.SOURCE_TOS,
  ttl: L.SOURCE_TTL,
  sizeMin: L.SOURCE_SIZE_MIN,
  sizeMax: L.SOURCE_SIZE_MAX,
  tcpFlags: L.TCP_SOURCE + L.SIDE_FLAGS,
  ipHas: 1,
} as const;
const BACKWARD = {
  bytes: L.DESTINATION_BYTES,
  packets: L.DESTINATION_PACKETS,
  tos: L.DESTINATION_TOS,
  ttl: L.DESTINATION_TTL,
  sizeMin: L.DESTINATION_SIZE_MIN,
  sizeMax: L.DESTINATION_SIZE_MAX,
  tcpFlags: L.TCP_DESTINATION + L.SIDE_FLAGS,
  ipHas: 2,
} as const;
export type Side = typeof FORWARD | typeof BACKWARD;

export class Draft {
  readonly start = new Moment();
  readonly end = new Moment();
  readonly reverseStart = new Moment();
  readonly reverseEnd = new Moment();
  record: FlowRecord;
  has = 0;
  ipVersion = 0;
  sourceIpv4 = 0;
  destinationIpv4 = 0;
  hasIpv4 = false;
  hasIpv6 = false;
  /** The record has its IPv4 addresses already. */
  movedIpv4 = false;
  bytesFallback = 0;
  packetsFallback = 0;
  /** Microseconds or milliseconds of a duration, in milliseconds; -1 if not told. */
  durationMs = -1;
  /** 0 if not told. */
  samplingRate = 0;
  samplerId = -1;
  sampledPackets = 0;
  skippedPackets = 0;
  /** 0 if not told. */
  bootMs = 0;
  isFragment = false;
  hasReverse = false;
  /** Type << 8 | code; -1 if not told. */
  icmp = -1;

  constructor(record: FlowRecord) {
    this.record = record;
  }

  begin(): void {
    this.record.clear();
    this.start.clear();
    this.end.clear();
    this.reverseStart.clear();
    this.reverseEnd.clear();
    this.has = 0;
    this.ipVersion = 0;
    this.sourceIpv4 = 0;
    this.destinationIpv4 = 0;
    this.hasIpv4 = false;
    this.hasIpv6 = false;
    this.movedIpv4 = false;
    this.bytesFallback = 0;
    this.packetsFallback = 0;
    this.durationMs = -1;
    this.samplingRate = 0;
    this.samplerId = -1;
    this.sampledPackets = 0;
    this.skippedPackets = 0;
    this.bootMs = 0;
    this.isFragment = false;
    this.hasReverse = false;
    this.icmp = -1;
  }

  side(reverse: boolean): Side {
    return reverse ? BACKWARD : FORWARD;
  }

  /** Two 32-bit halves of a counter. */
  setCounter(word: number, low: number, high: number): void {
    this.record.set(word, low);
    this.record.set(word + 1, high);
    this.has |= L.HAS_METRIC;
  }

  setTos(side: Side, value: number): void {
    this.record.set(side.tos, value & 0xff);
    this.record.set(L.IP_HAS, this.record.get(L.IP_HAS) | side.ipHas);
    this.has |= L.HAS_IP;
  }

  setTtl(side: Side, value: number): void {
    this.record.set(side.ttl, value & 0xff);
    this.record.set(L.IP_HAS, this.record.get(L.IP_HAS) | side.ipHas);
    this.has |= L.HAS_IP;
  }

  setIpId(value: number): void {
    this.record.set(L.SOURCE_IP_ID, value & 0xffff);
  }

  setSize(word: number, value: number): void {
    this.record.set(word, value);
    this.has |= L.HAS_PACKET_SIZE;
  }

  setMask(word: typeof L.SOURCE_MASK | typeof L.DESTINATION_MASK, bits: number): void {
    if (bits === 0 || bits > 128) return;
    this.record.set(word, bits);
    this.record.set(L.FLOW_FLAGS, this.record.get(L.FLOW_FLAGS) | L.FLOWFLAG_MASKS);
  }

  setAsn(word: typeof L.SOURCE_ASN | typeof L.DESTINATION_ASN, number: number): void {
    if (number === 0) return;
    this.record.set(word, number);
    this.has |= L.HAS_ASN;
  }

  setVlan(side: 1 | 2, tag: number): void {
    if ((tag & 0xfff) === 0) return;
    this.record.set(side === 1 ? L.SOURCE_VLAN : L.DESTINATION_VLAN, tag & 0xffff);
    this.record.set(L.VLAN_HAS, this.record.get(L.VLAN_HAS) | side);
    this.has |= L.HAS_VLAN;
  }

  /** @param label 20 bits of label and more, as 24 bits */
  setMpls(label: number): void {
    if (label === 0) return;
    this.record.set(L.SOURCE_MPLS, label << 8);
    this.record.set(L.MPLS_HAS, 1);
    this.has |= L.HAS_MPLS;
  }

  /** MACs of zeroes say that the exporter knows none. */
  setMac(word: typeof L.SOURCE_MAC | typeof L.DESTINATION_MAC, view: DataView, at: number): void {
    if (view.getUint32(at) === 0 && view.getUint16(at + 4) === 0) return;
    this.copy(word, view, at, 6);
    this.has |= L.HAS_MAC;
  }

  setIpv6(word: typeof L.SOURCE_ADDRESS | typeof L.DESTINATION_ADDRESS, view: DataView, at: number): void {
    const any = view.getUint32(at) | view.getUint32(at + 4) | view.getUint32(at + 8) | view.getUint32(at + 12);
    if (any !== 0) this.hasIpv6 = true;
    this.copy(word, view, at, 16);
  }

  setNextHop(version: 4 | 6, view: DataView, at: number): void {
    const bytes = version === 4 ? 4 : 16;
    let any = 0;
    for (let offset = 0; offset < bytes; offset += 4) any |= view.getUint32(at + offset);
    if (any === 0) return;
    this.record.set(L.NEXT_HOP_VERSION, version);
    this.copy(L.NEXT_HOP, view, at, bytes);
  }

  setExporter(view: DataView, at: number, bytes: 4 | 16): void {
    this.record.set(L.SOURCE_ID_KIND, bytes === 4 ? 1 : 2);
    this.copy(L.SOURCE_ID, view, at, bytes);
    this.has |= L.HAS_TRANSPORT;
  }

  /** Bytes in order into words of the record. */
  copy(word: number, view: DataView, at: number, count: number): void {
    const { bytes, base } = this.record;
    const to = (base + word) * 4;
    for (let index = 0; index < count; index++) bytes[to + index] = view.getUint8(at + index);
  }

  /**
   * Puts together what the fields said.
   *
   * @param rate sampling that applies where the record names none; 0 if unknown
   */
  finish(from: RecordOrigin, time: ExportTime, rate: number): FlowRecord {
    const { record } = this;
    record.set(L.KIND, L.KIND_IMPORTED);
    record.set(L.CAUSE, L.CAUSE_STATUS);
    record.set(L.EXPORT_VERSION, from.version);
    record.set(L.EXPORT_DOMAIN, from.domain);
    this.#finishSource(from.address);
    this.#finishKey();
    this.#finishTimes(time);
    this.#finishCounters(from.scale, rate);
    record.set(L.HAS, this.has | L.HAS_EXPORT | L.HAS_FLOW | L.HAS_TIME | L.HAS_METRIC);
    if (record.get(L.PROTOCOL) === TCP && record.get(L.FLOW_TYPE) !== L.FLOW_ETHERNET) setTcpStatus(record);
    return record;
  }

  #finishSource(address: Uint8Array): void {
    const { record } = this;
    if (this.has & L.HAS_TRANSPORT || address.length === 0) return;
    record.set(L.SOURCE_ID_KIND, address.length === 4 ? 1 : 2);
    record.bytes.set(address, (record.base + L.SOURCE_ID) * 4);
    this.has |= L.HAS_TRANSPORT;
  }

  #finishKey(): void {
    const { record } = this;
    const isIpv6 = this.hasIpv6 && this.ipVersion !== 4;
    if (isIpv6) record.set(L.FLOW_TYPE, L.FLOW_IPV6);
    else if (this.movedIpv4) record.set(L.FLOW_TYPE, L.FLOW_IPV4);
    else if (this.hasIpv4) {
      record.set(L.FLOW_TYPE, L.FLOW_IPV4);
      putIpv4(record, L.SOURCE_ADDRESS, this.sourceIpv4);
      putIpv4(record, L.DESTINATION_ADDRESS, this.destinationIpv4);
    } else this.#finishEthernetKey();
    if (this.isFragment) record.set(L.FLOW_FLAGS, record.get(L.FLOW_FLAGS) | L.FLOWFLAG_FRAGMENT);
    this.#finishIcmp();
  }

  /** No addresses of IP: the MACs are the key, if there are any. */
  #finishEthernetKey(): void {
    const { record } = this;
    record.set(L.FLOW_TYPE, L.FLOW_ETHERNET);
    const { words, base } = record;
    words.copyWithin(base + L.SOURCE_ADDRESS, base + L.SOURCE_MAC, base + L.SOURCE_MAC + 2);
    words.copyWithin(base + L.DESTINATION_ADDRESS, base + L.DESTINATION_MAC, base + L.DESTINATION_MAC + 2);
    record.set(L.PROTOCOL, record.get(L.MAC_ETHER_TYPE));
    record.set(L.SOURCE_PORT, 0);
    record.set(L.DESTINATION_PORT, 0);
  }

  /** Type and code come on their own or, as in version 5, in the place of the destination port. */
  #finishIcmp(): void {
    const { record } = this;
    const protocol = record.get(L.PROTOCOL);
    if (protocol !== ICMP && protocol !== ICMPV6 && protocol !== IGMP) return;
    const said = this.icmp > 0 ? this.icmp : record.get(L.DESTINATION_PORT);
    record.set(L.KEY_ICMP_TYPE, (said >>> 8) & 0xff);
    record.set(L.KEY_ICMP_CODE, said & 0xff);
    record.set(L.SOURCE_PORT, 0);
    record.set(L.DESTINATION_PORT, 0);
  }

  #finishTimes(time: ExportTime): void {
    const { record, start, end, reverseStart, reverseEnd } = this;
    start.resolve(time, this.bootMs);
    end.resolve(time, this.bootMs);
    reverseStart.resolve(time, this.bootMs);
    reverseEnd.resolve(time, this.bootMs);
    if (start.ms < 0) {
      if (end.ms >= 0) start.set(this.durationMs >= 0 ? end.ms - this.durationMs : end.ms, end.ns);
      else start.set(time.exportMs);
    }
    if (end.ms < 0) end.set(this.durationMs >= 0 ? start.ms + this.durationMs : start.ms, start.ns);
    if (end.isBefore(start)) end.set(start.ms, start.ns);
    start.write(record, L.START_S, L.START_NS);
    end.write(record, L.END_S, L.END_NS);
    start.write(record, L.SOURCE_START_S, L.SOURCE_START_NS);
    end.write(record, L.SOURCE_END_S, L.SOURCE_END_NS);
    let has = L.TIMEHAS_SOURCE_START | L.TIMEHAS_SOURCE_END;
    if (this.hasReverse && (reverseStart.ms >= 0 || reverseEnd.ms >= 0)) {
      if (reverseStart.ms < 0) reverseStart.set(start.ms, start.ns);
      if (reverseEnd.isBefore(reverseStart)) reverseEnd.set(reverseStart.ms, reverseStart.ns);
      reverseStart.write(record, L.DESTINATION_START_S, L.DESTINATION_START_NS);
      reverseEnd.write(record, L.DESTINATION_END_S, L.DESTINATION_END_NS);
      if (reverseStart.isBefore(start)) reverseStart.write(record, L.START_S, L.START_NS);
      if (end.isBefore(reverseEnd)) reverseEnd.write(record, L.END_S, L.END_NS);
      has |= L.TIMEHAS_DESTINATION_START | L.TIMEHAS_DESTINATION_END;
    }
    record.set(L.TIME_HAS, has);
  }

  #finishCounters(scale: boolean, rate: number): void {
    const { record } = this;
    if (record.getWide(L.SOURCE_BYTES) === 0 && this.bytesFallback > 0)
      record.setWide(L.SOURCE_BYTES, this.bytesFallback);
    if (record.getWide(L.SOURCE_PACKETS) === 0 && this.packetsFallback > 0) {
      record.setWide(L.SOURCE_PACKETS, this.packetsFallback);
    }
    const own = this.samplingRate > 0 ? this.samplingRate : rate;
    if (own <= 1) return;
    record.set(L.SAMPLING_RATE, Math.min(own, 0xffff_ffff));
    if (!scale) return;
    for (const word of [L.SOURCE_BYTES, L.SOURCE_PACKETS, L.DESTINATION_BYTES, L.DESTINATION_PACKETS]) {
      record.setWide(word, Math.min(Math.round(record.getWide(word) * own), Number.MAX_SAFE_INTEGER));
    }
  }
}

/** An IPv4 address as a number, in network order, into a word of a record. */
export function putIpv4(record: FlowRecord, word: number, address: number): void {
  const at = (record.base + word) * 4;
  const { bytes } = record;
  bytes[at] = address >>> 24;
  bytes[at + 1] = address >>> 16;
  bytes[at + 2] = address >>> 8;
  bytes[at + 3] = address;
}

export const DRAFT_WORDS = {
  flowLabel: L.KEY_DETAIL,
  input: L.INPUT_INTERFACE,
  output: L.OUTPUT_INTERFACE,
  endReason: L.END_REASON,
  sequence: L.SEQUENCE,
} as const;

/** Addresses of 4 or 16 bytes in network order. */
export function fillAddresses(draft: Draft, source: Uint8Array, destination: Uint8Array): void {
  if (source.length === 4) {
    draft.hasIpv4 = true;
    draft.sourceIpv4 = ipv4Number(source);
    draft.destinationIpv4 = ipv4Number(destination);
    return;
  }
  const { bytes, base } = draft.record;
  bytes.set(source, (base + L.SOURCE_ADDRESS) * 4);
  bytes.set(destination, (base + L.DESTINATION_ADDRESS) * 4);
  draft.hasIpv6 = true;
}

function ipv4Number(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}
