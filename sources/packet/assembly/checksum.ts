/** The Internet checksum (RFC 1071) and SCTP's CRC32c (RFC 9260, appendix A). */

/** Vectors of 16 bytes whose sum fits 32-bit lanes. */
const FOLD_EVERY: u32 = 16384;
const CRC_TABLE = memory.data(1024, 4);
let crcReady: bool = false;

/**
 * The one's complement sum of bytes, taken as 16-bit numbers in the machine's order (the sum does not mind, RFC 1071
 * section 2), on top of a sum so far.
 *
 * @returns 16 bits; 0xffff over data that holds its own checksum
 */
export function partialSum(from: usize, bytes: u32, before: u32): u32 {
  let sum: u64 = before;
  let at = from;
  let left = bytes;
  while (left >= 16) {
    let lanes = i32x4.splat(0);
    let vectors = left >> 4;
    if (vectors > FOLD_EVERY) vectors = FOLD_EVERY;
    left -= vectors << 4;
    for (; vectors > 0; vectors--) {
      lanes = i32x4.add(lanes, i32x4.extadd_pairwise_i16x8_u(v128.load(at)));
      at += 16;
    }
    sum +=
      <u64>(<u32>i32x4.extract_lane(lanes, 0)) +
      <u64>(<u32>i32x4.extract_lane(lanes, 1)) +
      <u64>(<u32>i32x4.extract_lane(lanes, 2)) +
      <u64>(<u32>i32x4.extract_lane(lanes, 3));
  }
  for (; left >= 2; left -= 2) {
    sum += load<u16>(at);
    at += 2;
  }
  if (left > 0) sum += load<u8>(at);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return <u32>((sum & 0xffff) + (sum >> 16));
}

/** CRC32c of a packet whose checksum field, at an offset, counts as zero. */
export function crc32c(from: usize, bytes: u32, fieldOffset: u32): u32 {
  if (!crcReady) makeTable();
  let crc: u32 = 0xffffffff;
  for (let at: u32 = 0; at < bytes; at++) {
    const byte = at - fieldOffset < 4 ? 0 : <u32>load<u8>(from + at);
    crc = (crc >> 8) ^ load<u32>(CRC_TABLE + (<usize>((crc ^ byte) & 0xff) << 2));
  }
  return ~crc;
}

function makeTable(): void {
  for (let index: u32 = 0; index < 256; index++) {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0x82f63b78 : value >> 1;
    store<u32>(CRC_TABLE + (<usize>index << 2), value);
  }
  crcReady = true;
}
