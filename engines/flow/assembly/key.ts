/**
 * The key of the packet at hand: a head as in Argus' flow part of a record, then the words that tell flows apart. Words
 * are little endian, addresses of IPv4 numbers in host order, those of IPv6 and MACs bytes as they are.
 */

/** u8 each: kind of key (FLOW_KIND_…), bits (KEY_REVERSED), the type and its bits (KEY_TYPE_…), words with the head. */
export const HEAD_KIND = 1;
export const HEAD_QUALIFIER = 2;
export const HEAD_WORDS = 3;
export const HEAD_BYTES = 4;
export const MAX_KEY_WORDS: u32 = 24;

export const KIND_FIVE_TUPLE: u32 = 1;
export const KIND_MATRIX_IP: u32 = 3;
export const KIND_ARP: u32 = 6;
/** Bit of the kind: the first packet went from the second address to the first. */
export const KIND_REVERSED: u32 = 0x40;

export const TYPE_IPV4: u32 = 1;
export const TYPE_IPV6: u32 = 2;
export const TYPE_ETHERNET: u32 = 3;
export const TYPE_ARP: u32 = 4;
export const TYPE_RARP: u32 = 5;
export const TYPE_WLAN: u32 = 8;
export const TYPE_ISIS: u32 = 10;
export const TYPE_UDT: u32 = 13;
export const TYPE_MASK: u32 = 0x1f;
export const QUALIFIER_DIRECTION: u32 = 0x20;
export const QUALIFIER_FRAGMENT: u32 = 0x80;

/** Where it is made. */
export const head: usize = memory.data(144, 16);
export const words: usize = head + HEAD_BYTES;

/** Words that are compared: those of the head's count and what options add. */
export let count: u32 = 0;
export let hash: u32 = 0;

export function clear(): void {
  memory.fill(head, 0, 144);
}

export function setHead(kind: u32, qualifier: u32, keyWords: u32): void {
  store<u8>(head, kind, HEAD_KIND);
  store<u8>(head, qualifier, HEAD_QUALIFIER);
  store<u8>(head, keyWords + 1, HEAD_WORDS);
}

export function addKind(bits: u32): void {
  store<u8>(head, load<u8>(head, HEAD_KIND) | <u8>bits, HEAD_KIND);
}

export function addQualifier(bits: u32): void {
  store<u8>(head, load<u8>(head, HEAD_QUALIFIER) | <u8>bits, HEAD_QUALIFIER);
}

/** The packet's key is one of a fragment. */
export function isFragment(): bool {
  return (load<u8>(head, HEAD_QUALIFIER) & QUALIFIER_FRAGMENT) != 0;
}

/** Closes the key: from here on `count` and `hash` are its own. @param added words that options put behind its own */
export function close(added: u32): void {
  const own = <u32>load<u8>(head, HEAD_WORDS);
  count = own == 0 ? 0 : own - 1 + added;
  let mixed: u32 = 0x9e3779b9 ^ count;
  for (let index: u32 = 0; index < count; index++) {
    mixed = (mixed ^ load<u32>(words + <usize>(index << 2))) * 0x85ebca6b;
    mixed = rotl<u32>(mixed, 13);
  }
  mixed ^= mixed >> 16;
  mixed *= 0xc2b2ae35;
  hash = mixed ^ (mixed >> 15);
}
