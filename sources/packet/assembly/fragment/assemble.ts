/** A packet out of a complete datagram. */
import { allocate } from '../arena';
import { partialSum } from '../checksum';
import { FLAG_ASSEMBLED } from '../../src/decode/flags';
import {
  CAPTURED_BYTES,
  DATA,
  FLAGS,
  LINK_TYPE,
  PACKET_BYTES,
  WIRE_BYTES,
} from '../../src/decode/layout';
import {
  FRAGMENT_BYTES,
  gather,
  KEY_VERSION,
  LINK_TYPE_RAW,
  PREFIX,
  PREFIX_IP,
  PREFIX_LINK_TYPE,
  PREFIX_NEXT,
  PREFIX_NEXT_VALUE,
  TOTAL_BYTES,
} from './datagram';
import { paint } from './paint';

const MAX_BYTES: u32 = 65535;
/** Of a packet: what its framer fills. */
const HEAD_BYTES: u32 = 32;
/** Wide loads may read over the end. */
const SLACK_BYTES: u32 = 64;

let packet: usize = 0;
let output: usize = 0;
let scratch: usize = 0;
let owners: usize = 0;

/** Takes the memory for one datagram. @returns false without */
export function assemblyReady(maxPrefixBytes: u32): bool {
  packet = allocate(PACKET_BYTES);
  output = allocate(maxPrefixBytes + MAX_BYTES + SLACK_BYTES);
  scratch = allocate(MAX_BYTES + SLACK_BYTES);
  owners = allocate((MAX_BYTES + 1) >> 1);
  return packet != 0 && output != 0 && scratch != 0 && owners != 0;
}

/**
 * @param last the fragment that made it complete: its time and place are the packet's
 * @returns a packet to decode, FLAGS holding what was found; 0 where the whole is longer than a packet may be
 */
export function assemble(datagram: usize, last: usize): usize {
  const prefix = <usize>load<u32>(datagram, PREFIX);
  const total = load<u32>(datagram, TOTAL_BYTES);
  const prefixBytes = load<u32>(prefix, FRAGMENT_BYTES);
  const ipAt = load<u32>(datagram, PREFIX_IP);
  const v4 = load<u8>(datagram, KEY_VERSION) == 4;
  const ipBytes = prefixBytes - ipAt + total;
  if (ipBytes > (v4 ? MAX_BYTES : MAX_BYTES + 40)) return 0;
  gather(prefix, output);
  const header = output + <usize>ipAt;
  if (v4) {
    store<u16>(header, bswap<u16>(<u16>ipBytes), 2);
    store<u16>(header, 0, 6);
    store<u16>(header, 0, 10);
    store<u16>(header, <u16>(~partialSum(header, prefixBytes - ipAt, 0)), 10);
  } else {
    store<u16>(header, bswap<u16>(<u16>(ipBytes - 40)), 4);
    store<u8>(output + <usize>load<u32>(datagram, PREFIX_NEXT), load<u32>(datagram, PREFIX_NEXT_VALUE));
  }
  const linkType = load<u32>(datagram, PREFIX_LINK_TYPE);
  const found = paint(datagram, output + <usize>prefixBytes, scratch, owners);
  if (packet != last) memory.copy(packet, last, HEAD_BYTES);
  const from = linkType == LINK_TYPE_RAW ? ipAt : 0;
  store<u32>(packet, <u32>output + from, DATA);
  store<u32>(packet, prefixBytes + total - from, CAPTURED_BYTES);
  store<u32>(packet, prefixBytes + total - from, WIRE_BYTES);
  store<u16>(packet, linkType, LINK_TYPE);
  store<u32>(packet, found | FLAG_ASSEMBLED, FLAGS);
  return packet;
}
