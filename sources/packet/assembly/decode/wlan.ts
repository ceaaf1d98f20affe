/** IEEE 802.11 and the headers that capture drivers put before it. @see IEEE 802.11, radiotap.org */
import { be32 } from '../bytes';
import { FLAG_BAD_HEADER_LENGTH, FLAG_BAD_VERSION, FLAG_ENCRYPTED } from '../../src/decode/flags';
import {
  LAYER_AVS,
  LAYER_END,
  LAYER_LLC,
  LAYER_PPI,
  LAYER_PRISM,
  LAYER_RADIOTAP,
  LAYER_WLAN,
} from '../../src/decode/layers';
import { LAYER_INFO, LAYER_KIND, LAYERS } from '../../src/decode/layout';
import { available, flag, head, layerAt, narrow, push, remaining, room } from './cursor';
import { firstLayer } from './links';

const TYPE_CONTROL: u32 = 1;
const TYPE_DATA: u32 = 2;
const QOS: u32 = 8;
const NO_DATA: u32 = 4;
/** Bits of radiotap's flags field. */
const RADIOTAP_FCS: u32 = 0x10;
const RADIOTAP_PADDED: u32 = 0x20;
const PRISM_BYTES: u32 = 144;
const AVS_MAGIC: u32 = 0x80211000;
const MAX_PRESENT_WORDS: u32 = 32;

export function wlan(packet: usize): u32 {
  if (!room(packet, 10)) return LAYER_END;
  const at = head(packet);
  const control = <u32>load<u8>(at);
  const bits = <u32>load<u8>(at, 1);
  if (control & 3) {
    flag(packet, FLAG_BAD_VERSION);
    return LAYER_END;
  }
  const type = (control >> 2) & 3;
  const subtype = control >> 4;
  const headerBytes = wlanHeaderBytes(type, subtype, bits);
  if (!room(packet, headerBytes)) return LAYER_END;
  const padding: u32 = padded(packet) ? (4 - (headerBytes & 3)) & 3 : 0;
  if (!push(packet, LAYER_WLAN, control >> 2, headerBytes + padding)) return LAYER_END;
  if (type != TYPE_DATA || subtype & NO_DATA) return LAYER_END;
  if (bits & 0x40) {
    flag(packet, FLAG_ENCRYPTED);
    return LAYER_END;
  }
  // Later fragments have no LLC header; aggregates hold frames of their own.
  if (load<u8>(at, 22) & 15) return LAYER_END;
  const qosAt: u32 = (bits & 3) == 3 ? 30 : 24;
  if (subtype & QOS && load<u8>(at + qosAt) & 0x80) return LAYER_END;
  return LAYER_LLC;
}

function wlanHeaderBytes(type: u32, subtype: u32, bits: u32): u32 {
  if (type == TYPE_CONTROL) return subtype == 12 || subtype == 13 ? 10 : 16;
  let bytes: u32 = 24;
  if (type == TYPE_DATA) {
    if ((bits & 3) == 3) bytes += 6;
    if (subtype & QOS) bytes += bits & 0x80 ? 6 : 2;
  } else if (bits & 0x80) {
    bytes += 4;
  }
  return bytes;
}

/** Did the driver pad the header to words? */
function padded(packet: usize): bool {
  const count = <u32>load<u8>(packet, LAYERS);
  if (count == 0) return false;
  const entry = layerAt(packet, count - 1);
  return load<u8>(entry, LAYER_KIND) == LAYER_RADIOTAP && (load<u8>(entry, LAYER_INFO) & RADIOTAP_PADDED) != 0;
}

export function radiotap(packet: usize): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const bytes = <u32>load<u16>(at, 2);
  if (load<u8>(at) != 0) {
    flag(packet, FLAG_BAD_VERSION);
    return LAYER_END;
  }
  if (bytes < 8 || bytes > remaining(packet)) {
    flag(packet, FLAG_BAD_HEADER_LENGTH);
    return LAYER_END;
  }
  if (!room(packet, bytes)) return LAYER_END;
  const flags = radiotapFlags(at, bytes);
  if (!push(packet, LAYER_RADIOTAP, flags, bytes)) return LAYER_END;
  if (flags & RADIOTAP_FCS && remaining(packet) > 4) narrow(packet, remaining(packet) - 4);
  return LAYER_WLAN;
}

/** The field of that name, second of those that the first word of presence tells of. */
function radiotapFlags(at: usize, bytes: u32): u32 {
  const first = load<u32>(at, 4);
  if (!(first & 2)) return 0;
  let offset: u32 = 8;
  let word = first;
  for (let count: u32 = 0; word & 0x80000000; count++) {
    if (count == MAX_PRESENT_WORDS || offset + 4 > bytes) return 0;
    word = load<u32>(at + offset);
    offset += 4;
  }
  // The time before it is aligned to its own 8 bytes.
  if (first & 1) offset = ((offset + 7) & ~7) + 8;
  return offset < bytes ? <u32>load<u8>(at + offset) : 0;
}

/** Prism, or AVS, which a magic number tells. */
export function prism(packet: usize): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const avs = (be32(at) & 0xfffff000) == AVS_MAGIC;
  const bytes = avs ? be32(at + 4) : PRISM_BYTES;
  if (bytes < 8 || bytes > 0xffff || bytes > remaining(packet)) {
    flag(packet, FLAG_BAD_HEADER_LENGTH);
    return LAYER_END;
  }
  if (!room(packet, bytes)) return LAYER_END;
  return push(packet, avs ? LAYER_AVS : LAYER_PRISM, 0, bytes) ? LAYER_WLAN : LAYER_END;
}

/** Per-Packet Information: its header names the link type of what follows. */
export function ppi(packet: usize): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const bytes = <u32>load<u16>(at, 2);
  const linkType = load<u32>(at, 4);
  if (bytes < 8 || bytes > remaining(packet)) {
    flag(packet, FLAG_BAD_HEADER_LENGTH);
    return LAYER_END;
  }
  if (!room(packet, bytes) || !push(packet, LAYER_PPI, 0, bytes)) return LAYER_END;
  return available(packet) > 0 ? firstLayer(packet, linkType) : LAYER_END;
}
