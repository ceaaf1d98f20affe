/** Keys of IGMP: the group in place of the destination, and the packet's identification: each message is a flow. */
import { be16, be32 } from '../../../../sources/packet/assembly/bytes';
import * as key from '../key';
import * as view from '../view';
import { protocolOf } from './icmp';
import { PROTOCOL_IGMP } from './protocols';

const MEMBERSHIP_QUERY: u32 = 0x11;
const IGMP_BYTES: u32 = 8;

export function igmpKey(): bool {
  const message = view.upper;
  view.reversed = false;
  if (!view.has(message, 4)) return false;
  const type = <u32>load<u8>(message);
  const group = view.peek32(message + 4);
  key.setHead(key.KIND_FIVE_TUPLE, key.TYPE_IPV4, 4);
  store<u32>(key.words, be32(view.ip + 12), 0);
  store<u32>(key.words, type == MEMBERSHIP_QUERY && group == 0 ? be32(view.ip + 16) : group, 4);
  store<u32>(key.words, protocolOf(PROTOCOL_IGMP) | (type << 16) | (<u32>load<u8>(message, 1) << 24), 8);
  store<u32>(key.words, be16(view.ip + 4) << 16, 12);
  return true;
}

/** Over IPv6, where it has no business: Argus writes the fields where they lie in the key of IPv4. */
export function igmpv6Key(): bool {
  const message = view.upper;
  if (!view.has(message, IGMP_BYTES)) return false;
  const type = <u32>load<u8>(message);
  const group = be32(message + 4);
  if (type != MEMBERSHIP_QUERY || group != 0) store<u32>(key.words, group, 4);
  store<u16>(key.words, type | (<u32>load<u8>(message, 1) << 8), 10);
  store<u16>(key.words, 0, 12);
  return true;
}
