/** The hash of flows: keyed, so that nobody outside can choose keys that meet in one bucket. */
import {
  DESTINATION,
  DESTINATION_PORT,
  FRAGMENT_ID,
  IP_VERSION,
  PROTOCOL,
  SOURCE,
  SOURCE_PORT,
} from '../src/decode/layout';

let seed: u64 = 0x9e3779b97f4a7c15;

/** Live tables set a random one; files are read with the one that is always the same. */
export function setHashSeed(low: u32, high: u32): void {
  seed = (<u64>high << 32) | <u64>low;
}

/** The same for both directions. */
export function flowHash(packet: usize): u32 {
  const version = <u32>load<u8>(packet, IP_VERSION);
  const source = addressHash(packet + SOURCE, version, <u64>load<u16>(packet, SOURCE_PORT));
  const destination = addressHash(packet + DESTINATION, version, <u64>load<u16>(packet, DESTINATION_PORT));
  return narrowed((source + destination) ^ ((source ^ destination) << 1) ^ (<u64>load<u8>(packet, PROTOCOL) << 56));
}

/** Of a datagram in fragments: addresses, identification and version, one way. */
export function datagramHash(packet: usize): u32 {
  const version = <u32>load<u8>(packet, IP_VERSION);
  const source = addressHash(packet + SOURCE, version, <u64>load<u32>(packet, FRAGMENT_ID));
  return narrowed(source * 3 + addressHash(packet + DESTINATION, version, <u64>load<u8>(packet, PROTOCOL)));
}

function addressHash(at: usize, version: u32, salt: u64): u64 {
  if (version == 4) return mix((<u64>load<u32>(at) | (salt << 32)) ^ seed);
  return mix(mix(load<u64>(at) ^ seed) + load<u64>(at, 8) + salt * 0x9e3779b97f4a7c15);
}

function narrowed(value: u64): u32 {
  const mixed = mix(value ^ seed);
  return <u32>(mixed ^ (mixed >> 32));
}

/** The finaliser of MurmurHash3, 64 bits. */
function mix(value: u64): u64 {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccd;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53;
  return value ^ (value >> 33);
}
