/** IPv6 and its extension headers. @see RFC 8200, RFC 2675 (jumbograms), RFC 4302 (AH), RFC 6275, RFC 7045 */
import { be16, be32 } from '../bytes';
import {
  FLAG_BAD_FRAGMENT,
  FLAG_BAD_OPTION,
  FLAG_BAD_VERSION,
  FLAG_FRAGMENT,
  FLAG_NO_LENGTH,
  IP_OPTION_ROUTER_ALERT,
} from '../../src/decode/flags';
import {
  LAYER_AH,
  LAYER_END,
  LAYER_FRAGMENT,
  LAYER_HOP_BY_HOP,
  LAYER_IPV4,
  LAYER_IPV6,
} from '../../src/decode/layers';
import {
  DESTINATION,
  FRAGMENT_ID,
  FRAGMENT_MORE,
  FRAGMENT_OFFSET,
  IP_OPTIONS,
  IP_VERSION,
  LAYERS,
  PROTOCOL,
  SOURCE,
  TOS,
  TTL,
} from '../../src/decode/layout';
import { STOP_AT_IP_IN_IP } from '../../src/decode/options';
import { flag, flagged, head, narrow, push, remaining, room } from './cursor';
import { enterInternet } from './internet';
import { byProtocol } from './numbers';

export function ipv6(packet: usize, options: u32): u32 {
  if (!room(packet, 40)) return LAYER_END;
  const at = head(packet);
  const first = be16(at);
  if (first >> 12 != 6) {
    flag(packet, FLAG_BAD_VERSION);
    return LAYER_END;
  }
  const bytes = be16(at + 4);
  const next = <u32>load<u8>(at, 6);
  const index = load<u8>(packet, LAYERS);
  if (!push(packet, LAYER_IPV6, next, 40)) return LAYER_END;
  enterInternet(packet, index, 0x86dd);
  store<u8>(packet, 6, IP_VERSION);
  store<u8>(packet, load<u8>(at, 7), TTL);
  store<u8>(packet, (first >> 4) & 0xff, TOS);
  v128.store(packet, v128.load(at, 8), SOURCE);
  v128.store(packet, v128.load(at, 24), DESTINATION);
  // A jumbogram, or segmentation is left to the network card: the frame's own length counts.
  if (bytes == 0 && next != 59 && remaining(packet) > 0) flag(packet, FLAG_NO_LENGTH);
  else narrow(packet, bytes);
  return above(packet, next, options);
}

/** Hop-by-hop, routing, destination options, mobility and their like: a next header and a length in 8 bytes. */
export function extension(packet: usize, options: u32, kind: u32): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const next = <u32>load<u8>(at);
  // AH counts in words of 4 bytes, less two.
  const bytes = kind == LAYER_AH ? (<u32>load<u8>(at, 1) + 2) << 2 : (<u32>load<u8>(at, 1) + 1) << 3;
  if (bytes > remaining(packet) || bytes < 8) {
    flag(packet, FLAG_BAD_OPTION);
    return LAYER_END;
  }
  if (!room(packet, bytes)) return LAYER_END;
  if (kind == LAYER_HOP_BY_HOP) hopByHopOptions(packet, at + 2, bytes - 2);
  if (!push(packet, kind, next, bytes)) return LAYER_END;
  return above(packet, next, options);
}

/** @returns LAYER_END for all but the first fragment of a datagram */
export function fragmentHeader(packet: usize, options: u32): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const next = <u32>load<u8>(at);
  const field = be16(at + 2);
  const offset = field & 0xfff8;
  const more = field & 1;
  if (!push(packet, LAYER_FRAGMENT, next, 8)) return LAYER_END;
  store<u32>(packet, be32(at + 4), FRAGMENT_ID);
  store<u8>(packet, next, PROTOCOL);
  // An atomic fragment is a whole datagram (RFC 6946).
  if (offset == 0 && !more) return above(packet, next, options);
  const bytes = remaining(packet);
  flag(packet, FLAG_FRAGMENT);
  store<u16>(packet, offset, FRAGMENT_OFFSET);
  store<u16>(packet, more, FRAGMENT_MORE);
  if (offset + bytes > 65535 || (more && (bytes & 7 || bytes == 0))) flag(packet, FLAG_BAD_FRAGMENT);
  if (offset > 0) return LAYER_END;
  const kind = above(packet, next, options);
  return kind == LAYER_IPV4 || kind == LAYER_IPV6 ? LAYER_END : kind;
}

function above(packet: usize, protocol: u32, options: u32): u32 {
  store<u8>(packet, protocol, PROTOCOL);
  if ((protocol == 4 || protocol == 41) && options & STOP_AT_IP_IN_IP) return LAYER_END;
  const kind = byProtocol(protocol);
  // A second fragment header would fragment a fragment; a datagram may hold only one.
  if (kind == LAYER_FRAGMENT && flagged(packet, FLAG_FRAGMENT)) return LAYER_END;
  return kind;
}

function hopByHopOptions(packet: usize, from: usize, bytes: u32): void {
  let at: u32 = 0;
  while (at < bytes) {
    const type = <u32>load<u8>(from + at);
    if (type == 0) {
      at++;
      continue;
    }
    const length = at + 1 < bytes ? <u32>load<u8>(from + at, 1) + 2 : 0;
    if (length == 0 || at + length > bytes) {
      flag(packet, FLAG_BAD_OPTION);
      return;
    }
    if (type == 5) store<u8>(packet, IP_OPTION_ROUTER_ALERT, IP_OPTIONS);
    // Jumbo payload: counted from the end of the IPv6 header, where the cursor still stands.
    if (type == 0xc2 && length == 6) narrow(packet, be32(from + at + 2));
    at += length;
  }
}
