/** Protocols by name or number: `tcp`, `ip proto 47`, `ip6 protochain \tcp`. */
import { meaningError } from '../language/error.ts';
import {
  ETHER_TYPES,
  IP_PROTOCOLS,
  ISIS_PDUS,
  ISO_PROTOCOLS,
  LLC_SAPS,
  lookUp,
  TRANSPORT_WORDS,
} from '../language/names.ts';
import type { Identifier } from '../language/syntax.ts';
import { ADD, LSH, RSH, SUB, XOR } from '../program.ts';
import type { Condition } from './condition.ts';
import { all, any, not } from './condition.ts';
import type { Packet } from './packet.ts';
import type { Value } from './value.ts';

export const ETHER_IP = ETHER_TYPES['ip']!;
export const ETHER_IP6 = ETHER_TYPES['ip6']!;
export const IP6_HEADER_BYTES = 40;
const IPV6_FRAGMENT = 44;
const AUTHENTICATION = 51;
/** Hop-by-hop, routing, fragment, destination options. */
const EXTENSION_HEADERS = [0, 43, IPV6_FRAGMENT, 60];
/** Headers that `protochain` follows: a program has no loops, so each is written out. */
export const MAX_CHAIN = 8;

/** A protocol that stands alone. */
export function protocolAlone(packet: Packet, name: string, position: number): Condition {
  const type = etherTypeOf(name);
  if (type !== undefined) return packet.carries(type, position);
  const transport = lookUp(TRANSPORT_WORDS, name);
  if (transport !== undefined) {
    const over = transport.over === 'both' ? null : transport.over;
    return protocolNumber(packet, over, transport.number, position);
  }
  const iso = lookUp(ISO_PROTOCOLS, name);
  if (iso !== undefined) return protocolNumber(packet, 'iso', iso, position);
  const pdus = lookUp(ISIS_PDUS, name);
  if (pdus !== undefined) return any(...pdus.map((pdu) => protocolNumber(packet, 'isis', pdu, position)));
  throw meaningError(
    `"${name}" says where to look, but not what for.`,
    position,
    `Write, for example, "${name}[0] = 1" or "ether host 00:11:22:33:44:55".`,
  );
}

/** Ethernet type or service access point of a link-layer protocol's keyword. */
export function etherTypeOf(name: string): number | undefined {
  return lookUp(ETHER_TYPES, name) ?? lookUp(LLC_SAPS, name);
}

/** `proto` with a number, under the protocol word before it. */
export function protocolNumber(packet: Packet, under: string | null, number: number, position: number): Condition {
  switch (under) {
    case null:
      return any(protocolNumber(packet, 'ip', number, position), protocolNumber(packet, 'ip6', number, position));
    case 'ip':
      return all(packet.carries(ETHER_IP, position), ipProtocol(packet, number));
    case 'ip6': {
      const behindFragment = all(
        ip6Protocol(packet, IPV6_FRAGMENT),
        packet.equals(packet.load(1, packet.network(), IP6_HEADER_BYTES), number),
      );
      return all(packet.carries(ETHER_IP6, position), any(ip6Protocol(packet, number), behindFragment));
    }
    case 'ether':
      return packet.carries(number, position);
    case 'iso':
      return all(packet.carries(LLC_SAPS['iso']!, position), packet.equals(isoByte(packet, 0), number));
    case 'isis': {
      const isIsis = protocolNumber(packet, 'iso', ISO_PROTOCOLS['isis']!, position);
      return all(isIsis, packet.masked(isoByte(packet, 4), 0x1f, number));
    }
  }
  throw meaningError(
    `"${under}" has no protocols inside that have numbers.`,
    position,
    'Write "ip proto" or "ip6 proto".',
  );
}

/** The number that an id after `proto` means. */
export function numberOfProtocol(under: string | null, id: Identifier): number {
  if (id.kind === 'number') return id.value;
  if (id.kind !== 'name') throw meaningError('An address is no protocol.', id.position, 'Write a number or a name.');
  const number =
    under === 'ether'
      ? etherTypeOf(id.text)
      : under === 'iso'
        ? lookUp(ISO_PROTOCOLS, id.text)
        : under === null || under === 'ip' || under === 'ip6'
          ? lookUp(IP_PROTOCOLS, id.text.toLowerCase())
          : undefined;
  if (number !== undefined) return number;
  throw meaningError(`No protocol ${JSON.stringify(id.text)} is known here.`, id.position, 'Write its number.');
}

export function ipProtocol(packet: Packet, number: number): Condition {
  return packet.equals(packet.load(1, packet.network(), 9), number);
}

export function ip6Protocol(packet: Packet, number: number): Condition {
  return packet.equals(packet.load(1, packet.network(), 6), number);
}

/** A protocol somewhere in the chain of headers, the first {@link MAX_CHAIN} of them. */
export function protocolChain(packet: Packet, under: string | null, number: number, position: number): Condition {
  switch (under) {
    case null:
      return any(protocolChain(packet, 'ip', number, position), protocolChain(packet, 'ip6', number, position));
    case 'ip': {
      const { base, k } = packet.transport();
      const found = chain(packet, packet.load(1, packet.network(), 9), base!, k, number, [], MAX_CHAIN);
      return all(packet.carries(ETHER_IP, position), found);
    }
    case 'ip6': {
      const { base, k } = packet.network();
      const start = base ?? packet.values.constant(0);
      const first = packet.load(1, packet.network(), 6);
      const found = chain(packet, first, start, k + IP6_HEADER_BYTES, number, EXTENSION_HEADERS, MAX_CHAIN);
      return all(packet.carries(ETHER_IP6, position), found);
    }
  }
  throw meaningError(`"${under}" has no chain of headers.`, position, 'Write "ip protochain" or "ip6 protochain".');
}

/** From a header at `start` + k whose number is `next`. */
function chain(
  packet: Packet,
  next: Value,
  start: Value,
  k: number,
  number: number,
  extensions: readonly number[],
  left: number,
): Condition {
  const found = packet.equals(next, number);
  if (left === 0) return found;
  const passable = any(...[...extensions, AUTHENTICATION].map((each) => packet.equals(next, each)));
  const after = chainStep(packet, next, start, k);
  const further = packet.load(1, { base: start, k }, 0);
  return any(found, all(passable, chain(packet, further, after, k, number, extensions, left - 1)));
}

/** Where the next header starts: (length + 1) * 8 bytes on, or (length + 2) * 4 behind an authentication header. */
function chainStep(packet: Packet, next: Value, start: Value, k: number): Value {
  const { values } = packet;
  const difference = values.operation(XOR, next, values.constant(AUTHENTICATION));
  const isAuthentication = values.operation(
    RSH,
    values.operation(SUB, difference, values.constant(1)),
    values.constant(31),
  );
  const length = values.add(packet.load(1, { base: start, k }, 1), 1);
  const shift = values.operation(SUB, values.constant(3), isAuthentication);
  const bytes = values.operation(LSH, values.operation(ADD, length, isAuthentication), shift);
  return values.operation(ADD, bytes, start);
}

function isoByte(packet: Packet, offset: number): Value {
  const { payload, networkWithoutSnap } = packet.layers;
  return packet.load(1, payload, networkWithoutSnap + offset);
}

/** Keeps first fragments and whole packets: only they have a transport header. */
export function unfragmented(packet: Packet): Condition {
  return not(packet.anyBit(packet.load(2, packet.network(), 6), 0x1fff));
}
