/** ICMP, ICMPv6, IGMP, and the packet that an error quotes. @see RFC 792, RFC 4443, RFC 4884, RFC 9776 */
import {
  LAYER_END,
  LAYER_ICMP,
  LAYER_ICMPV6,
  LAYER_IGMP,
  LAYER_QUOTED_IPV4,
  LAYER_QUOTED_IPV6,
} from '../../src/decode/layers';
import { ICMP_CODE, ICMP_TYPE } from '../../src/decode/layout';
import { DECODE_CHECKSUMS } from '../../src/decode/options';
import { available, head, push, pushTransport, remaining, room } from './cursor';
import { judgePlain, judgeTransport } from './judge';

export function icmp(packet: usize, options: u32): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const type = <u32>load<u8>(at);
  if (options & DECODE_CHECKSUMS) judgePlain(packet);
  if (!pushTransport(packet, LAYER_ICMP, type, 8)) return LAYER_END;
  store<u8>(packet, type, ICMP_TYPE);
  store<u8>(packet, load<u8>(at, 1), ICMP_CODE);
  // Unreachable, source quench, redirect, time exceeded, parameter problem.
  if (type == 3 || type == 4 || type == 5 || type == 11 || type == 12) quotedIpv4(packet);
  return LAYER_END;
}

export function icmpv6(packet: usize, options: u32): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const type = <u32>load<u8>(at);
  if (options & DECODE_CHECKSUMS) judgeTransport(packet, 58, remaining(packet));
  if (!pushTransport(packet, LAYER_ICMPV6, type, 8)) return LAYER_END;
  store<u8>(packet, type, ICMP_TYPE);
  store<u8>(packet, load<u8>(at, 1), ICMP_CODE);
  if (type > 0 && type < 5) quotedIpv6(packet);
  return LAYER_END;
}

export function igmp(packet: usize, options: u32): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const type = <u32>load<u8>(at);
  if (options & DECODE_CHECKSUMS) judgePlain(packet);
  if (!pushTransport(packet, LAYER_IGMP, type, 8)) return LAYER_END;
  store<u8>(packet, type, ICMP_TYPE);
  store<u8>(packet, load<u8>(at, 1), ICMP_CODE);
  return LAYER_END;
}

function quotedIpv4(packet: usize): void {
  if (available(packet) < 20) return;
  const at = head(packet);
  const headerBytes = <u32>(load<u8>(at) & 15) << 2;
  if (load<u8>(at) >> 4 != 4 || headerBytes < 20) return;
  push(packet, LAYER_QUOTED_IPV4, load<u8>(at, 9), headerBytes);
}

function quotedIpv6(packet: usize): void {
  if (available(packet) < 40) return;
  const at = head(packet);
  if (load<u8>(at) >> 4 != 6) return;
  push(packet, LAYER_QUOTED_IPV6, load<u8>(at, 6), 40);
}
