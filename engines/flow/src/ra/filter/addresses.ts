/** Tests of hosts, networks and MACs. */
import { addressBytes } from '@undercroft/packet';
import { DESTINATION_MAC, HAS_MAC, KEY_ARP_MAC, SOURCE_MAC } from '../../record/layout.ts';
import { allOf, anyOf, compare, masked, type Predicate } from './atoms.ts';
import { FilterError } from './errors.ts';
import { numberOf, type Token } from './lexer.ts';
import { ofSides } from './named.ts';
import type { Direction, Qualifiers } from './qualifiers.ts';
import { addressWord, isArp, isArpKey, isIpv4, isIpv6 } from './readers.ts';
import type { NameLookup } from './values.ts';

const WHOLE = 0xffffffff;

/** Words of an address and which bits of them count. */
interface Network {
  readonly version: 4 | 6;
  readonly words: readonly number[];
  readonly masks: readonly number[];
}

/** @throws FilterError */
export function addressTest(
  qualifiers: Qualifiers,
  token: Token,
  mask: string | undefined,
  lookup: NameLookup,
): Predicate {
  const networks = networksOf(qualifiers, token, mask, lookup);
  return networks.map((network) => hostTest(network, qualifiers)).reduce(anyOf);
}

function networksOf(qualifiers: Qualifiers, token: Token, mask: string | undefined, lookup: NameLookup): Network[] {
  if (token.kind === 'ipv4' || token.kind === 'ipv6') return [networkOf(token.text, mask)];
  if (token.kind === 'number' && qualifiers.of === 'net') return [classOf(numberOf(token.text))];
  if (token.kind === 'number') return [{ version: 4, words: [numberOf(token.text) >>> 0], masks: [WHOLE] }];
  const addresses = lookup.host(token.text);
  if (addresses === null || addresses.length === 0) throw new FilterError(`host ${token.text} unknown`);
  return addresses.map((address) => networkOf(address, undefined));
}

/** `10` is 10.0.0.0/8: the first byte that is not zero comes first. */
function classOf(number: number): Network {
  let word = number >>> 0;
  let mask = WHOLE;
  while (word !== 0 && word >>> 24 === 0) {
    word = (word << 8) >>> 0;
    mask = (mask << 8) >>> 0;
  }
  return { version: 4, words: [word], masks: [mask] };
}

function networkOf(text: string, mask: string | undefined): Network {
  const version = text.includes(':') ? 6 : 4;
  const words = version === 4 ? [ipv4Word(text)] : ipv6Words(text);
  const bits = version === 4 ? 32 : 128;
  if (mask?.includes('.')) return { version, words, masks: [ipv4Word(mask)] };
  const prefix = mask === undefined ? bits : Math.min(bits, numberOf(mask));
  const masks = words.map((_, at) => prefixMask(prefix - at * 32));
  return { version, words, masks };
}

function prefixMask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? WHOLE : (WHOLE << (32 - bits)) >>> 0;
}

function ipv4Word(text: string): number {
  return text.split('.').reduce((value, part) => value * 256 + (numberOf(part) & 255), 0);
}

function ipv6Words(text: string): number[] {
  const bytes = addressBytes(text);
  if (bytes?.length !== 16) throw new FilterError(`'${text}' is not an address`);
  const view = new DataView(bytes.buffer);
  return [0, 4, 8, 12].map((at) => view.getUint32(at));
}

function hostTest(network: Network, qualifiers: Qualifiers): Predicate {
  const { protocol, direction } = qualifiers;
  const isAddress = matches(network, direction);
  const inVersion = allOf(network.version === 4 ? isIpv4 : isIpv6, isAddress);
  switch (protocol) {
    case '':
      return network.version === 4 ? anyOf(allOf(isArpKey, isAddress), inVersion) : inVersion;
    case 'ip':
      return inVersion;
    case 'ipv4':
    case 'icmp':
      return allOf(isIpv4, isAddress);
    case 'ipv6':
      return allOf(isIpv6, isAddress);
    case 'arp':
      return allOf(isArp, isAddress);
    case 'rarp':
      return allOf(isArpKey, isAddress);
  }
  throw new FilterError(`'${protocol}' modifier applied to host`);
}

function matches(network: Network, direction: Direction): Predicate {
  const side = (isSource: boolean): Predicate => {
    const tests = network.words.flatMap((word, at) => {
      const mask = network.masks[at] as number;
      if (mask === 0) return [];
      const read = addressWord(isSource, at);
      return [mask === WHOLE ? compare(read, 'eq', word) : masked(read, mask, word)];
    });
    return tests.length === 0 ? () => true : tests.reduce(allOf);
  };
  return ofSides(direction, side(true), side(false));
}

/** @param text six bytes in hex, with colons */
export function macTest(qualifiers: Qualifiers, text: string): Predicate {
  const bytes = text.split(':').map((byte) => Number.parseInt(byte, 16));
  const low =
    ((bytes[0] as number) |
      ((bytes[1] as number) << 8) |
      ((bytes[2] as number) << 16) |
      ((bytes[3] as number) << 24)) >>>
    0;
  const high = (bytes[4] as number) | ((bytes[5] as number) << 8);
  const isAt =
    (word: number): Predicate =>
    (record) =>
      record.get(word) === low && (record.get(word + 1) & 0xffff) === high;
  if (qualifiers.protocol === 'arp' && qualifiers.of === 'host') return allOf(isArpKey, isAt(KEY_ARP_MAC));
  if (qualifiers.protocol !== 'link') throw new FilterError('ethernet address used in non-ether expression');
  const side = (word: number): Predicate => {
    const test = isAt(word);
    return (record) => record.has(HAS_MAC) && test(record);
  };
  return ofSides(qualifiers.direction, side(SOURCE_MAC), side(DESTINATION_MAC));
}
