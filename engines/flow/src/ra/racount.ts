/** racount: how many records, packets and bytes; by protocol; which kinds of addresses. */
import type { Program } from '../program.ts';
import {
  DESTINATION_BYTES,
  DESTINATION_PACKETS,
  FLOW_ARP,
  FLOW_ETHERNET,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_RARP,
  FLOW_TYPE,
  HAS_FLOW,
  KIND,
  KIND_EVENT,
  KIND_MANAGEMENT,
  PROTOCOL,
  SOURCE_BYTES,
  SOURCE_PACKETS,
} from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import { AddressTally } from './client/address-tally.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import type { Sink } from './client/sink.ts';
import { emitBoth } from './record/views.ts';
import { ETHERNET_TYPE_NAMES, ipProtocolName } from './text/names.ts';

const HEADER =
  'racount   records     total_pkts     src_pkts       dst_pkts       total_bytes        src_bytes          dst_bytes\n';
const WIDTHS = [11, 14, 14, 14, 18, 18, 18];
const MAX_NAME = 8;
const NAME_WIDTH = 10;
// Ranks of the kinds of protocols: IP by number, then Ethernet by number, then ARP and RARP.
const ETHERNET_FIRST = 256;
const ARP_RANK = 100_000;

interface Sum {
  readonly name: string;
  records: number;
  sourcePackets: number;
  destinationPackets: number;
  sourceBytes: number;
  destinationBytes: number;
}

export const run: Program = (argv, io) => runClient('racount', argv, io, startRacount);

function startRacount({ settings, out, totals }: ClientContext): Client {
  const has = (mode: string): boolean => settings.modes.some((word) => word.toLowerCase().startsWith(mode));
  const isRmon = has('rmon');
  const sum = emptySum('sum');
  const protocols = has('proto') ? new Map<number, Sum>() : null;
  const addresses = has('addr') ? new AddressTally(isRmon) : null;
  const count = (record: FlowRecord): boolean => {
    add(sum, record);
    if (record.has(HAS_FLOW)) {
      if (protocols !== null) addProtocol(protocols, record);
      addresses?.add(record);
    }
    return true;
  };
  return {
    record(record) {
      const kind = record.get(KIND);
      if (kind === KIND_MANAGEMENT || kind === KIND_EVENT) return true;
      return isRmon ? emitBoth(record, count) : count(record);
    },
    end() {
      // The stream's first record counts too, whether it passes or not.
      sum.records += Math.min(1, totals.management);
      out.text(HEADER);
      out.text(row('    sum', sum));
      if (protocols !== null) tellProtocols(protocols, out);
      if (addresses !== null) out.text(addresses.text());
    },
    exitCode: () => 0,
  };
}

function emptySum(name: string): Sum {
  return { name, records: 0, sourcePackets: 0, destinationPackets: 0, sourceBytes: 0, destinationBytes: 0 };
}

function add(sum: Sum, record: FlowRecord): void {
  sum.records += 1;
  sum.sourcePackets += record.getWide(SOURCE_PACKETS);
  sum.destinationPackets += record.getWide(DESTINATION_PACKETS);
  sum.sourceBytes += record.getWide(SOURCE_BYTES);
  sum.destinationBytes += record.getWide(DESTINATION_BYTES);
}

function row(name: string, sum: Sum): string {
  const { records, sourcePackets, destinationPackets, sourceBytes, destinationBytes } = sum;
  const values = [
    records,
    sourcePackets + destinationPackets,
    sourcePackets,
    destinationPackets,
    sourceBytes + destinationBytes,
    sourceBytes,
    destinationBytes,
  ];
  const cells = values.map((value, at) => String(value).padEnd(WIDTHS[at] as number));
  return `${name.padEnd(NAME_WIDTH)}${cells.join(' ')}\n`;
}

/** Keys of other kinds have no protocol. */
function addProtocol(protocols: Map<number, Sum>, record: FlowRecord): void {
  const type = record.get(FLOW_TYPE);
  const number = record.get(PROTOCOL);
  let rank: number;
  if (type === FLOW_IPV4 || type === FLOW_IPV6) rank = number;
  else if (type === FLOW_ETHERNET) rank = ETHERNET_FIRST + (number & 0xffff);
  else if (type === FLOW_ARP) rank = ARP_RANK;
  else if (type === FLOW_RARP) rank = ARP_RANK + 1;
  else return;
  let sum = protocols.get(rank);
  if (sum === undefined) {
    sum = emptySum(protocolName(rank, number));
    protocols.set(rank, sum);
  }
  add(sum, record);
}

function protocolName(rank: number, number: number): string {
  if (rank === ARP_RANK) return 'arp';
  if (rank === ARP_RANK + 1) return 'rarp';
  if (rank < ETHERNET_FIRST) return ipProtocolName(number);
  return ETHERNET_TYPE_NAMES.get(number) ?? 'unknown';
}

function tellProtocols(protocols: ReadonlyMap<number, Sum>, out: Sink): void {
  out.text('Protocol Summary\n');
  const ranks = [...protocols.keys()].sort((one, other) => one - other);
  for (const rank of ranks) {
    const sum = protocols.get(rank) as Sum;
    out.text(row(sum.name.slice(0, MAX_NAME).padStart(MAX_NAME - 1), sum));
  }
}
