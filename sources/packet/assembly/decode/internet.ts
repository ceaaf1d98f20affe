/** What IPv4 and IPv6 have in common. */
import {
  FLAG_IP_CHECKSUM_BAD,
  FLAG_IP_CHECKSUM_JUDGED,
  FLAG_OUTER_CHECKSUM_BAD,
  FLAG_TRANSPORT_CHECKSUM_BAD,
  FLAG_TRANSPORT_CHECKSUM_JUDGED,
  FLAG_TUNNEL,
} from '../../src/decode/flags';
import {
  DESTINATION,
  DESTINATION_PORT,
  ETHER_TYPE,
  FLAGS,
  FRAGMENT_ID,
  FRAGMENT_OFFSET,
  ICMP_TYPE,
  INNER,
  IP_OPTIONS,
  NONE,
  OUTER,
  SOURCE,
  SOURCE_PORT,
  TCP_FLAGS,
  TCP_MSS,
  TCP_SEQUENCE,
  TCP_WINDOW,
  TCP_WINDOW_SCALE,
  TRANSPORT,
} from '../../src/decode/layout';
import { flag } from './cursor';

const BAD: u32 = FLAG_IP_CHECKSUM_BAD | FLAG_TRANSPORT_CHECKSUM_BAD;
const JUDGED: u32 = FLAG_IP_CHECKSUM_JUDGED | FLAG_TRANSPORT_CHECKSUM_JUDGED;

/** The layer of this index is now the innermost IP layer: what an outer one left is forgotten. */
export function enterInternet(packet: usize, index: u32, etherType: u32): void {
  if (load<u8>(packet, OUTER) == NONE) {
    store<u8>(packet, index, OUTER);
    // Links without a type field.
    if (load<u16>(packet, ETHER_TYPE) == 0) store<u16>(packet, etherType, ETHER_TYPE);
  } else {
    flag(packet, FLAG_TUNNEL | (load<u32>(packet, FLAGS) & BAD ? FLAG_OUTER_CHECKSUM_BAD : 0));
    store<u32>(packet, load<u32>(packet, FLAGS) & ~(BAD | JUDGED), FLAGS);
    const zero = i32x4.splat(0);
    v128.store(packet, zero, SOURCE);
    v128.store(packet, zero, DESTINATION);
    store<u8>(packet, NONE, TRANSPORT);
    store<u16>(packet, 0, SOURCE_PORT);
    store<u16>(packet, 0, DESTINATION_PORT);
    store<u32>(packet, 0, FRAGMENT_OFFSET);
    store<u32>(packet, 0, FRAGMENT_ID);
    // Flags, TTL, TOS and header bytes.
    store<u32>(packet, 0, TCP_FLAGS);
    store<u64>(packet, 0, TCP_SEQUENCE);
    store<u16>(packet, 0, TCP_WINDOW);
    store<u16>(packet, 0, ICMP_TYPE);
    store<u16>(packet, 0, IP_OPTIONS);
    store<u16>(packet, 0, TCP_MSS);
    store<u8>(packet, NONE, TCP_WINDOW_SCALE);
  }
  store<u8>(packet, index, INNER);
}
