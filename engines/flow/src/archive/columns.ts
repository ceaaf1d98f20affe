/** Flow records to columns of the archive: gathered without an object for each. */
import type { EventColumn, EventRows } from '@undercroft/kernel';
import { directionText, stateText } from '../ra/fields/state.ts';
import { PLAIN_STYLE } from '../ra/fields/style.ts';
import { appBytes, bytes, DESTINATION, gap, hasTcpState, packets, SOURCE, windowBytes } from '../ra/record/measures.ts';
import { readAsRa } from '../ra/record/reading.ts';
import { durationMicroseconds } from '../ra/record/times.ts';
import { ipProtocolName } from '../ra/text/names.ts';
import * as word from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import { AboutColumns, type FlowAbout } from './about.ts';
import { type AddressKey, AddressTexts } from './addresses.ts';
import { type ColumnBuilder, NumberBuilder, TextBuilder } from './builders.ts';
import { FLOW_CLASS } from './class.ts';
import { FlagTexts } from './flags.ts';

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const SCTP = 132;
const UDP_LITE = 136;
const CAUSES: ReadonlyMap<number, string> = new Map([
  [word.CAUSE_START, 'start'],
  [word.CAUSE_STATUS, 'status'],
  [word.CAUSE_STOP, 'stop'],
  [word.CAUSE_TIMEOUT, 'timeout'],
  [word.CAUSE_SHUTDOWN, 'shutdown'],
  [word.CAUSE_ERROR, 'error'],
]);

/** Many flows that came to nothing, as one row: what they have in common is there, the rest is not. */
export interface MergedFlows {
  readonly flows: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly protocol: number;
  /** Undefined where they differ. */
  readonly source: AddressKey | undefined;
  readonly destination: AddressKey | undefined;
  readonly destinationPort: number | undefined;
  readonly packetsOut: number;
  readonly packetsIn: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly state: string;
}

export class FlowColumns {
  readonly #origin: string;
  readonly #capacity: number;
  readonly #addresses: AddressTexts;
  readonly #flags = new FlagTexts();
  readonly #builders = new Map<string, ColumnBuilder>();
  readonly #time: Float64Array;
  readonly #key;
  readonly #measures;
  readonly #ip;
  readonly #tcp;
  readonly #about: AboutColumns;
  #rows = 0;

  /** @param origin the sensor or exporter that the records come from @param capacity rows of one batch at most */
  constructor(origin: string, capacity: number, addresses: AddressTexts = new AddressTexts()) {
    this.#origin = origin;
    this.#capacity = capacity;
    this.#addresses = addresses;
    this.#time = new Float64Array(capacity);
    this.#key = {
      protocol: this.#text('connection_info.protocol_name'),
      protocolNumber: this.#number('connection_info.protocol_num'),
      direction: this.#text('flow.direction'),
      state: this.#text('flow.state'),
      flags: this.#text('flow.flags'),
      cause: this.#text('flow.cause'),
      origin: this.#text('flow.origin'),
      sequence: this.#number('flow.sequence'),
      merged: this.#number('flow.merged'),
      source: this.#text<AddressKey>('src_endpoint.ip'),
      destination: this.#text<AddressKey>('dst_endpoint.ip'),
      sourcePort: this.#number('src_endpoint.port'),
      destinationPort: this.#number('dst_endpoint.port'),
      icmpType: this.#number('icmp.type'),
      icmpCode: this.#number('icmp.code'),
      vlan: this.#number('flow.vlan'),
    };
    this.#measures = {
      packetsOut: this.#number('traffic.packets_out'),
      packetsIn: this.#number('traffic.packets_in'),
      bytesOut: this.#number('traffic.bytes_out'),
      bytesIn: this.#number('traffic.bytes_in'),
      appBytesOut: this.#number('flow.app_bytes_out'),
      appBytesIn: this.#number('flow.app_bytes_in'),
      durationUs: this.#number('flow.duration_us'),
    };
    this.#ip = {
      ttlOut: this.#number('ip.ttl_out'),
      ttlIn: this.#number('ip.ttl_in'),
      tosOut: this.#number('ip.tos_out'),
      tosIn: this.#number('ip.tos_in'),
    };
    this.#tcp = {
      synAckUs: this.#number('tcp.synack_us'),
      ackDataUs: this.#number('tcp.ackdat_us'),
      windowOut: this.#number('tcp.window_out'),
      windowIn: this.#number('tcp.window_in'),
      baseOut: this.#number('tcp.sequence_base_out'),
      baseIn: this.#number('tcp.sequence_base_in'),
      retransmittedOut: this.#number('tcp.retransmitted_out'),
      retransmittedIn: this.#number('tcp.retransmitted_in'),
      gapOut: this.#number('tcp.gap_out'),
      gapIn: this.#number('tcp.gap_in'),
    };
    this.#about = new AboutColumns({ number: (name) => this.#number(name), text: (name) => this.#text(name) });
  }

  get rows(): number {
    return this.#rows;
  }

  get full(): boolean {
    return this.#rows >= this.#capacity;
  }

  /** Reads the record as ra does, which may turn it round in place. Management records and those without a flow are passed over. */
  add(record: FlowRecord, about?: FlowAbout): void {
    if (record.get(word.KIND) === word.KIND_MANAGEMENT || !record.has(word.HAS_FLOW) || this.full) return;
    const startUs = record.get(word.START_S) * 1e6 + Math.floor(record.get(word.START_NS) / 1000);
    const sourceBefore = record.get(word.SOURCE_ADDRESS);
    const portBefore = record.get(word.SOURCE_PORT);
    readAsRa(record);
    this.#time[this.#rows] = startUs;
    this.#addKey(record);
    this.#addMeasures(record);
    if (record.has(word.HAS_IP)) this.#addIp(record);
    if (hasTcpState(record)) this.#addTcp(record);
    if (record.has(word.HAS_VLAN)) this.#key.vlan.set(this.#rows, record.get(word.SOURCE_VLAN) & 0xfff);
    if (about !== undefined) {
      const isTurned = record.get(word.SOURCE_PORT) !== portBefore || record.get(word.SOURCE_ADDRESS) !== sourceBefore;
      this.#about.set(this.#rows, about, isTurned);
    }
    this.#rows += 1;
  }

  addMerged(flows: MergedFlows): void {
    if (this.full) return;
    const row = this.#rows;
    const { source, destination, destinationPort } = flows;
    const key = this.#key;
    const measures = this.#measures;
    this.#time[row] = flows.startUs;
    key.merged.set(row, flows.flows);
    key.protocol.set(row, ipProtocolName(flows.protocol));
    key.protocolNumber.set(row, flows.protocol);
    key.state.set(row, flows.state);
    key.cause.set(row, 'start');
    key.origin.set(row, this.#origin);
    if (source !== undefined) key.source.set(row, source, this.#addresses.textOf);
    if (destination !== undefined) key.destination.set(row, destination, this.#addresses.textOf);
    if (destinationPort !== undefined && HAVE_PORTS.has(flows.protocol)) key.destinationPort.set(row, destinationPort);
    measures.packetsOut.set(row, flows.packetsOut);
    measures.packetsIn.set(row, flows.packetsIn);
    measures.bytesOut.set(row, flows.bytesOut);
    measures.bytesIn.set(row, flows.bytesIn);
    measures.durationUs.set(row, Math.max(0, flows.endUs - flows.startUs));
    this.#rows += 1;
  }

  /** What was gathered, and starts anew. @returns undefined if there is nothing */
  take(): EventRows | undefined {
    if (this.#rows === 0) return undefined;
    const rows = this.#rows;
    const columns: Record<string, EventColumn> = {};
    for (const [name, builder] of this.#builders) {
      const column = builder.take(rows);
      if (column !== undefined) columns[name] = column;
    }
    this.#rows = 0;
    return { class: FLOW_CLASS.name, rows, timeUs: this.#time.slice(0, rows), columns };
  }

  #number(name: string): NumberBuilder {
    const builder = new NumberBuilder(FLOW_CLASS.attributes[name] ?? 'int64', this.#capacity);
    this.#builders.set(name, builder);
    return builder;
  }

  #text<K extends string | number = string>(name: string): TextBuilder<K> {
    const builder = new TextBuilder<K>(this.#capacity);
    this.#builders.set(name, builder);
    return builder;
  }

  #addKey(record: FlowRecord): void {
    const row = this.#rows;
    const key = this.#key;
    const type = record.get(word.FLOW_TYPE);
    const protocol = record.get(word.PROTOCOL);
    const isIp = type === word.FLOW_IPV4 || type === word.FLOW_IPV6;
    key.protocol.set(row, isIp ? ipProtocolName(protocol) : (KEY_NAMES.get(type) ?? 'other'));
    if (isIp) key.protocolNumber.set(row, protocol);
    key.direction.set(row, directionText(record).trim());
    key.state.set(row, stateText(record, PLAIN_STYLE));
    key.flags.set(row, this.#flags.textOf(record));
    const cause = CAUSES.get(record.get(word.CAUSE));
    if (cause !== undefined) key.cause.set(row, cause);
    key.origin.set(row, this.#origin);
    key.sequence.set(row, record.get(word.SEQUENCE));
    if (isIp || type === word.FLOW_ARP) {
      const { keyOf, textOf } = this.#addresses;
      const isIpv4 = type !== word.FLOW_IPV6;
      key.source.set(row, keyOf(record, word.SOURCE_ADDRESS, isIpv4), textOf);
      key.destination.set(row, keyOf(record, word.DESTINATION_ADDRESS, isIpv4), textOf);
    }
    if (protocol === ICMP || protocol === ICMPV6) {
      key.icmpType.set(row, record.get(word.KEY_ICMP_TYPE));
      key.icmpCode.set(row, record.get(word.KEY_ICMP_CODE));
    } else if (isIp && HAVE_PORTS.has(protocol)) {
      key.sourcePort.set(row, record.get(word.SOURCE_PORT));
      key.destinationPort.set(row, record.get(word.DESTINATION_PORT));
    }
  }

  #addMeasures(record: FlowRecord): void {
    const row = this.#rows;
    const measures = this.#measures;
    measures.packetsOut.set(row, packets(record, SOURCE));
    measures.packetsIn.set(row, packets(record, DESTINATION));
    measures.bytesOut.set(row, bytes(record, SOURCE));
    measures.bytesIn.set(row, bytes(record, DESTINATION));
    measures.durationUs.set(row, Math.max(0, durationMicroseconds(record)));
    if (!record.has(word.HAS_APP_BYTES)) return;
    measures.appBytesOut.set(row, appBytes(record, SOURCE));
    measures.appBytesIn.set(row, appBytes(record, DESTINATION));
  }

  #addIp(record: FlowRecord): void {
    const row = this.#rows;
    const ip = this.#ip;
    const has = record.get(word.IP_HAS);
    if (has & 1) {
      ip.ttlOut.set(row, record.get(word.SOURCE_TTL));
      ip.tosOut.set(row, record.get(word.SOURCE_TOS));
    }
    if (has & 2) {
      ip.ttlIn.set(row, record.get(word.DESTINATION_TTL));
      ip.tosIn.set(row, record.get(word.DESTINATION_TOS));
    }
  }

  #addTcp(record: FlowRecord): void {
    const row = this.#rows;
    const tcp = this.#tcp;
    const { TCP_SOURCE: source, TCP_DESTINATION: destination } = word;
    if (packets(record, SOURCE) > 0) tcp.windowOut.set(row, windowBytes(record, SOURCE));
    if (packets(record, DESTINATION) > 0) tcp.windowIn.set(row, windowBytes(record, DESTINATION));
    this.#count(tcp.synAckUs, record.get(word.TCP_SYNACK_US));
    this.#count(tcp.ackDataUs, record.get(word.TCP_ACKDAT_US));
    this.#count(tcp.baseOut, record.get(source + word.SIDE_SEQUENCE_BASE));
    this.#count(tcp.baseIn, record.get(destination + word.SIDE_SEQUENCE_BASE));
    this.#count(tcp.retransmittedOut, record.get(source + word.SIDE_RETRANSMITTED));
    this.#count(tcp.retransmittedIn, record.get(destination + word.SIDE_RETRANSMITTED));
    this.#count(tcp.gapOut, gap(record, SOURCE));
    this.#count(tcp.gapIn, gap(record, DESTINATION));
  }

  /** Zero is what a row without the value has anyway. */
  #count(builder: NumberBuilder, value: number): void {
    if (value > 0) builder.set(this.#rows, value);
  }
}

const HAVE_PORTS: ReadonlySet<number> = new Set([TCP, UDP, SCTP, UDP_LITE]);
const KEY_NAMES: ReadonlyMap<number, string> = new Map([
  [word.FLOW_ARP, 'arp'],
  [word.FLOW_RARP, 'rarp'],
  [word.FLOW_ETHERNET, 'ether'],
]);
