/** Each primitive of the language as a condition. */
import { meaningError, unsupported } from '../language/error.ts';
import { LLC_FRAMES } from '../language/names.ts';
import type { Expression, Primitive, Qualifier } from '../language/syntax.ts';
import { AND, AUX_INTERFACE, AUX_PACKET_TYPE, OR } from '../program.ts';
import type { Resolve } from './addresses.ts';
import { address, isFramed, linkAddress } from './addresses.ts';
import type { Condition } from './condition.ts';
import { all, any, compare, MAX_CONDITION_DEPTH, not } from './condition.ts';
import { encapsulation, pppoeDiscovery } from './encapsulation.ts';
import type { Packet } from './packet.ts';
import type { Services } from './ports.ts';
import { ports } from './ports.ts';
import { ETHER_IP, ETHER_IP6, numberOfProtocol, protocolAlone, protocolChain, protocolNumber } from './protocols.ts';
import { relation } from './relation.ts';
import { wlanMulticast } from './wlan.ts';

/** What Linux says of packets that this machine sent. */
const OUTGOING = 4;

export interface Names {
  readonly resolve: Resolve | undefined;
  readonly services: Services;
  /** Of the interface's own network, for `ip broadcast`. */
  readonly netmask: number | undefined;
}

/** In the order of the text: some primitives move the headers for those after them. */
export function conditionOf(packet: Packet, expression: Expression, names: Names): Condition {
  if (expression.kind === 'not') return not(conditionOf(packet, expression.of, names));
  if (expression.kind !== 'chain') return primitive(packet, expression, names);
  let run = [conditionOf(packet, expression.first, names)];
  let operator: 'and' | 'or' | null = null;
  for (const { operator: next, term } of expression.rest) {
    if (operator !== null && next !== operator) run = [joined(operator, run)];
    operator = next;
    run.push(conditionOf(packet, term, names));
  }
  return joined(operator ?? 'and', run);
}

function joined(operator: 'and' | 'or', run: Condition[]): Condition {
  const condition = operator === 'and' ? all(...run) : any(...run);
  if (condition.depth > MAX_CONDITION_DEPTH) {
    throw unsupported('"and" and "or" alternate too often.', 0, 'Write fewer terms, or group them by parentheses.');
  }
  return condition;
}

function primitive(packet: Packet, each: Primitive, names: Names): Condition {
  switch (each.kind) {
    case 'id':
      return withId(packet, each, names);
    case 'protocol':
      return protocolAlone(packet, each.name, each.position);
    case 'relation':
      return relation(packet, each.relation, each.left, each.right);
    case 'cast':
      return cast(packet, each, names);
    case 'less':
      return not(packet.greater(packet.values.length(), each.value));
    case 'greater':
      return compare(packet.values, 'greater-equal', packet.values.length(), packet.values.constant(each.value));
    case 'byte':
      return byte(packet, each);
    case 'travel':
      return travel(packet, each.outbound, each.position);
    case 'interface':
      return interfaceIndex(packet, each.index, each.position);
    case 'encapsulation':
      return encapsulation(packet, each.name, each.value, each.position);
    case 'pppoed':
      return pppoeDiscovery(packet, each.position);
    case 'wlan':
      if (packet.layers.family !== 'wlan') throw unsupported('This kind of link has no 802.11 frames.', each.position);
      return packet.masked(packet.load(1, packet.layers.header, each.byte), each.mask, each.value);
    case 'llc':
      return llc(packet, each.frame, each.position);
  }
}

function withId(
  packet: Packet,
  { qualifier, id, position }: Extract<Primitive, { kind: 'id' }>,
  names: Names,
): Condition {
  rejectDecnet(qualifier, position);
  switch (qualifier.type) {
    case null:
    case 'host':
    case 'net':
      return address(packet, qualifier, id, names.resolve);
    case 'port':
    case 'portrange':
      return ports(packet, qualifier, id, names.services);
    case 'proto':
      return protocolNumber(packet, qualifier.protocol, numberOfProtocol(qualifier.protocol, id), position);
    case 'protochain':
      return protocolChain(packet, qualifier.protocol, numberOfProtocol(qualifier.protocol, id), position);
    case 'gateway':
      throw unsupported(
        '"gateway" needs names of hosts and their Ethernet addresses, which are not looked up.',
        position,
        'Write "ether host ADDRESS and not host ADDRESS".',
      );
  }
}

function rejectDecnet(qualifier: Qualifier, position: number): void {
  if (qualifier.protocol !== 'decnet') return;
  throw unsupported('Addresses of DECnet are not supported.', position, 'Write "decnet" alone for all of its packets.');
}

function cast(packet: Packet, each: Extract<Primitive, { kind: 'cast' }>, names: Names): Condition {
  const { protocol, position } = each;
  if (each.cast === 'broadcast') {
    if (protocol === null || protocol === 'ether') return linkAddress(packet, BROADCAST, 'dst', position);
    if (protocol === 'ip') return ipBroadcast(packet, names.netmask, position);
  } else {
    if (protocol === null || protocol === 'ether') return linkMulticast(packet, position);
    const network = packet.network();
    if (protocol === 'ip') {
      return all(packet.carries(ETHER_IP, position), isIpMulticast(packet));
    }
    if (protocol === 'ip6') {
      return all(packet.carries(ETHER_IP6, position), packet.equals(packet.load(1, network, 24), 0xff));
    }
  }
  throw meaningError(
    `"${protocol}" has no ${each.cast}.`,
    position,
    `Write "ether ${each.cast}" or "ip ${each.cast}".`,
  );
}

const BROADCAST = { high: 0xffff, low: 0xffff_ffff };

/** 224.0.0.0 and above, as libpcap has it. */
function isIpMulticast(packet: Packet): Condition {
  const first = packet.load(1, packet.network(), 16);
  return compare(packet.values, 'greater-equal', first, packet.values.constant(224));
}

function ipBroadcast(packet: Packet, netmask: number | undefined, position: number): Condition {
  if (netmask === undefined) {
    throw unsupported('The mask of the network is not known here.', position, 'Write "dst host" with the address.');
  }
  const destination = packet.load(4, packet.network(), 16);
  const hosts = ~netmask >>> 0;
  const host = packet.values.operation(AND, destination, packet.values.constant(hosts));
  return all(packet.carries(ETHER_IP, position), any(packet.equals(host, 0), packet.equals(host, hosts)));
}

function linkMulticast(packet: Packet, position: number): Condition {
  const { family, header } = packet.layers;
  if (family === 'wlan') return wlanMulticast(packet);
  if (family !== 'ethernet') throw unsupported('This kind of link has no Ethernet addresses.', position);
  return all(isFramed(packet), packet.anyBit(packet.load(1, header, 0), 1));
}

function byte(packet: Packet, each: Extract<Primitive, { kind: 'byte' }>): Condition {
  const { operator, value } = each;
  if (value > 255) throw meaningError(`${value} is no byte: they end at 255.`, each.position);
  const loaded = packet.load(1, packet.layers.header, each.offset);
  const operand = packet.values.constant(value);
  switch (operator) {
    case '=':
      return packet.equals(loaded, value);
    case '>':
      return packet.greater(loaded, value);
    case '<':
      return not(compare(packet.values, 'greater-equal', loaded, operand));
    case '&':
      return packet.anyBit(loaded, value);
    case '|':
      return not(packet.equals(packet.values.operation(OR, loaded, operand), 0));
  }
}

function travel(packet: Packet, outbound: boolean, position: number): Condition {
  const { family } = packet.layers;
  const { values, options } = packet;
  const sent =
    family === 'sll'
      ? packet.equals(values.load(2, null, 0), OUTGOING)
      : family === 'sll2'
        ? packet.equals(values.load(1, null, 10), OUTGOING)
        : options.kernel
          ? packet.equals(values.load(2, null, AUX_PACKET_TYPE), OUTGOING)
          : null;
  if (sent === null) {
    throw unsupported('Packets of this link type do not say whether they came in or went out.', position);
  }
  return outbound ? sent : not(sent);
}

function interfaceIndex(packet: Packet, index: number, position: number): Condition {
  if (packet.layers.family === 'sll2') return packet.equals(packet.values.load(4, null, 4), index);
  if (packet.options.kernel) return packet.equals(packet.values.load(4, null, AUX_INTERFACE), index);
  throw unsupported('Packets of this link type do not say which interface they crossed.', position);
}

function llc(packet: Packet, frame: string | null, position: number): Condition {
  const { family } = packet.layers;
  let isLlc: Condition;
  if (family === 'ethernet') isLlc = all(packet.isLlcFrame(), not(packet.equals(packet.llc(2, 0), 0xffff)));
  else if (family === 'wlan') isLlc = packet.isWlanData();
  else throw unsupported('This kind of link has no 802.2 headers.', position);
  if (frame === null) return isLlc;
  const control = packet.llc(1, 2);
  if (frame === 'i') return all(isLlc, not(packet.anyBit(control, 1)));
  const { mask, value } = LLC_FRAMES[frame]!;
  return all(isLlc, packet.masked(control, mask, value));
}
