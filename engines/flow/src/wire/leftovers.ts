/**
 * What a flood or a scan leaves in the flow table: flows that came to nothing. A second's first ones are kept one by one;
 * of those beyond, sums are kept by whom they went to, or came from where that is too many, so that packets and bytes stay
 * exact, and memory and archive flat.
 */
import type { AddressKey, AddressTexts } from '../archive/addresses.ts';
import type { MergedFlows } from '../archive/columns.ts';
import { bytes, DESTINATION, hasTcpState, packets, SOURCE } from '../ra/record/measures.ts';
import * as word from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';

/** Of a turn, one by one. */
export const MAX_SINGLE = 2_000;
/** Sums by destination, and as many by source. */
export const MAX_SUMS = 1_024;
/** More than this, each way, is a conversation. */
const MAX_PACKETS = 2;
const TCP = 6;
const ESTABLISHED = 4;
const RESET = 0x3000;
const PORTS = 65_536;
const USUAL_PROTOCOLS = 32;

interface Sum {
  flows: number;
  startUs: number;
  endUs: number;
  readonly protocol: number;
  source: AddressKey | undefined;
  destination: AddressKey | undefined;
  destinationPort: number | undefined;
  packetsOut: number;
  packetsIn: number;
  bytesOut: number;
  bytesIn: number;
  readonly state: string;
}

export class Leftovers {
  readonly #keyOf: AddressTexts['keyOf'];
  readonly #byDestination = new Map<AddressKey, Sum>();
  readonly #bySource = new Map<AddressKey, Sum>();
  readonly #rest = new Map<number, Sum>();
  #singles = 0;
  #merged = 0;

  constructor(addresses: AddressTexts) {
    this.#keyOf = addresses.keyOf;
  }

  /** Flows that are in sums, since the start. */
  get merged(): number {
    return this.#merged;
  }

  /** @returns true if the record went into a sum */
  take(record: FlowRecord): boolean {
    if (!isLeftover(record)) return false;
    this.#singles += 1;
    if (this.#singles <= MAX_SINGLE) return false;
    this.#merged += 1;
    this.#add(record);
    return true;
  }

  /** Ends a turn: gives its sums away. */
  turn(each: (sum: MergedFlows) => void): void {
    this.#singles = 0;
    for (const sums of [this.#byDestination, this.#bySource, this.#rest]) {
      for (const sum of sums.values()) each(sum);
      sums.clear();
    }
  }

  #add(record: FlowRecord): void {
    const isIpv4 = record.get(word.FLOW_TYPE) === word.FLOW_IPV4;
    const protocol = record.get(word.PROTOCOL);
    const port = record.get(word.DESTINATION_PORT) & 0xffff;
    const destination = this.#keyOf(record, word.DESTINATION_ADDRESS, isIpv4);
    const service = serviceKey(destination, port, protocol);
    if (this.#into(this.#byDestination, service, record, isIpv4)) return;
    const source = serviceKey(this.#keyOf(record, word.SOURCE_ADDRESS, isIpv4), 0, protocol);
    if (this.#into(this.#bySource, source, record, isIpv4)) return;
    this.#into(this.#rest, protocol, record, isIpv4);
  }

  /** @returns false if there is no such sum and no room for one */
  #into<K>(sums: Map<K, Sum>, key: K, record: FlowRecord, isIpv4: boolean): boolean {
    const known = sums.get(key);
    if (known !== undefined) add(known, record, isIpv4, this.#keyOf);
    else if (sums.size < MAX_SUMS) sums.set(key, sumOf(record, isIpv4, this.#keyOf));
    else return false;
    return true;
  }
}

/** Nobody answered, or the answer was no: a packet or two, and no connection. */
function isLeftover(record: FlowRecord): boolean {
  const type = record.get(word.FLOW_TYPE);
  if (record.get(word.KIND) !== word.KIND_FLOW || (type !== word.FLOW_IPV4 && type !== word.FLOW_IPV6)) return false;
  const out = packets(record, SOURCE);
  const back = packets(record, DESTINATION);
  if (out > MAX_PACKETS || back > MAX_PACKETS) return false;
  if (record.get(word.PROTOCOL) !== TCP) return out === 0 || back === 0;
  return !hasTcpState(record) || (record.get(word.TCP_STATUS) & ESTABLISHED) === 0;
}

/** One number where that is exact: 53 bits hold an IPv4 address, a port and the number of a usual protocol. */
function serviceKey(address: AddressKey, port: number, protocol: number): AddressKey {
  if (typeof address === 'string' || protocol >= USUAL_PROTOCOLS) return `${address} ${port} ${protocol}`;
  return (address * PORTS + port) * USUAL_PROTOCOLS + protocol;
}

function sumOf(record: FlowRecord, isIpv4: boolean, keyOf: AddressTexts['keyOf']): Sum {
  const startUs = startOf(record);
  return {
    flows: 1,
    startUs,
    endUs: endOf(record),
    protocol: record.get(word.PROTOCOL),
    source: keyOf(record, word.SOURCE_ADDRESS, isIpv4),
    destination: keyOf(record, word.DESTINATION_ADDRESS, isIpv4),
    destinationPort: record.get(word.DESTINATION_PORT) & 0xffff,
    packetsOut: packets(record, SOURCE),
    packetsIn: packets(record, DESTINATION),
    bytesOut: bytes(record, SOURCE),
    bytesIn: bytes(record, DESTINATION),
    state: hasTcpState(record) && record.get(word.TCP_STATUS) & RESET ? 'RST' : 'REQ',
  };
}

function add(sum: Sum, record: FlowRecord, isIpv4: boolean, keyOf: AddressTexts['keyOf']): void {
  sum.flows += 1;
  sum.startUs = Math.min(sum.startUs, startOf(record));
  sum.endUs = Math.max(sum.endUs, endOf(record));
  if (sum.source !== undefined && sum.source !== keyOf(record, word.SOURCE_ADDRESS, isIpv4)) sum.source = undefined;
  if (sum.destination !== undefined && sum.destination !== keyOf(record, word.DESTINATION_ADDRESS, isIpv4))
    sum.destination = undefined;
  if (sum.destinationPort !== (record.get(word.DESTINATION_PORT) & 0xffff)) sum.destinationPort = undefined;
  sum.packetsOut += packets(record, SOURCE);
  sum.packetsIn += packets(record, DESTINATION);
  sum.bytesOut += bytes(record, SOURCE);
  sum.bytesIn += bytes(record, DESTINATION);
}

function startOf(record: FlowRecord): number {
  return record.get(word.START_S) * 1e6 + Math.floor(record.get(word.START_NS) / 1000);
}

function endOf(record: FlowRecord): number {
  return record.get(word.END_S) * 1e6 + Math.floor(record.get(word.END_NS) / 1000);
}
