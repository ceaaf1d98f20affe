/** IEEE 802.11 and what captures put before it, as far as Argus looks. */
import * as view from '../view';

const TYPE_DATA: u32 = 2;
const SUBTYPE_NULL: u32 = 4;
const SUBTYPE_QOS: u32 = 8;
const TO_DS: u32 = 0x0100;
const FROM_DS: u32 = 0x0200;
const PROTECTED: u32 = 0x4000;

const RADIOTAP_FLAGS: u32 = 1;
const RADIOTAP_EXTENDED: u32 = 0x80000000;
const RADIOTAP_PADDED: u32 = 0x20;

/** The header is padded to four bytes: the radiotap header of the packet said so. */
let padded: bool = false;

/** Bytes of the header of a data frame that can be read; 0 for other frames. */
export function wlanHeader(address: usize): u32 {
  const control = littleEndian16(address);
  if (((control >> 2) & 3) != TYPE_DATA) return 0;
  const subtype = (control >> 4) & 0xf;
  if ((subtype & SUBTYPE_NULL) != 0 || (control & PROTECTED) != 0) return 0;
  let bytes: u32 = (control & TO_DS) != 0 && (control & FROM_DS) != 0 ? 30 : 24;
  if ((subtype & SUBTYPE_QOS) != 0) bytes += 2;
  return padded ? (bytes + 3) & ~3 : bytes;
}

/** Reads a radiotap header. @returns its bytes; 0 if it cannot be passed */
export function radiotap(address: usize, captured: u32): u32 {
  padded = false;
  if (captured < 8) return 0;
  const bytes = littleEndian16(address + 2);
  if (bytes < 8 || bytes > captured) return 0;
  let at = address + 4;
  const first = load<u32>(at);
  while ((load<u32>(at) & RADIOTAP_EXTENDED) != 0) {
    at += 4;
    if (at + 4 > address + bytes) return 0;
  }
  at += 4;
  // The fields lie in the order of their bits: before the flags, only the 8 bytes of the timer.
  if ((first & 1) != 0) at = address + (((at - address) + 7) & ~7) + 8;
  if ((first & (1 << RADIOTAP_FLAGS)) != 0 && at < address + bytes) padded = (load<u8>(at) & RADIOTAP_PADDED) != 0;
  return bytes;
}

/** A capture without radiotap says nothing of padding. */
export function unpadded(): void {
  padded = false;
}

function littleEndian16(address: usize): u32 {
  return view.peek8(address) | (view.peek8(address + 1) << 8);
}
