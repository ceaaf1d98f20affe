/** Writes a flow's key into its record: the initiator first, addresses as bytes in network order. */
import * as layout from '../../src/record/layout';
import * as flows from '../flow';
import * as key from '../key';
import { PROTOCOL_ESP, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_IGMP } from '../keys/protocols';
import { keepData } from './outbox';

export function writeKey(record: usize, flow: usize): void {
  const kind = <u32>load<u8>(flow, flows.KEY_HEAD + key.HEAD_KIND);
  const qualifier = <u32>load<u8>(flow, flows.KEY_HEAD + key.HEAD_QUALIFIER);
  const words = flows.keyOf(flow);
  const reversed = (kind & key.KIND_REVERSED) != 0;
  let flags: u32 = 0;
  if (reversed) flags |= layout.FLOWFLAG_REVERSED;
  if ((qualifier & key.QUALIFIER_DIRECTION) != 0) flags |= layout.FLOWFLAG_DIRECTION;
  if ((qualifier & key.QUALIFIER_FRAGMENT) != 0) flags |= layout.FLOWFLAG_FRAGMENT;
  set(record, layout.FLOW_FLAGS, flags);
  const type = qualifier & key.TYPE_MASK;
  set(record, layout.FLOW_TYPE, type);
  if ((kind & key.TYPE_MASK) == key.KIND_MATRIX_IP) writeMatrix(record, words, type, reversed);
  else if (type == key.TYPE_IPV4) writeIpv4(record, words, flags, reversed);
  else if (type == key.TYPE_IPV6) writeIpv6(record, words, flags, reversed);
  else if (type == key.TYPE_ETHERNET) writeEthernet(record, words);
  else if (type == key.TYPE_ARP) writeArp(record, words);
  else if (type == key.TYPE_RARP) writeRarp(record, words);
  else writeOther(record, flow, words);
}

function writeIpv4(record: usize, words: usize, flags: u32, reversed: bool): void {
  const source = reversed ? layout.DESTINATION_ADDRESS : layout.SOURCE_ADDRESS;
  const destination = reversed ? layout.SOURCE_ADDRESS : layout.DESTINATION_ADDRESS;
  set(record, source, bswap<u32>(load<u32>(words)));
  set(record, destination, bswap<u32>(load<u32>(words, 4)));
  const protocol = <u32>load<u8>(words, 8);
  set(record, layout.PROTOCOL, protocol);
  set(record, layout.KEY_INNER_PROTOCOL, load<u8>(words, 9));
  if ((flags & layout.FLOWFLAG_FRAGMENT) != 0) {
    set(record, layout.KEY_DETAIL, load<u16>(words, 14));
    return;
  }
  switch (protocol) {
    case PROTOCOL_ICMP:
    case PROTOCOL_IGMP:
      set(record, layout.KEY_ICMP_TYPE, load<u8>(words, 10));
      set(record, layout.KEY_ICMP_CODE, load<u8>(words, 11));
      if (protocol == PROTOCOL_IGMP) {
        set(record, layout.KEY_DETAIL, load<u16>(words, 14));
      } else {
        set(record, layout.KEY_ICMP_ID, load<u16>(words, 12));
        set(record, layout.KEY_ICMP_SEQUENCE, load<u16>(words, 14));
      }
      return;
    case PROTOCOL_ESP:
      set(record, layout.KEY_DETAIL, load<u32>(words, 12));
      return;
  }
  set(record, reversed ? layout.DESTINATION_PORT : layout.SOURCE_PORT, load<u16>(words, 10));
  set(record, reversed ? layout.SOURCE_PORT : layout.DESTINATION_PORT, load<u16>(words, 12));
  set(record, layout.KEY_DETAIL, load<u16>(words, 14));
}

function writeIpv6(record: usize, words: usize, flags: u32, reversed: bool): void {
  writeAddresses6(record, words, reversed);
  const protocol = <u32>load<u8>(words, 35);
  set(record, layout.PROTOCOL, protocol);
  if ((flags & layout.FLOWFLAG_FRAGMENT) != 0) {
    set(record, layout.KEY_DETAIL, bswap<u32>(load<u32>(words, 36)));
  } else if (protocol == PROTOCOL_ESP) {
    set(record, layout.KEY_DETAIL, load<u32>(words, 36));
  } else if (protocol == PROTOCOL_ICMPV6) {
    set(record, layout.KEY_ICMP_TYPE, load<u8>(words, 36));
    set(record, layout.KEY_ICMP_CODE, load<u8>(words, 37));
    set(record, layout.KEY_ICMP_ID, load<u16>(words, 38));
  } else {
    set(record, reversed ? layout.DESTINATION_PORT : layout.SOURCE_PORT, load<u16>(words, 36));
    set(record, reversed ? layout.SOURCE_PORT : layout.DESTINATION_PORT, load<u16>(words, 38));
  }
}

function writeAddresses6(record: usize, words: usize, reversed: bool): void {
  const source = reversed ? layout.DESTINATION_ADDRESS : layout.SOURCE_ADDRESS;
  const destination = reversed ? layout.SOURCE_ADDRESS : layout.DESTINATION_ADDRESS;
  memory.copy(record + (<usize>source << 2), words, 16);
  memory.copy(record + (<usize>destination << 2), words + 16, 16);
}

function writeMatrix(record: usize, words: usize, type: u32, reversed: bool): void {
  set(record, layout.FLOW_TYPE, layout.FLOW_MATRIX_IP);
  if (type == key.TYPE_IPV4) {
    set(record, reversed ? layout.DESTINATION_ADDRESS : layout.SOURCE_ADDRESS, bswap<u32>(load<u32>(words)));
    set(record, reversed ? layout.SOURCE_ADDRESS : layout.DESTINATION_ADDRESS, bswap<u32>(load<u32>(words, 4)));
    set(record, layout.KEY_DETAIL, 4);
  } else {
    writeAddresses6(record, words, reversed);
    set(record, layout.KEY_DETAIL, 6);
  }
}

/** As the key has them: Argus does not turn MACs round. */
function writeEthernet(record: usize, words: usize): void {
  writeMac(record, layout.DESTINATION_ADDRESS, words);
  writeMac(record, layout.SOURCE_ADDRESS, words + 6);
  set(record, layout.PROTOCOL, load<u16>(words, 12));
  set(record, layout.DESTINATION_PORT, load<u8>(words, 14));
  set(record, layout.SOURCE_PORT, load<u8>(words, 15));
}

function writeArp(record: usize, words: usize): void {
  writeArpHead(record, words, 0x0806);
  set(record, layout.SOURCE_ADDRESS, bswap<u32>(load<u32>(words, 8)));
  set(record, layout.DESTINATION_ADDRESS, bswap<u32>(load<u32>(words, 12)));
  set(record, layout.KEY_ARP_MAC, load<u32>(words, 16));
  set(record, layout.KEY_ARP_MAC + 1, load<u32>(words, 20));
}

function writeRarp(record: usize, words: usize): void {
  writeArpHead(record, words, 0x8035);
  set(record, layout.DESTINATION_ADDRESS, bswap<u32>(load<u32>(words, 8)));
  writeMac(record, layout.KEY_ARP_MAC, words + 12);
  writeMac(record, layout.KEY_ARP_MAC2, words + 44);
}

function writeArpHead(record: usize, words: usize, etherType: u32): void {
  set(record, layout.PROTOCOL, etherType);
  set(record, layout.KEY_ARP_HARDWARE, load<u16>(words));
  set(record, layout.KEY_ARP_PROTOCOL, load<u16>(words, 2));
  set(record, layout.KEY_ARP_LENGTHS, (<u32>load<u8>(words, 4) << 8) | load<u8>(words, 5));
  set(record, layout.KEY_ARP_OPERATION, load<u16>(words, 6));
}

/** 802.11 and IS-IS have no words of their own: the part as it stands in a record, among the extra parts. */
function writeOther(record: usize, flow: usize, words: usize): void {
  const count = <u32>load<u8>(flow, flows.KEY_HEAD + key.HEAD_WORDS);
  set(record, layout.FLOW_TYPE, layout.FLOW_OTHER);
  store<u8>(scratch, 2);
  store<u8>(scratch, load<u8>(flow, flows.KEY_HEAD + key.HEAD_KIND), 1);
  store<u8>(scratch, load<u8>(flow, flows.KEY_HEAD + key.HEAD_QUALIFIER), 2);
  store<u8>(scratch, count, 3);
  memory.copy(scratch + 4, words, (count - 1) << 2);
  const at = keepData(scratch, count << 2);
  if (at == 0) return;
  set(record, layout.EXTRA_AT, <u32>at);
  set(record, layout.EXTRA_BYTES, count << 2);
}

const scratch: usize = memory.data(128, 4);

function writeMac(record: usize, word: i32, from: usize): void {
  set(record, word, load<u32>(from));
  set(record, word + 1, load<u16>(from, 4));
}

function set(record: usize, word: i32, value: u32): void {
  store<u32>(record + (<usize>word << 2), value);
}
