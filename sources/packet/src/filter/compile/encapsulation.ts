/** `vlan`, `mpls`, `pppoes`, `geneve` and `vxlan`: each tests its header, and moves what the words after it look at. */
import { meaningError, unsupported } from '../language/error.ts';
import type { Encapsulation } from '../language/syntax.ts';
import { ADD, AND, AUX_VLAN_PRESENT, AUX_VLAN_TAG, LSH, MUL, RSH, SUB, XOR } from '../program.ts';
import type { Condition } from './condition.ts';
import { ALWAYS, all, any, not } from './condition.ts';
import type { Place } from './link.ts';
import type { Packet } from './packet.ts';
import { portsBetween } from './ports.ts';
import { IP6_HEADER_BYTES } from './protocols.ts';
import type { Value } from './value.ts';

const VLAN_TYPES = [0x8100, 0x88a8, 0x9100];
const ETHER_MPLS = 0x8847;
const ETHER_PPPOE_DISCOVERY = 0x8863;
const ETHER_PPPOE_SESSION = 0x8864;
const ETHER_BRIDGED = 0x6558;
const GENEVE_PORT = 6081;
const VXLAN_PORT = 4789;
const UDP_HEADER_BYTES = 8;
const TAG_BYTES = 4;

const LIMITS: Readonly<Record<Encapsulation, { readonly most: number; readonly what: string }>> = {
  vlan: { most: 0xfff, what: 'VLAN identifier' },
  mpls: { most: 0xfffff, what: 'MPLS label' },
  pppoes: { most: 0xffff, what: 'PPPoE session' },
  geneve: { most: 0xffffff, what: 'Geneve network' },
  vxlan: { most: 0xffffff, what: 'VXLAN network' },
};

export function encapsulation(packet: Packet, name: Encapsulation, value: number | null, position: number): Condition {
  const { most, what } = LIMITS[name];
  if (value !== null && value > most) throw meaningError(`${value} is no ${what}: they end at ${most}.`, position);
  switch (name) {
    case 'vlan':
      return vlan(packet, value, position);
    case 'mpls':
      return mpls(packet, value, position);
    case 'pppoes':
      return pppoeSession(packet, value, position);
    default:
      return tunnel(packet, name, value, position);
  }
}

export function pppoeDiscovery(packet: Packet, position: number): Condition {
  return packet.carries(ETHER_PPPOE_DISCOVERY, position);
}

function vlan(packet: Packet, id: number | null, position: number): Condition {
  const { layers } = packet;
  if (layers.labels > 0)
    throw meaningError('No VLAN tag follows an MPLS label.', position, 'Write "vlan" before "mpls".');
  if (layers.family !== 'ethernet' && layers.family !== 'wlan') {
    throw unsupported('This kind of link has no VLAN tags.', position);
  }
  const inFrame = any(...VLAN_TYPES.map((type) => packet.carries(type, position)));
  const identifier = (tag: Value) => (id === null ? ALWAYS : packet.masked(tag, 0xfff, id));
  const tagged = all(inFrame, identifier(packet.load(2, packet.network(), 0)));
  const besidePacket = packet.options.kernel && layers.vlans === 0 && layers.header.base === null;
  const shift = besidePacket ? shiftOfTag(packet) : null;
  packet.layers = {
    ...layers,
    type: layers.type === null ? null : moved(packet, layers.type, shift, TAG_BYTES),
    payload: moved(packet, layers.payload, shift, TAG_BYTES),
    vlans: layers.vlans + 1,
  };
  if (!besidePacket) return tagged;
  const present = packet.equals(packet.values.load(1, null, AUX_VLAN_PRESENT), 1);
  return any(all(present, identifier(packet.values.load(2, null, AUX_VLAN_TAG))), all(not(present), tagged));
}

/** 0 where the kernel has taken the tag out of the packet, 4 where it has not. */
function shiftOfTag(packet: Packet): Value {
  const { values } = packet;
  const absent = values.operation(XOR, values.load(1, null, AUX_VLAN_PRESENT), values.constant(1));
  return values.operation(LSH, absent, values.constant(2));
}

function moved(packet: Packet, place: Place, shift: Value | null, bytes: number): Place {
  if (shift === null) return { base: place.base, k: place.k + bytes };
  return { base: place.base === null ? shift : packet.values.operation(ADD, place.base, shift), k: place.k };
}

function mpls(packet: Packet, label: number | null, position: number): Condition {
  const { layers } = packet;
  if (layers.labels === 0 && layers.family !== 'ethernet' && layers.family !== 'ppp') {
    throw unsupported('This kind of link has no MPLS labels.', position);
  }
  const another = layers.labels > 0 ? not(packet.lastLabel()) : packet.carries(ETHER_MPLS, position);
  const entry = packet.load(4, packet.network(), 0);
  packet.layers = {
    ...layers,
    labels: layers.labels + 1,
    network: layers.network + TAG_BYTES,
    networkWithoutSnap: layers.networkWithoutSnap + TAG_BYTES,
  };
  return label === null ? another : all(another, packet.masked(entry, 0xfffff000, label * 0x1000));
}

function pppoeSession(packet: Packet, session: number | null, position: number): Condition {
  const isSession = packet.carries(ETHER_PPPOE_SESSION, position);
  const network = packet.network();
  const identified = session === null ? isSession : all(isSession, packet.equals(packet.load(2, network, 2), session));
  const inside = { base: network.base, k: network.k + 6 };
  packet.layers = {
    ...packet.layers,
    family: 'ppp',
    header: inside,
    type: inside,
    payload: { base: inside.base, k: inside.k + 2 },
    network: 0,
    networkWithoutSnap: 0,
  };
  return identified;
}

/** Geneve and VXLAN: over UDP, with an Ethernet frame or, in Geneve, a bare packet inside. */
function tunnel(packet: Packet, name: 'geneve' | 'vxlan', network: number | null, position: number): Condition {
  const port = name === 'geneve' ? GENEVE_PORT : VXLAN_PORT;
  const toPort = portsBetween(packet, 'dst', port, port, 'udp', position);
  const start = tunnelStart(packet);
  const first = packet.load(1, start, 0);
  const known = name === 'geneve' ? packet.masked(first, 0xc0, 0) : packet.equals(first, 0x08);
  const tests = [toPort, known];
  if (network !== null) tests.push(packet.masked(packet.load(4, start, 4), 0xffffff00, network * 0x100));
  packet.layers = name === 'geneve' ? insideGeneve(packet, start) : insideVxlan(packet, start);
  return all(...tests);
}

/** The first byte behind the UDP header, over IPv4 and IPv6 alike. */
function tunnelStart(packet: Packet): Place {
  const { values } = packet;
  const version4 = packet.transport();
  const { base, k } = packet.network();
  const isVersion6 = versionFlag(packet);
  const header = version4.base!;
  const start6 = base === null ? values.constant(IP6_HEADER_BYTES) : values.add(base, IP6_HEADER_BYTES);
  const longer = values.operation(MUL, isVersion6, values.operation(SUB, start6, header));
  return { base: values.operation(ADD, longer, header), k: k + UDP_HEADER_BYTES };
}

/** 1 for IPv6 and 0 for IPv4: by the Ethernet type (0x86dd, 0x0800), else by the version (6, 4). */
function versionFlag(packet: Packet): Value {
  const { values } = packet;
  const { family, labels } = packet.layers;
  if (labels === 0 && (family === 'ethernet' || family === 'sll' || family === 'sll2')) {
    return values.operation(RSH, packet.type(), values.constant(15));
  }
  const first = values.operation(RSH, packet.load(1, packet.network(), 0), values.constant(5));
  return values.operation(AND, first, values.constant(1));
}

function insideVxlan(packet: Packet, start: Place): Packet['layers'] {
  const header = { base: start.base, k: start.k + 8 };
  return {
    family: 'ethernet',
    header,
    type: { base: header.base, k: header.k + 12 },
    payload: { base: header.base, k: header.k + 14 },
    network: 0,
    networkWithoutSnap: 3,
    vlans: packet.layers.vlans,
    labels: 0,
    framed: packet.values.constant(1),
  };
}

function insideGeneve(packet: Packet, start: Place): Packet['layers'] {
  const { values } = packet;
  const words = values.operation(AND, packet.load(1, start, 0), values.constant(0x3f));
  const options = values.operation(LSH, words, values.constant(2));
  const inner = values.operation(ADD, options, start.base!);
  const header = { base: inner, k: start.k + 8 };
  // 1 where the protocol is that of a bridged frame.
  const difference = values.operation(XOR, packet.load(2, start, 2), values.constant(ETHER_BRIDGED));
  const framed = values.operation(RSH, values.operation(SUB, difference, values.constant(1)), values.constant(31));
  const frameHeader = values.operation(MUL, framed, values.constant(14));
  // The type is in Geneve's own header, or behind its options and two addresses.
  const typeMoves = values.operation(MUL, values.add(options, 18), framed);
  return {
    family: 'ethernet',
    header,
    type: { base: values.operation(ADD, typeMoves, start.base!), k: start.k + 2 },
    payload: { base: values.operation(ADD, frameHeader, inner), k: header.k },
    network: 0,
    networkWithoutSnap: 3,
    vlans: packet.layers.vlans,
    labels: 0,
    framed,
  };
}
