/** Keys of IS-IS (ISO 10589): what a PDU is about. Others than Argus knows are flows of their MACs. */
import * as key from '../key';
import * as view from '../view';
import { macKey } from './ether';

const WORDS: u32 = 10;
const HEADER_BYTES: u32 = 8;
const VERSION: u32 = 1;
const SYSTEM_ID_BYTES: u32 = 6;

const HELLO_LAN_1: u32 = 15;
const HELLO_LAN_2: u32 = 16;
const LSP_1: u32 = 18;
const LSP_2: u32 = 20;
const CSNP_1: u32 = 24;
const CSNP_2: u32 = 25;
const PSNP_1: u32 = 26;
const PSNP_2: u32 = 27;
const HELLO_LAN_BYTES: u32 = 19;
const LSP_BYTES: u32 = 19;
const CSNP_BYTES: u32 = 25;
const PSNP_BYTES: u32 = 9;

/** Offsets in the key. */
const SOURCE_MAC = 4;
const DESTINATION_MAC = 10;
const PROTOCOL_VERSION = 16;
const SUBJECT = 20;
const CHECKSUM = 34;

export function isisKey(): bool {
  const header = view.upper;
  if (view.has(header, HEADER_BYTES) && view.ethernet != 0 && isKnown(header)) return true;
  key.clear();
  return macKey(view.ethernet != 0 ? view.ethernet : view.upper, 1, view.peek16(view.ethernet + 12));
}

function isKnown(header: usize): bool {
  const fixedBytes = <u32>load<u8>(header, 1);
  const idBytes = <u32>load<u8>(header, 3);
  const type = <u32>load<u8>(header, 4);
  if (load<u8>(header, 2) != VERSION || load<u8>(header, 5) != VERSION) return false;
  if (idBytes != SYSTEM_ID_BYTES && idBytes != 0) return false;
  const body = header + HEADER_BYTES;
  key.setHead(key.KIND_FIVE_TUPLE, key.TYPE_ISIS, WORDS);
  memory.copy(key.words + SOURCE_MAC, view.ethernet + 6, 6);
  memory.copy(key.words + DESTINATION_MAC, view.ethernet, 6);
  store<u8>(key.words, VERSION, PROTOCOL_VERSION);
  store<u32>(key.words, type);
  switch (type) {
    case HELLO_LAN_1:
    case HELLO_LAN_2:
      if (fixedBytes != HEADER_BYTES + HELLO_LAN_BYTES) return false;
      copy(SUBJECT, body + 1, 6);
      copy(SUBJECT + 6, body + 12, 7);
      checksum(body);
      return true;
    case LSP_1:
    case LSP_2:
      if (fixedBytes != HEADER_BYTES + LSP_BYTES) return false;
      copy(SUBJECT, body + 4, 8);
      store<u32>(key.words, view.peek32(body + 12), SUBJECT + 8);
      store<u32>(key.words, view.peek16(body + 16), CHECKSUM);
      return true;
    case CSNP_1:
    case CSNP_2:
      if (fixedBytes != HEADER_BYTES + CSNP_BYTES) return false;
      copy(SUBJECT, body + 2, 7);
      checksum(body);
      return true;
    case PSNP_1:
    case PSNP_2:
      if (fixedBytes != HEADER_BYTES + PSNP_BYTES) return false;
      copy(SUBJECT, body + 2, 7);
      checksum(body);
      return true;
  }
  return false;
}

function copy(offset: u32, from: usize, bytes: u32): void {
  for (let index: u32 = 0; index < bytes; index++) store<u8>(key.words + offset + index, view.peek8(from + index));
}

/** Argus sums what lies behind the header, from an even address on. */
function checksum(body: usize): void {
  const bytes = view.length - <i32>HEADER_BYTES;
  if (bytes <= 0 || !view.has(body, bytes)) return;
  let low: u32 = 0;
  let high: u32 = 0;
  for (let index: i32 = 0; index < bytes; index += 2) {
    low = (low + view.peek16(body + index)) % 0xffff;
    high = (high + low) % 0xffff;
  }
  store<u32>(key.words, low | high, CHECKSUM);
}
