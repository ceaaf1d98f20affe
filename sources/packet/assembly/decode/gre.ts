/** GRE of version 0, PPTP's version 1, ERSPAN. @see RFC 1701, 2784, 2890, 2637; draft-foschiano-erspan */
import { be16 } from '../bytes';
import { FLAG_BAD_HEADER_LENGTH, FLAG_BAD_VERSION, FLAG_FRAGMENT } from '../../src/decode/flags';
import { LAYER_END, LAYER_ERSPAN, LAYER_ETHERNET, LAYER_GRE, LAYER_PPP } from '../../src/decode/layers';
import { STOP_AT_ERSPAN_1, STOP_AT_ERSPAN_2, STOP_AT_ERSPAN_3, STOP_AT_GRE } from '../../src/decode/options';
import { available, flag, flagged, head, narrow, push, pushTransport, remaining, room } from './cursor';
import { byEtherType } from './numbers';
import { ipByVersion } from './tunnels';

const CHECKSUM: u32 = 0x8000;
const ROUTING: u32 = 0x4000;
const KEY: u32 = 0x2000;
const SEQUENCE: u32 = 0x1000;
const ACKNOWLEDGEMENT: u32 = 0x0080;
const MAX_ROUTES: u32 = 16;
const TYPE_ERSPAN: u32 = 0x88be;
const TYPE_ERSPAN_3: u32 = 0x22eb;

export function gre(packet: usize, options: u32): u32 {
  if (!room(packet, 4)) return LAYER_END;
  const at = head(packet);
  const bits = be16(at);
  const type = be16(at + 2);
  const version = bits & 7;
  if (version > 1) {
    flag(packet, FLAG_BAD_VERSION);
    return LAYER_END;
  }
  const bytes = version == 1 ? pptpBytes(bits) : greBytes(packet, at, bits);
  if (bytes == 0 || !room(packet, bytes)) return LAYER_END;
  const carried = version == 1 ? be16(at + 4) : 0;
  if (!pushTransport(packet, LAYER_GRE, version, bytes)) return LAYER_END;
  if (options & STOP_AT_GRE || flagged(packet, FLAG_FRAGMENT)) return LAYER_END;
  if (version == 1) {
    // An acknowledgement alone carries nothing.
    if (carried == 0) return LAYER_END;
    narrow(packet, carried);
    return LAYER_PPP;
  }
  if (type == TYPE_ERSPAN) return erspanOf(packet, options, bits);
  if (type == TYPE_ERSPAN_3) return options & STOP_AT_ERSPAN_3 ? LAYER_END : erspan3(packet);
  return available(packet) > 0 ? byEtherType(type) : LAYER_END;
}

function pptpBytes(bits: u32): u32 {
  let bytes: u32 = 8;
  if (bits & SEQUENCE) bytes += 4;
  if (bits & ACKNOWLEDGEMENT) bytes += 4;
  return bytes;
}

/** @returns 0 where the routing entries run away */
function greBytes(packet: usize, at: usize, bits: u32): u32 {
  let bytes: u32 = 4;
  if (bits & (CHECKSUM | ROUTING)) bytes += 4;
  if (bits & KEY) bytes += 4;
  if (bits & SEQUENCE) bytes += 4;
  if (!(bits & ROUTING)) return bytes;
  for (let count: u32 = 0; count < MAX_ROUTES; count++) {
    if (!room(packet, bytes + 4)) return 0;
    const family = be16(at + bytes);
    const length = <u32>load<u8>(at + bytes, 3);
    bytes += 4 + length;
    if (family == 0 && length == 0) return bytes;
  }
  flag(packet, FLAG_BAD_HEADER_LENGTH);
  return 0;
}

/** Type I has no header and no sequence number, type II has both. */
function erspanOf(packet: usize, options: u32, bits: u32): u32 {
  if (!(bits & SEQUENCE)) {
    if (options & STOP_AT_ERSPAN_1) return LAYER_END;
    return push(packet, LAYER_ERSPAN, 1, 0) ? LAYER_ETHERNET : LAYER_END;
  }
  if (options & STOP_AT_ERSPAN_2) return LAYER_END;
  if (!room(packet, 8)) return LAYER_END;
  if (load<u8>(head(packet)) >> 4 != 1) {
    flag(packet, FLAG_BAD_VERSION);
    return LAYER_END;
  }
  return push(packet, LAYER_ERSPAN, 2, 8) ? LAYER_ETHERNET : LAYER_END;
}

function erspan3(packet: usize): u32 {
  if (!room(packet, 12)) return LAYER_END;
  const at = head(packet);
  if (load<u8>(at) >> 4 != 2) {
    flag(packet, FLAG_BAD_VERSION);
    return LAYER_END;
  }
  const bits = be16(at + 10);
  const bytes: u32 = bits & 1 ? 20 : 12;
  if (bytes > remaining(packet) || !push(packet, LAYER_ERSPAN, 3, bytes)) return LAYER_END;
  const frame = (bits >> 10) & 31;
  if (frame == 2) return ipByVersion(packet);
  return frame == 0 ? LAYER_ETHERNET : LAYER_END;
}
