/** `host`, `net` and their like: addresses of IPv4, ARP, RARP, IPv6, Ethernet and 802.11. */
import type { Words } from '../language/address.ts';
import { maskOf, parseIpv4Part, parseIpv6, parseMac } from '../language/address.ts';
import { meaningError, unsupported } from '../language/error.ts';
import { ETHER_TYPES } from '../language/names.ts';
import type { Direction, Identifier, Qualifier } from '../language/syntax.ts';
import type { Condition } from './condition.ts';
import { all, any, NEVER, not } from './condition.ts';
import type { Mac, Packet } from './packet.ts';
import { ETHER_IP, ETHER_IP6 } from './protocols.ts';
import { wlanAddress } from './wlan.ts';

/** Names to addresses, IPv4 and IPv6 in text; an empty list where there are none. */
export type Resolve = (name: string) => readonly string[];

/** Where the source and the destination address stand behind the link header. */
const IPV4_CARRIERS: Readonly<
  Record<string, { readonly type: number; readonly source: number; readonly destination: number }>
> = {
  ip: { type: ETHER_IP, source: 12, destination: 16 },
  arp: { type: ETHER_TYPES['arp']!, source: 14, destination: 24 },
  rarp: { type: ETHER_TYPES['rarp']!, source: 14, destination: 24 },
};
const IP6_SOURCE = 8;
const IP6_DESTINATION = 24;

export function address(packet: Packet, words: Qualifier, id: Identifier, resolve: Resolve | undefined): Condition {
  switch (id.kind) {
    case 'mac':
      return macAddress(packet, words, id.text, id.position);
    case 'ipv4':
      return ipv4Text(packet, words, id);
    case 'ipv6':
      return ipv6Text(packet, words, id);
    case 'number':
      return ipv4Number(packet, words, id.value, id.position);
    case 'name':
      return named(packet, words, id.text, id.position, resolve);
  }
}

function named(
  packet: Packet,
  words: Qualifier,
  name: string,
  position: number,
  resolve: Resolve | undefined,
): Condition {
  if (words.type === 'net') {
    throw unsupported('Names of networks are not looked up.', position, 'Write the network itself: "net 10.0.0.0/8".');
  }
  if (words.protocol === 'ether') {
    throw unsupported(
      'Names of Ethernet addresses are not looked up.',
      position,
      'Write the address: 00:11:22:33:44:55.',
    );
  }
  if (resolve === undefined) {
    throw unsupported('Names of hosts are not looked up here.', position, 'Write the address.');
  }
  const found = resolve(name);
  if (found.length === 0) throw meaningError(`No address is known for ${JSON.stringify(name)}.`, position);
  const usable: Condition[] = [];
  for (const text of found) {
    const six = parseIpv6(text);
    const four = six === null ? parseIpv4Part(text) : null;
    if (six !== null && (words.protocol === null || words.protocol === 'ip6')) {
      usable.push(ipv6(packet, words, six, 128, position));
    } else if (four !== null && words.protocol !== 'ip6') {
      usable.push(ipv4(packet, words, four.address, 0xffff_ffff, position));
    }
  }
  if (usable.length > 0) return any(...usable);
  throw meaningError(`${JSON.stringify(name)} has no address of the kind that "${words.protocol}" wants.`, position);
}

function ipv4Text(packet: Packet, words: Qualifier, id: Extract<Identifier, { kind: 'ipv4' }>): Condition {
  const { text, position } = id;
  const part = parseIpv4Part(text);
  if (part === null) throw meaningError(`${text} is no IPv4 address: parts go from 0 to 255.`, position);
  if (id.prefix === null && id.mask === null) {
    if (words.protocol === 'ether') throw notEthernet(position);
    return ipv4(packet, words, part.address, maskOf(part.bits), position);
  }
  if (words.type !== 'net') {
    throw meaningError('Only networks have a mask.', position, `Write "net" before ${text}.`);
  }
  const mask = id.mask === null ? prefixMask(id.prefix!, position) : maskFromText(id.mask, position);
  if ((part.address & ~mask) !== 0) {
    throw meaningError(
      `${text} has bits beyond its mask.`,
      position,
      'Write the network with those bits zero, or "host" for one address.',
    );
  }
  return ipv4(packet, words, part.address, mask, position);
}

function prefixMask(prefix: number, position: number): number {
  if (prefix > 32) throw meaningError(`An IPv4 prefix has at most 32 bits, not ${prefix}.`, position);
  return maskOf(prefix);
}

function maskFromText(text: string, position: number): number {
  const part = parseIpv4Part(text);
  if (part === null) throw meaningError(`${text} is no mask.`, position, 'Write a mask such as 255.255.0.0.');
  return part.address;
}

/** A bare number: an address for `host`, its significant bytes for `net`. */
function ipv4Number(packet: Packet, words: Qualifier, value: number, position: number): Condition {
  if (words.protocol === 'ether') throw notEthernet(position);
  let bits = 32;
  let network = value;
  if (words.type === 'net') {
    while (network !== 0 && network <= 0xff_ffff) {
      network = (network * 256) >>> 0;
      bits -= 8;
    }
  }
  return ipv4(packet, words, network, maskOf(bits), position);
}

function ipv4(packet: Packet, words: Qualifier, value: number, mask: number, position: number): Condition {
  rejectWlanDirection(words.direction, position);
  const carriers = words.protocol === null ? carriersFor(packet) : [words.protocol];
  return any(
    ...carriers.map((name) => {
      const carrier = Object.hasOwn(IPV4_CARRIERS, name) ? IPV4_CARRIERS[name] : undefined;
      if (carrier === undefined) throw wrongProtocol(name, 'an IPv4 address', '"ip", "arp" or "rarp"', position);
      const network = packet.network();
      const at = (offset: number) => packet.masked(packet.load(4, network, offset), mask, value);
      const carries = packet.carries(carrier.type, position);
      if (carries === NEVER) return NEVER;
      return all(
        carries,
        eitherWay(
          words.direction,
          () => at(carrier.source),
          () => at(carrier.destination),
        ),
      );
    }),
  );
}

/** Behind MPLS labels only IP is told apart. */
function carriersFor(packet: Packet): readonly string[] {
  return packet.layers.labels > 0 ? ['ip'] : ['ip', 'arp', 'rarp'];
}

function ipv6Text(packet: Packet, words: Qualifier, id: Extract<Identifier, { kind: 'ipv6' }>): Condition {
  const { text, position } = id;
  const value = parseIpv6(text);
  if (value === null) throw meaningError(`${text} is no IPv6 address.`, position);
  const prefix = id.prefix ?? 128;
  if (prefix > 128) throw meaningError(`An IPv6 prefix has at most 128 bits, not ${prefix}.`, position);
  if (prefix < 128 && words.type !== 'net') {
    throw meaningError('Only networks have a prefix.', position, `Write "net" before ${text}.`);
  }
  if (value.some((word, index) => (word & ~maskOf(prefix - 32 * index)) !== 0)) {
    throw meaningError(`${text} has bits beyond its prefix.`, position, 'Write the network with those bits zero.');
  }
  return ipv6(packet, words, value, prefix, position);
}

function ipv6(packet: Packet, words: Qualifier, value: Words, prefix: number, position: number): Condition {
  rejectWlanDirection(words.direction, position);
  if (words.protocol !== null && words.protocol !== 'ip6') {
    throw wrongProtocol(words.protocol, 'an IPv6 address', '"ip6"', position);
  }
  const carries = packet.carries(ETHER_IP6, position);
  if (carries === NEVER) return NEVER;
  const network = packet.network();
  const at = (offset: number) =>
    all(
      ...value.map((word, index) =>
        packet.masked(packet.load(4, network, offset + 4 * index), maskOf(prefix - 32 * index), word),
      ),
    );
  return all(
    carries,
    eitherWay(
      words.direction,
      () => at(IP6_SOURCE),
      () => at(IP6_DESTINATION),
    ),
  );
}

function macAddress(packet: Packet, words: Qualifier, text: string, position: number): Condition {
  if (words.protocol !== 'ether' || !(words.type === 'host' || words.type === null)) {
    throw meaningError(
      'An Ethernet address stands where another id is wanted.',
      position,
      `Write "ether host ${text}".`,
    );
  }
  return linkAddress(packet, parseMac(text), words.direction, position);
}

/** The link-layer address of either end, or of the end that the direction names. */
export function linkAddress(packet: Packet, mac: Mac, direction: Direction | null, position: number): Condition {
  const { family, header } = packet.layers;
  if (family === 'wlan') return wlanAddress(packet, mac, direction, position);
  if (family !== 'ethernet') throw unsupported('This kind of link has no Ethernet addresses.', position);
  rejectWlanDirection(direction, position);
  const source = () => packet.macEquals(header, 6, mac);
  const destination = () => packet.macEquals(header, 0, mac);
  return all(isFramed(packet), eitherWay(direction, source, destination));
}

/** Inside a tunnel: whether a frame with addresses is there, rather than a bare packet. */
export function isFramed(packet: Packet): Condition {
  const { framed } = packet.layers;
  return framed === null ? not(NEVER) : packet.equals(framed, 1);
}

/** Source, destination, both or either. */
export function eitherWay(
  direction: Direction | null,
  source: () => Condition,
  destination: () => Condition,
): Condition {
  switch (direction) {
    case 'src':
      return source();
    case 'dst':
      return destination();
    case 'and':
      return all(source(), destination());
    default:
      return any(source(), destination());
  }
}

export function rejectWlanDirection(direction: Direction | null, position: number): void {
  if (direction === null || ['src', 'dst', 'or', 'and'].includes(direction)) return;
  throw meaningError(`"${direction}" names an address of an 802.11 frame.`, position, 'Write "src" or "dst".');
}

function notEthernet(position: number) {
  return meaningError('This is no Ethernet address.', position, 'Write it as 00:11:22:33:44:55.');
}

function wrongProtocol(name: string, what: string, wanted: string, position: number) {
  return meaningError(
    `"${name}" has no ${what.replace(/^an? /, '')} of its own.`,
    position,
    `Write ${wanted}, or nothing, before it.`,
  );
}
