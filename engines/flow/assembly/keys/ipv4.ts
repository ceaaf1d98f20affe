/** Keys of IPv4: addresses, protocol, ports; a fragment's identification where ports are missing. */
import { be16, be32 } from '../../../../sources/packet/assembly/bytes';
import { KEY_FIVE_TUPLE, KEY_ONE_WAY } from '../../src/table/options';
import { parseIpOptions } from '../ip-options';
import * as key from '../key';
import * as options from '../table/options';
import * as view from '../view';
import { icmpKey } from './icmp';
import { igmpKey } from './igmp';
import { espKey } from './esp';
import {
  AH_BYTES,
  DNS_PORT,
  PROTOCOL_AH,
  PROTOCOL_ESP,
  PROTOCOL_ICMP,
  PROTOCOL_IGMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from './protocols';

const HEADER_BYTES: u32 = 20;
const TCP_BYTES: u32 = 20;
const UDP_BYTES: u32 = 8;

export function ipv4Key(): bool {
  const header = view.ip;
  if (!view.has(header, HEADER_BYTES)) return false;
  const headerBytes = <i32>(load<u8>(header) & 0xf) << 2;
  const bytes = <u32>(<i32>be16(header + 2) - headerBytes);
  const optionBytes = headerBytes - <i32>HEADER_BYTES;
  view.ipOptions = optionBytes > 0 ? parseIpOptions(header + HEADER_BYTES, optionBytes) : 0;
  view.length = bytes;
  view.captured -= headerBytes;
  const source = be32(header + 12);
  const destination = be32(header + 16);
  const oneWay = (options.key & KEY_ONE_WAY) != 0;
  if ((options.key & KEY_FIVE_TUPLE) == 0) return matrixKey(source, destination, oneWay);
  key.setHead(key.KIND_FIVE_TUPLE, key.TYPE_IPV4, 4);
  const fragment = be16(header + 6) & 0x1fff;
  let protocol = <u32>load<u8>(header, 9);
  if (fragment != 0) return fragmentKey(source, destination, protocol, be16(header + 4), oneWay);
  let upper = header + headerBytes;
  if (protocol == PROTOCOL_AH) {
    view.encapsulation |= view.ENCAPSULATION_AH;
    if (view.has(upper, AH_BYTES)) {
      protocol = load<u8>(upper);
      upper += AH_BYTES;
    }
  }
  view.upper = upper;
  let sourcePort: u32 = 0;
  let destinationPort: u32 = 0;
  let query: u32 = 0;
  switch (protocol) {
    case PROTOCOL_TCP:
      if (bytes >= TCP_BYTES && view.has(upper, 4)) {
        sourcePort = be16(upper);
        destinationPort = be16(upper + 2);
      }
      break;
    case PROTOCOL_UDP:
      if (bytes >= UDP_BYTES) {
        if (view.has(upper, 4)) {
          sourcePort = be16(upper);
          destinationPort = be16(upper + 2);
        }
        if (sourcePort == DNS_PORT || destinationPort == DNS_PORT) query = view.peek16(upper + 8);
      }
      break;
    case PROTOCOL_ESP: return espKey();
    case PROTOCOL_ICMP: return icmpKey();
    case PROTOCOL_IGMP: return igmpKey();
  }
  if (!oneWay && (source > destination || (source == destination && sourcePort > destinationPort))) {
    view.reversed = true;
    key.addKind(key.KIND_REVERSED);
    store<u32>(key.words, destination, 0);
    store<u32>(key.words, source, 4);
    store<u32>(key.words, protocol | (destinationPort << 16), 8);
    store<u32>(key.words, sourcePort | (query << 16), 12);
  } else {
    store<u32>(key.words, source, 0);
    store<u32>(key.words, destination, 4);
    store<u32>(key.words, protocol | (sourcePort << 16), 8);
    store<u32>(key.words, destinationPort | (query << 16), 12);
  }
  return true;
}

/** A fragment that is not the first, or the first one's as such. */
function fragmentKey(source: u32, destination: u32, protocol: u32, identification: u32, oneWay: bool): bool {
  if (!oneWay && source > destination) {
    view.reversed = true;
    key.addQualifier(key.QUALIFIER_DIRECTION);
    key.addKind(key.KIND_REVERSED);
  }
  key.addQualifier(key.QUALIFIER_FRAGMENT);
  store<u32>(key.words, view.reversed ? destination : source, 0);
  store<u32>(key.words, view.reversed ? source : destination, 4);
  store<u32>(key.words, protocol, 8);
  store<u32>(key.words, identification << 16, 12);
  return true;
}

/** Turns the packet's key into that of the fragments of its datagram. */
export function toFragmentKey4(header: usize): void {
  view.reversed = false;
  const source = be32(header + 12);
  const destination = be32(header + 16);
  if ((options.key & KEY_ONE_WAY) == 0 && source > destination) {
    view.reversed = true;
    key.addQualifier(key.QUALIFIER_DIRECTION);
    key.addKind(key.KIND_REVERSED);
  }
  key.addQualifier(key.QUALIFIER_FRAGMENT);
  store<u32>(key.words, view.reversed ? destination : source, 0);
  store<u32>(key.words, view.reversed ? source : destination, 4);
  store<u32>(key.words, (load<u32>(key.words, 8) & 0xff00) | load<u8>(header, 9), 8);
  store<u32>(key.words, be16(header + 4) << 16, 12);
}

function matrixKey(source: u32, destination: u32, oneWay: bool): bool {
  key.setHead(key.KIND_MATRIX_IP, key.TYPE_IPV4, 2);
  view.reversed = !oneWay && source > destination;
  store<u32>(key.words, view.reversed ? destination : source, 0);
  store<u32>(key.words, view.reversed ? source : destination, 4);
  return true;
}
