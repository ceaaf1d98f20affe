/** IPv4 with its options. @see RFC 791, RFC 2113 */
import { be16 } from '../bytes';
import { partialSum } from '../checksum';
import {
  FLAG_BAD_FRAGMENT,
  FLAG_BAD_HEADER_LENGTH,
  FLAG_BAD_OPTION,
  FLAG_BAD_VERSION,
  FLAG_FRAGMENT,
  FLAG_IP_CHECKSUM_BAD,
  FLAG_IP_CHECKSUM_JUDGED,
  FLAG_LENGTH_BELOW,
  FLAG_NO_LENGTH,
  FLAG_TRUNCATED,
  IP_OPTION_LOOSE_ROUTE,
  IP_OPTION_OTHER,
  IP_OPTION_RECORD_ROUTE,
  IP_OPTION_ROUTER_ALERT,
  IP_OPTION_SECURITY,
  IP_OPTION_STREAM_ID,
  IP_OPTION_STRICT_ROUTE,
  IP_OPTION_TIMESTAMP,
} from '../../src/decode/flags';
import { LAYER_END, LAYER_IPV4, LAYER_IPV6 } from '../../src/decode/layers';
import {
  DESTINATION,
  FRAGMENT_ID,
  FRAGMENT_MORE,
  FRAGMENT_OFFSET,
  IP_OPTIONS,
  IP_VERSION,
  LAYERS,
  META,
  META_CHECKSUM_PENDING,
  PROTOCOL,
  SOURCE,
  TOS,
  TTL,
} from '../../src/decode/layout';
import { DECODE_CHECKSUMS, STOP_AT_IP_IN_IP } from '../../src/decode/options';
import { available, flag, head, narrow, push, remaining, room } from './cursor';
import { enterInternet } from './internet';
import { byProtocol } from './numbers';

export function ipv4(packet: usize, options: u32): u32 {
  if (!room(packet, 20)) return LAYER_END;
  const at = head(packet);
  const first = <u32>load<u8>(at);
  if (first >> 4 != 4) {
    flag(packet, FLAG_BAD_VERSION);
    return LAYER_END;
  }
  const headerBytes = (first & 15) << 2;
  const rest = remaining(packet);
  if (headerBytes < 20 || headerBytes > rest) {
    flag(packet, FLAG_BAD_HEADER_LENGTH);
    return LAYER_END;
  }
  let totalBytes = be16(at + 2);
  if (totalBytes == 0) {
    flag(packet, FLAG_NO_LENGTH);
    totalBytes = rest;
  } else if (totalBytes < headerBytes) {
    flag(packet, FLAG_LENGTH_BELOW);
    return LAYER_END;
  }
  const protocol = <u32>load<u8>(at, 9);
  const index = load<u8>(packet, LAYERS);
  narrow(packet, totalBytes);
  const captured = available(packet);
  if (!push(packet, LAYER_IPV4, protocol, headerBytes)) return LAYER_END;
  enterInternet(packet, index, 0x0800);
  store<u8>(packet, 4, IP_VERSION);
  store<u8>(packet, protocol, PROTOCOL);
  store<u8>(packet, load<u8>(at, 8), TTL);
  store<u8>(packet, load<u8>(at, 1), TOS);
  store<u32>(packet, load<u32>(at, 12), SOURCE);
  store<u32>(packet, load<u32>(at, 16), DESTINATION);
  store<u32>(packet, be16(at + 4), FRAGMENT_ID);
  const present = captured < headerBytes ? captured : headerBytes;
  if (headerBytes > 20) {
    if (present < headerBytes) flag(packet, FLAG_TRUNCATED);
    ipOptions(packet, at + 20, present - 20, present == headerBytes);
  }
  if (options & DECODE_CHECKSUMS && present == headerBytes && !(load<u32>(packet, META) & META_CHECKSUM_PENDING)) {
    flag(packet, FLAG_IP_CHECKSUM_JUDGED);
    if (partialSum(at, headerBytes, 0) != 0xffff) flag(packet, FLAG_IP_CHECKSUM_BAD);
  }
  const fragment = be16(at + 6);
  if (fragment & 0x3fff) return ipv4Fragment(packet, fragment, protocol);
  if ((protocol == 4 || protocol == 41) && options & STOP_AT_IP_IN_IP) return LAYER_END;
  return byProtocol(protocol);
}

/** The first fragment has a transport header, the others have only bytes. */
function ipv4Fragment(packet: usize, field: u32, protocol: u32): u32 {
  const offset = (field & 0x1fff) << 3;
  const more = (field >> 13) & 1;
  const bytes = remaining(packet);
  flag(packet, FLAG_FRAGMENT);
  store<u16>(packet, offset, FRAGMENT_OFFSET);
  store<u16>(packet, more, FRAGMENT_MORE);
  if (offset + bytes > 65515 || (more && (bytes & 7 || bytes == 0))) flag(packet, FLAG_BAD_FRAGMENT);
  if (offset > 0) return LAYER_END;
  const kind = byProtocol(protocol);
  // What a first fragment of a tunnel carries is judged once it is whole.
  return kind == LAYER_IPV4 || kind == LAYER_IPV6 ? LAYER_END : kind;
}

/** Which options there are; a cut list is read as far as it goes. */
function ipOptions(packet: usize, from: usize, bytes: u32, complete: bool): void {
  let seen: u32 = 0;
  let at: u32 = 0;
  while (at < bytes) {
    const type = <u32>load<u8>(from + at);
    if (type == 0) break;
    if (type == 1) {
      at++;
      continue;
    }
    seen |= ipOption(type);
    const length = at + 1 < bytes ? <u32>load<u8>(from + at, 1) : 0;
    if (length < 2 || at + length > bytes) {
      if (complete) flag(packet, FLAG_BAD_OPTION);
      break;
    }
    at += length;
  }
  store<u8>(packet, seen, IP_OPTIONS);
}

function ipOption(type: u32): u32 {
  switch (type) {
    case 7: return IP_OPTION_RECORD_ROUTE;
    case 68: return IP_OPTION_TIMESTAMP;
    case 130:
    case 133:
    case 134: return IP_OPTION_SECURITY;
    case 131: return IP_OPTION_LOOSE_ROUTE;
    case 136: return IP_OPTION_STREAM_ID;
    case 137: return IP_OPTION_STRICT_ROUTE;
    case 148: return IP_OPTION_ROUTER_ALERT;
  }
  return IP_OPTION_OTHER;
}
