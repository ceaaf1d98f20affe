/** Checksums of what stands above IP. */
import { crc32c, partialSum } from '../checksum';
import {
  FLAG_FRAGMENT,
  FLAG_LENGTH_BEYOND,
  FLAG_TRANSPORT_CHECKSUM_BAD,
  FLAG_TRANSPORT_CHECKSUM_JUDGED,
} from '../../src/decode/flags';
import { DESTINATION, IP_VERSION, META, META_CHECKSUM_PENDING, SOURCE } from '../../src/decode/layout';
import { available, flag, flagged, head, remaining } from './cursor';
import { pseudoDestination, pseudoSource } from './pseudo';

/** Judges a checksum over the pseudo-header and so many bytes from the cursor. @see RFC 9293, RFC 768, RFC 8200 */
export function judgeTransport(packet: usize, protocol: u32, coverage: u32): void {
  if (!judgeable(packet) || coverage > available(packet)) return;
  const bytes = remaining(packet);
  let sum = sumOf(bytes >> 16, bytes & 0xffff, protocol);
  if (load<u8>(packet, IP_VERSION) == 4) {
    sum = partialSum(packet + SOURCE, 4, sum);
    sum = partialSum(packet + DESTINATION, 4, sum);
  } else {
    sum = partialSum(pseudoSource(packet), 16, sum);
    sum = partialSum(pseudoDestination(packet), 16, sum);
  }
  verdict(packet, partialSum(head(packet), coverage, sum) == 0xffff);
}

/** Judges a checksum over the bytes from the cursor alone (ICMP, IGMP). */
export function judgePlain(packet: usize): void {
  if (!judgeable(packet)) return;
  verdict(packet, partialSum(head(packet), remaining(packet), 0) == 0xffff);
}

/** SCTP's: little endian over the whole packet, its own field being zero. */
export function judgeSctp(packet: usize): void {
  if (!judgeable(packet)) return;
  const at = head(packet);
  verdict(packet, crc32c(at, remaining(packet), 8) == load<u32>(at, 8));
}

function verdict(packet: usize, good: bool): void {
  flag(packet, FLAG_TRANSPORT_CHECKSUM_JUDGED);
  if (!good) flag(packet, FLAG_TRANSPORT_CHECKSUM_BAD);
}

function judgeable(packet: usize): bool {
  if (load<u32>(packet, META) & META_CHECKSUM_PENDING) return false;
  if (flagged(packet, FLAG_FRAGMENT | FLAG_LENGTH_BEYOND)) return false;
  return available(packet) == remaining(packet);
}

/** Numbers in network order as the sum wants them, folded. */
function sumOf(first: u32, second: u32, third: u32): u32 {
  const sum = <u32>bswap<u16>(<u16>first) + <u32>bswap<u16>(<u16>second) + <u32>bswap<u16>(<u16>third);
  return (sum & 0xffff) + (sum >> 16);
}
