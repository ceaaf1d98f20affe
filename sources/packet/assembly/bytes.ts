/** Numbers in network order. */

export function be16(address: usize): u32 {
  return <u32>bswap<u16>(load<u16>(address));
}

export function be24(address: usize): u32 {
  return (<u32>load<u8>(address) << 16) | be16(address + 1);
}

export function be32(address: usize): u32 {
  return bswap<u32>(load<u32>(address));
}
