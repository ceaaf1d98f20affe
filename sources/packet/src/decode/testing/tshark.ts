/** Decoded packets beside what tshark says of them, for tests. */
import { spawnSync } from 'node:child_process';
import { addressText } from '../address.ts';
import * as flags from '../flags.ts';
import * as kinds from '../layers.ts';
import { NONE } from '../layout.ts';
import type { PacketView } from '../view.ts';

const FIELDS = [
  'frame.protocols',
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.len',
  'tcp.window_size_value',
  'tcp.flags',
  'udp.srcport',
  'udp.dstport',
  'udp.length',
  'sctp.srcport',
  'sctp.dstport',
  'ip.frag_offset',
  'ip.id',
  'ip.ttl',
  'vlan.id',
  'mpls.label',
  'icmp.type',
  'icmp.code',
  'icmpv6.type',
  'igmp.type',
  'ip.checksum.status',
  'tcp.checksum.status',
  'udp.checksum.status',
  'icmp.checksum.status',
  'icmpv6.checksum.status',
  'sctp.checksum.status',
] as const;
export type TsharkField = (typeof FIELDS)[number];
/** A field's values in the order of the layers that have it. */
export type TsharkRow = Readonly<Record<TsharkField, readonly string[]>>;

const PREFERENCES = [
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
  'tcp.desegment_tcp_streams:FALSE',
  'ip.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'sctp.checksum:CRC32C',
];
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

export function tsharkIsThere(): boolean {
  return spawnSync('tshark', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** @returns a row a packet; those before an error where the file has one */
export function tsharkRows(file: string): TsharkRow[] {
  const { stdout } = spawnSync(
    'tshark',
    [
      '-n',
      '-r',
      file,
      ...PREFERENCES.flatMap((each) => ['-o', each]),
      '-T',
      'fields',
      ...FIELDS.flatMap((each) => ['-e', each]),
    ],
    { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return tsharkRowsOf(stdout);
}

/** @param text one line a packet, tabs between fields, commas between values */
export function tsharkRowsOf(text: string): TsharkRow[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.split('\t');
      return Object.fromEntries(
        FIELDS.map((field, index) => [field, cells[index] ? cells[index].split(',') : []]),
      ) as unknown as TsharkRow;
    });
}

/** What differs, one sentence each; nothing where both say the same. */
export function differences(packet: PacketView, row: TsharkRow): string[] {
  const found: string[] = [];
  const check = (name: string, ours: readonly (string | number)[] | undefined, theirs: readonly string[]) => {
    const text = ours?.map(String) ?? [];
    if (text.join() !== theirs.join()) found.push(`${name}: ${text.join()} | ${theirs.join()}`);
  };
  const all = walk(packet);
  check('protocols', all.path, knownPath(row['frame.protocols'][0] ?? ''));
  for (const field of [
    'ip.src',
    'ip.dst',
    'ipv6.src',
    'ipv6.dst',
    'tcp.srcport',
    'tcp.dstport',
    'udp.srcport',
  ] as const) {
    check(field, all[field], row[field]);
  }
  for (const field of ['udp.dstport', 'sctp.srcport', 'sctp.dstport', 'vlan.id', 'mpls.label'] as const) {
    check(field, all[field], row[field]);
  }
  check('ip.ttl', all['ip.ttl'], row['ip.ttl']);
  check('ip.id', all['ip.id'], row['ip.id']);
  if (packet.transport === NONE) return found;
  const kind = packet.layerKind(packet.transport);
  const fragment = packet.has(flags.FLAG_FRAGMENT);
  if (kind === kinds.LAYER_TCP) {
    check('tcp.seq', [packet.tcpSequence], row['tcp.seq_raw'].slice(-1));
    check('tcp.ack', [packet.tcpAcknowledgement], row['tcp.ack_raw'].slice(-1));
    check('tcp.window', [packet.tcpWindow], row['tcp.window_size_value'].slice(-1));
    if (!fragment) check('tcp.len', [packet.payloadWireBytes], row['tcp.len'].slice(-1));
    check(
      'tcp.flags',
      [packet.tcpFlags],
      row['tcp.flags'].slice(-1).map((text) => String(Number(text) & 0xff)),
    );
  }
  if (kind === kinds.LAYER_UDP && !fragment) {
    check(
      'udp payload',
      [packet.payloadWireBytes],
      row['udp.length'].slice(-1).map((text) => String(Number(text) - 8)),
    );
  }
  if (kind === kinds.LAYER_ICMP) {
    check(
      'icmp',
      [packet.icmpType, packet.icmpCode],
      [...row['icmp.type'].slice(0, 1), ...row['icmp.code'].slice(0, 1)],
    );
  }
  if (kind === kinds.LAYER_ICMPV6) check('icmpv6', [packet.icmpType], row['icmpv6.type'].slice(0, 1));
  if (kind === kinds.LAYER_IGMP)
    check(
      'igmp',
      [packet.icmpType],
      row['igmp.type'].map((text) => String(Number(text))),
    );
  found.push(...checksumDifferences(packet, row, kind));
  return found;
}

const STATUS_FIELD: ReadonlyMap<number, TsharkField> = new Map([
  [kinds.LAYER_TCP, 'tcp.checksum.status'],
  [kinds.LAYER_UDP, 'udp.checksum.status'],
  [kinds.LAYER_ICMP, 'icmp.checksum.status'],
  [kinds.LAYER_ICMPV6, 'icmpv6.checksum.status'],
  [kinds.LAYER_SCTP, 'sctp.checksum.status'],
]);
const BAD = '0';
const GOOD = '1';

/** Only where both have judged: tshark also looks where it cannot know, and we where it does not care. */
function checksumDifferences(packet: PacketView, row: TsharkRow, kind: number): string[] {
  const found: string[] = [];
  const field = STATUS_FIELD.get(kind);
  const theirs = field === undefined ? [] : row[field];
  const last = theirs.at(-1);
  if (packet.has(flags.FLAG_TRANSPORT_CHECKSUM_JUDGED) && theirs.length === 1 && (last === BAD || last === GOOD)) {
    const bad = packet.has(flags.FLAG_TRANSPORT_CHECKSUM_BAD);
    if (bad !== (last === BAD)) found.push(`${field}: ${bad ? 'bad' : 'good'} | ${last}`);
  }
  if (!packet.has(flags.FLAG_TRANSPORT_CHECKSUM_JUDGED) && theirs.length === 1 && last === BAD) {
    found.push(`${field}: not judged | bad`);
  }
  const ip = row['ip.checksum.status'];
  const quoted = packet.find(kinds.LAYER_QUOTED_IPV4) >= 0;
  if (packet.has(flags.FLAG_IP_CHECKSUM_JUDGED) && !quoted && ip.every((each) => each === BAD || each === GOOD)) {
    const bad = packet.has(flags.FLAG_IP_CHECKSUM_BAD);
    if (bad !== ip.includes(BAD)) found.push(`ip.checksum.status: ${bad ? 'bad' : 'good'} | ${ip.join()}`);
  }
  return found;
}

const PATH_NAMES: ReadonlyMap<number, string> = new Map([
  [kinds.LAYER_ETHERNET, 'eth'],
  [kinds.LAYER_LLC, 'llc'],
  [kinds.LAYER_VLAN, 'vlan'],
  [kinds.LAYER_MPLS, 'mpls'],
  [kinds.LAYER_PPPOE, 'pppoes'],
  [kinds.LAYER_PPPOE_DISCOVERY, 'pppoed'],
  [kinds.LAYER_PPP, 'ppp'],
  [kinds.LAYER_SLL, 'sll'],
  [kinds.LAYER_SLL2, 'sll'],
  [kinds.LAYER_LOOPBACK, 'null'],
  [kinds.LAYER_WLAN, 'wlan'],
  [kinds.LAYER_RADIOTAP, 'radiotap'],
  [kinds.LAYER_PRISM, 'prism'],
  [kinds.LAYER_AVS, 'wlancap'],
  [kinds.LAYER_PPI, 'ppi'],
  [kinds.LAYER_NFLOG, 'nflog'],
  [kinds.LAYER_ARP, 'arp'],
  [kinds.LAYER_RARP, 'arp'],
  [kinds.LAYER_LLDP, 'lldp'],
  [kinds.LAYER_STP, 'stp'],
  [kinds.LAYER_EAPOL, 'eapol'],
  [kinds.LAYER_IPV4, 'ip'],
  [kinds.LAYER_IPV6, 'ipv6'],
  [kinds.LAYER_QUOTED_IPV4, 'ip'],
  [kinds.LAYER_QUOTED_IPV6, 'ipv6'],
  [kinds.LAYER_HOP_BY_HOP, 'ipv6.hopopts'],
  [kinds.LAYER_ROUTING, 'ipv6.routing'],
  [kinds.LAYER_FRAGMENT, 'ipv6.fraghdr'],
  [kinds.LAYER_DESTINATION_OPTIONS, 'ipv6.dstopts'],
  [kinds.LAYER_AH, 'ah'],
  [kinds.LAYER_ESP, 'esp'],
  [kinds.LAYER_TCP, 'tcp'],
  [kinds.LAYER_UDP, 'udp'],
  [kinds.LAYER_UDP_LITE, 'udp'],
  [kinds.LAYER_SCTP, 'sctp'],
  [kinds.LAYER_DCCP, 'dccp'],
  [kinds.LAYER_ICMP, 'icmp'],
  [kinds.LAYER_ICMPV6, 'icmpv6'],
  [kinds.LAYER_IGMP, 'igmp'],
  [kinds.LAYER_PIM, 'pim'],
  [kinds.LAYER_OSPF, 'ospf'],
  [kinds.LAYER_VRRP, 'vrrp'],
  [kinds.LAYER_GRE, 'gre'],
  [kinds.LAYER_ERSPAN, 'erspan'],
  [kinds.LAYER_VXLAN, 'vxlan'],
  [kinds.LAYER_GENEVE, 'geneve'],
  [kinds.LAYER_GTP, 'gtp'],
  [kinds.LAYER_TEREDO, 'teredo'],
  [kinds.LAYER_L2TP, 'l2tp'],
]);
const KNOWN = new Set(PATH_NAMES.values());

/** tshark's path as far as we go: without what stands above the transport or within a quoted packet. */
function knownPath(path: string): string[] {
  const names = path
    .split(':')
    .map((name) => (name === 'udplite' ? 'udp' : name))
    .filter((name, index, all) => KNOWN.has(name) && !(name === 'igmp' && all[index - 1] === 'igmp'));
  const error = names.findIndex((name) => name === 'icmp' || name === 'icmpv6');
  return error < 0 ? names : names.slice(0, error + 2);
}

function walk(packet: PacketView): Record<string, (string | number)[]> & { path: string[] } {
  const found: Record<string, (string | number)[]> & { path: string[] } = {
    path: [],
    'ip.src': [],
    'ip.dst': [],
    'ip.ttl': [],
    'ip.id': [],
    'ipv6.src': [],
    'ipv6.dst': [],
    'tcp.srcport': [],
    'tcp.dstport': [],
    'udp.srcport': [],
    'udp.dstport': [],
    'sctp.srcport': [],
    'sctp.dstport': [],
    'vlan.id': [],
    'mpls.label': [],
  };
  const frame = packet.frame;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const add = (field: string, value: string | number) => found[field]!.push(value);
  const ports = (protocol: string, at: number) => {
    if (at + 4 > frame.length) return;
    add(`${protocol}.srcport`, view.getUint16(at));
    add(`${protocol}.dstport`, view.getUint16(at + 2));
  };
  const quotedTransport = (protocol: number, at: number) => {
    const name = { 6: 'tcp', 17: 'udp', 132: 'sctp' }[protocol];
    if (name !== undefined) ports(name, at);
  };
  for (let index = 0; index < packet.layers; index++) {
    const kind = packet.layerKind(index);
    const at = packet.layerOffset(index);
    const name = PATH_NAMES.get(kind);
    if (name !== undefined) found.path.push(name);
    switch (kind) {
      case kinds.LAYER_IPV4:
      case kinds.LAYER_QUOTED_IPV4:
        add('ip.src', addressText(frame.subarray(at + 12, at + 16)));
        add('ip.dst', addressText(frame.subarray(at + 16, at + 20)));
        add('ip.ttl', frame[at + 8]!);
        add(
          'ip.id',
          `0x${view
            .getUint16(at + 4)
            .toString(16)
            .padStart(4, '0')}`,
        );
        if (kind === kinds.LAYER_QUOTED_IPV4 && (view.getUint16(at + 6) & 0x1fff) === 0) {
          quotedTransport(frame[at + 9]!, at + packet.layerHeaderBytes(index));
        }
        break;
      case kinds.LAYER_IPV6:
      case kinds.LAYER_QUOTED_IPV6:
        add('ipv6.src', addressText(frame.subarray(at + 8, at + 24)));
        add('ipv6.dst', addressText(frame.subarray(at + 24, at + 40)));
        if (kind === kinds.LAYER_QUOTED_IPV6) quotedTransport(frame[at + 6]!, at + 40);
        break;
      case kinds.LAYER_TCP:
        ports('tcp', at);
        break;
      case kinds.LAYER_UDP:
      case kinds.LAYER_UDP_LITE:
        ports('udp', at);
        break;
      case kinds.LAYER_SCTP:
        ports('sctp', at);
        break;
      case kinds.LAYER_VLAN:
        add('vlan.id', view.getUint16(at) & 0xfff);
        break;
      case kinds.LAYER_MPLS:
        for (let label = 0; label < packet.layerInfo(index); label++)
          add('mpls.label', view.getUint32(at + label * 4) >>> 12);
        break;
    }
  }
  return found;
}
