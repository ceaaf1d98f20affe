/** `proto` with a number or a name: of IP, or of Ethernet. */
import { HAS_FLOW, PROTOCOL } from '../../record/layout.ts';
import { ETHERNET_TYPE_NAMES, ipProtocolNumber } from '../text/names.ts';
import { allOf, compare, type Predicate } from './atoms.ts';
import { FilterError } from './errors.ts';
import { numberOf, type Token } from './lexer.ts';
import { isArpKey, isEthernet, isIpv4, isIpv6, isProtocol, partWord } from './readers.ts';
import type { NameLookup } from './values.ts';

const ETHERNET_KEYS: ReadonlyMap<number, Predicate> = new Map([
  [0x0800, isIpv4],
  [0x86dd, isIpv6],
  [0x0806, isArpKey],
  [0x8035, isArpKey],
]);

export function protocolValueTest(protocol: string, token: Token, lookup: NameLookup): Predicate {
  switch (protocol) {
    case '':
    case 'ip':
      return isProtocol(numberIn(token, lookup));
    case 'ipv4':
      return isProtocol(numberIn(token, lookup), 4);
    case 'ipv6':
      return isProtocol(numberIn(token, lookup), 6);
    case 'arp':
      return isArpKey;
    case 'link':
      return ethernetTest(token);
  }
  throw new FilterError(`'${protocol} proto' is bogus`);
}

function numberIn(token: Token, lookup: NameLookup): number {
  if (token.kind === 'number') return numberOf(token.text);
  const number = lookup.protocol(token.text) ?? ipProtocolNumber(token.text);
  if (number === null) throw new FilterError(`unknown proto '${token.text}'`);
  return number;
}

function ethernetTest(token: Token): Predicate {
  let type = token.kind === 'number' ? numberOf(token.text) : -1;
  for (const [number, name] of ETHERNET_TYPE_NAMES) if (type < 0 && name === token.text) type = number;
  if (type < 0) throw new FilterError(`unknown ether proto '${token.text}'`);
  return ETHERNET_KEYS.get(type) ?? allOf(isEthernet, compare(partWord(HAS_FLOW, PROTOCOL), 'eq', type));
}
