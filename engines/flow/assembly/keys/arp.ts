/** Keys of ARP and RARP: the addresses that are asked for and who asks. */
import { be16 } from '../../../../sources/packet/assembly/bytes';
import * as key from '../key';
import * as view from '../view';

const HEADER_BYTES: u32 = 8;
export const ARP_REQUEST: u32 = 1;
export const ARP_REPLY: u32 = 2;
const RARP_REQUEST: u32 = 3;
const RARP_REPLY: u32 = 4;
const IPV4_BYTES: u32 = 4;
/** Place for a hardware address in the key. */
const HARDWARE_BYTES: u32 = 32;
const ARP_WORDS: u32 = 12;
const RARP_WORDS: u32 = 19;

export function arpKey(): bool {
  view.length = view.wireBytes;
  const header = view.upper;
  if (!view.has(header, HEADER_BYTES)) return false;
  const hardwareBytes = <u32>load<u8>(header, 4);
  const protocolBytes = <u32>load<u8>(header, 5);
  const operation = be16(header + 6);
  const senderHardware = header + HEADER_BYTES;
  const senderProtocol = senderHardware + hardwareBytes;
  const targetHardware = senderProtocol + protocolBytes;
  const targetProtocol = targetHardware + hardwareBytes;
  switch (operation) {
    case ARP_REQUEST:
      key.setHead(key.KIND_ARP, key.TYPE_ARP, ARP_WORDS);
      if (protocolBytes == IPV4_BYTES) {
        common(header, ARP_REQUEST);
        store<u32>(key.words, view.peek32(senderProtocol), 8);
        store<u32>(key.words, view.peek32(targetProtocol), 12);
        address(16, senderHardware, hardwareBytes);
      }
      return true;
    case ARP_REPLY:
      key.setHead(key.KIND_ARP, key.TYPE_ARP, ARP_WORDS);
      if (protocolBytes == IPV4_BYTES) {
        view.reversed = true;
        common(header, ARP_REQUEST);
        store<u32>(key.words, view.peek32(targetProtocol), 8);
        store<u32>(key.words, view.peek32(senderProtocol), 12);
        address(16, targetHardware, hardwareBytes);
      }
      return true;
    case RARP_REQUEST:
      key.setHead(key.KIND_ARP, key.TYPE_RARP, RARP_WORDS);
      common(header, RARP_REQUEST);
      address(12, targetHardware, hardwareBytes);
      address(12 + HARDWARE_BYTES, senderHardware, hardwareBytes);
      return true;
    case RARP_REPLY:
      key.setHead(key.KIND_ARP, key.TYPE_RARP, RARP_WORDS);
      common(header, RARP_REQUEST);
      address(12, senderHardware, hardwareBytes);
      address(12 + HARDWARE_BYTES, targetHardware, hardwareBytes);
      return true;
  }
  return false;
}

/** Hardware and protocol type, their lengths, and the operation of the question. */
function common(header: usize, operation: u32): void {
  store<u32>(key.words, be16(header) | (be16(header + 2) << 16));
  store<u32>(key.words, load<u16>(header, 4) | (operation << 16), 4);
}

function address(offset: u32, from: usize, bytes: u32): void {
  const count = bytes < HARDWARE_BYTES ? bytes : HARDWARE_BYTES;
  for (let index: u32 = 0; index < count; index++) store<u8>(key.words + offset + index, view.peek8(from + index));
}
