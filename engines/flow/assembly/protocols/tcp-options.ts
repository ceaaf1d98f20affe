/** Options of a TCP header, as the bits that records show, and those that the counters need. */
import { be16 } from '../../../../sources/packet/assembly/bytes';
import * as view from '../view';
import * as tcp from './tcp-state';

const END: u32 = 0;
const NOTHING: u32 = 1;
const MAX_SEGMENT: u32 = 2;
const WINDOW_SCALE: u32 = 3;
const SACK_PERMITTED: u32 = 4;
const SACK: u32 = 5;
const ECHO: u32 = 6;
const ECHO_REPLY: u32 = 7;
const TIMESTAMP: u32 = 8;
const CC: u32 = 11;
const CC_NEW: u32 = 12;
const CC_ECHO: u32 = 13;

/** @param bytes that the header has for options */
export function parseTcpOptions(first: usize, bytes: i32, part: usize, source: usize): void {
  let at = first;
  let left = bytes;
  let bits = load<u32>(part, tcp.TCP_OPTIONS);
  while (left > 0) {
    const option = view.peek8(at);
    at++;
    if (option == NOTHING) {
      left--;
      continue;
    }
    if (option == END) break;
    const optionBytes = <i32>view.peek8(at);
    at++;
    if (optionBytes < 2 || optionBytes > left) break;
    left -= 2;
    const data = dataBytes(option, optionBytes);
    bits |= bitOf(option);
    if (data > left || !view.has(at, data)) break;
    if (option == MAX_SEGMENT) store<u16>(source, be16(at), tcp.SIDE_SEGMENT);
    else if (option == WINDOW_SCALE) store<u8>(source, load<u8>(at), tcp.SIDE_SHIFT);
    at += data;
    left -= data;
  }
  store<u32>(part, bits, tcp.TCP_OPTIONS);
}

/** Bytes passed for an option: those it is defined with, whatever it says. */
function dataBytes(option: u32, bytes: i32): i32 {
  switch (option) {
    case MAX_SEGMENT: return 2;
    case WINDOW_SCALE: return 1;
    case SACK_PERMITTED: return 0;
    case ECHO:
    case ECHO_REPLY:
    case CC:
    case CC_NEW:
    case CC_ECHO: return 4;
    case TIMESTAMP: return 8;
  }
  return bytes - 2;
}

function bitOf(option: u32): u32 {
  switch (option) {
    case MAX_SEGMENT: return 0x00100000;
    case WINDOW_SCALE: return 0x00200000;
    case SACK_PERMITTED: return 0x00400000;
    case SACK: return 0x00800000;
    case ECHO: return 0x01000000;
    case ECHO_REPLY: return 0x02000000;
    case TIMESTAMP: return 0x04000000;
    case CC: return 0x08000000;
    case CC_NEW: return 0x10000000;
    case CC_ECHO: return 0x20000000;
  }
  return 0;
}
