/** Options of an IPv4 header, as the bits that records show. */
import * as view from './view';

const END: u32 = 0;
const NOTHING: u32 = 1;
const RECORD_ROUTE: u32 = 7;
const TIMESTAMP: u32 = 68;
const SECURITY: u32 = 130;
const LOOSE_ROUTE: u32 = 131;
const STREAM: u32 = 136;
const STRICT_ROUTE: u32 = 137;
const ROUTER_ALERT: u32 = 148;

/** @param bytes that the header has for options */
export function parseIpOptions(first: usize, bytes: i32): u32 {
  let bits: u32 = 0;
  let at = first;
  let left = bytes;
  while (left > 0 && view.has(at, 1)) {
    const option = <u32>load<u8>(at);
    switch (option) {
      case RECORD_ROUTE: bits |= 0x01; break;
      case TIMESTAMP: bits |= 0x02; break;
      case SECURITY: bits |= 0x04; break;
      case LOOSE_ROUTE: bits |= 0x08; break;
      case STREAM: bits |= 0x10; break;
      case STRICT_ROUTE: bits |= 0x20; break;
      case ROUTER_ALERT: bits |= 0x40; break;
    }
    let step: i32 = 1;
    if (option != END && option != NOTHING) {
      step = view.peek8(at + 1);
      if (step == 0 || step > left) break;
    }
    at += step;
    left -= step;
  }
  return bits;
}
