/** Keys of IPv6: addresses, protocol behind the extension headers, ports; a fragment's identification. */
import { be32 } from '../../../../sources/packet/assembly/bytes';
import { KEY_FIVE_TUPLE, KEY_ONE_WAY } from '../../src/table/options';
import { QUIRK_IPV6_SAME_ADDRESS, QUIRK_OPTIONS_STAY } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as key from '../key';
import * as options from '../table/options';
import * as view from '../view';
import { espv6Key } from './esp';
import { icmpv6Key } from './icmp';
import { igmpv6Key } from './igmp';
import {
  AH_BYTES,
  PROTOCOL_AH,
  PROTOCOL_DESTINATION,
  PROTOCOL_ESP,
  PROTOCOL_FRAGMENT,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ICMPV6,
  PROTOCOL_IGMP,
  PROTOCOL_ROUTING,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from './protocols';

const HEADER_BYTES: u32 = 40;
const SOURCE = 8;
const DESTINATION = 24;
/** Offsets in the key. */
const PROTOCOL_WORD = 32;
const PORTS_WORD = 36;
const MAX_EXTENSIONS: u32 = 64;

export function ipv6Key(): bool {
  const header = view.ip;
  if (!view.has(header, HEADER_BYTES)) return false;
  if (!keeps(QUIRK_OPTIONS_STAY)) view.ipOptions = 0;
  const order = (options.key & KEY_ONE_WAY) == 0 ? compare(header + SOURCE, header + DESTINATION) : 0;
  view.reversed = order < 0;
  v128.store(key.words, v128.load(header + (view.reversed ? DESTINATION : SOURCE)));
  v128.store(key.words, v128.load(header + (view.reversed ? SOURCE : DESTINATION)), 16);
  view.upper = header;
  view.pass(HEADER_BYTES);
  let protocol = passExtensions(load<u8>(header, 6));
  if ((options.key & KEY_FIVE_TUPLE) == 0) {
    key.setHead(key.KIND_MATRIX_IP, key.TYPE_IPV6, 8);
    return true;
  }
  key.setHead(key.KIND_FIVE_TUPLE, key.TYPE_IPV6, 10);
  store<u32>(key.words, protocol << 24, PROTOCOL_WORD);
  if (view.fragment6 != 0 && fragmentOffset() != 0) {
    if (view.has(view.fragment6, 8)) store<u32>(key.words, load<u32>(view.fragment6, 4), PORTS_WORD);
    key.addQualifier(key.QUALIFIER_FRAGMENT);
    return true;
  }
  if (protocol == PROTOCOL_AH) {
    view.encapsulation |= view.ENCAPSULATION_AH;
    if (view.has(view.upper, AH_BYTES)) {
      protocol = load<u8>(view.upper);
      view.upper += AH_BYTES;
      store<u32>(key.words, protocol << 24, PROTOCOL_WORD);
    }
  }
  switch (protocol) {
    case PROTOCOL_TCP:
    case PROTOCOL_UDP: return ports(order == 0);
    case PROTOCOL_ESP: return espv6Key();
    case PROTOCOL_ICMPV6: return icmpv6Key();
    case PROTOCOL_IGMP: return igmpv6Key();
  }
  return true;
}

function ports(sameAddress: bool): bool {
  const source = view.peek16(view.upper);
  const destination = view.peek16(view.upper + 2);
  if (sameAddress && source > destination && (options.key & KEY_ONE_WAY) == 0 && !keeps(QUIRK_IPV6_SAME_ADDRESS)) {
    view.reversed = true;
  }
  store<u32>(
    key.words,
    view.reversed ? destination | (source << 16) : source | (destination << 16),
    PORTS_WORD,
  );
  return true;
}

/** Passes extension headers up to a fragment that is not the first. @returns the protocol behind them */
function passExtensions(first: u32): u32 {
  view.fragment6 = 0;
  let next = first;
  for (let passed: u32 = 0; passed < MAX_EXTENSIONS && view.upper < view.end; passed++) {
    const at = view.upper;
    const bytes = (view.peek8(at + 1) + 1) << 3;
    if (next == PROTOCOL_FRAGMENT) {
      view.fragment6 = at;
      next = load<u8>(at);
      view.pass(bytes);
      if (fragmentOffset() != 0) break;
    } else if (next == PROTOCOL_HOP_BY_HOP || next == PROTOCOL_DESTINATION || next == PROTOCOL_ROUTING) {
      next = load<u8>(at);
      view.pass(bytes);
    } else {
      break;
    }
  }
  return next;
}

/** Of the packet's fragment header, bytes. */
export function fragmentOffset(): u32 {
  return view.peek16(view.fragment6 + 2) & 0xfff8;
}

export function moreFragments(): bool {
  return (view.peek16(view.fragment6 + 2) & 1) != 0;
}

/** Turns the packet's key into that of the fragments of its datagram. @returns false if that cannot be known */
export function toFragmentKey6(): bool {
  if (!view.has(view.fragment6, 8)) return false;
  key.addQualifier(key.QUALIFIER_FRAGMENT);
  store<u32>(key.words, load<u32>(view.fragment6, 4), PORTS_WORD);
  return true;
}

/** @returns below, at or above 0 as the first address is lower than, equal to or higher than the second */
function compare(first: usize, second: usize): i32 {
  for (let offset = 0; offset < 16; offset += 4) {
    const one = be32(first + offset);
    const other = be32(second + offset);
    if (one != other) return one < other ? -1 : 1;
  }
  return 0;
}
