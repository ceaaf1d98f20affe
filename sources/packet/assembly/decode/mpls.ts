/** The label stack and what is likely below it, which it does not say. @see RFC 3032, RFC 4385, RFC 4448 */
import { be16 } from '../bytes';
import { FLAG_BAD_OPTION } from '../../src/decode/flags';
import {
  LAYER_END,
  LAYER_ETHERNET,
  LAYER_IPV4,
  LAYER_IPV6,
  LAYER_MPLS,
  LAYER_PSEUDOWIRE,
} from '../../src/decode/layers';
import { available, flag, head, push, remaining, room } from './cursor';
import { byEtherType } from './numbers';

const MAX_LABELS: u32 = 16;

export function mpls(packet: usize): u32 {
  let labels: u32 = 0;
  for (;;) {
    if (!room(packet, (labels + 1) << 2)) return LAYER_END;
    labels++;
    // The bottom of the stack.
    if (load<u8>(head(packet) + <usize>(labels << 2) - 2) & 1) break;
    if (labels == MAX_LABELS) {
      flag(packet, FLAG_BAD_OPTION);
      return LAYER_END;
    }
  }
  if (!push(packet, LAYER_MPLS, labels, labels << 2)) return LAYER_END;
  const left = available(packet);
  if (left == 0) return LAYER_END;
  const at = head(packet);
  const nibble = load<u8>(at) >> 4;
  if (nibble == 4 && left >= 20 && (load<u8>(at) & 15) >= 5 && be16(at + 2) <= remaining(packet)) return LAYER_IPV4;
  if (nibble == 6 && left >= 40 && be16(at + 4) + 40 <= remaining(packet)) return LAYER_IPV6;
  if (nibble == 0 && left >= 18 && ethernetLikely(at + 4)) return LAYER_PSEUDOWIRE;
  if (left >= 14 && ethernetLikely(at)) return LAYER_ETHERNET;
  // A cut or damaged packet still says what it wants to be.
  if (nibble == 4) return LAYER_IPV4;
  return nibble == 6 ? LAYER_IPV6 : LAYER_END;
}

export function pseudowire(packet: usize): u32 {
  return room(packet, 4) && push(packet, LAYER_PSEUDOWIRE, 0, 4) ? LAYER_ETHERNET : LAYER_END;
}

function ethernetLikely(at: usize): bool {
  const type = be16(at + 12);
  return byEtherType(type) != LAYER_END || (type >= 3 && type <= 1500 && !(load<u8>(at, 6) & 1));
}
