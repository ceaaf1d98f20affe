/**
 * IP defragmentation: IPv4 and IPv6, by the policy of the receiving host, in bounded memory and packet time. What is
 * whole comes back decoded as one packet.
 *
 * @see RFC 791, RFC 8200 section 4.5, RFC 815
 */
import { be16 } from './bytes';
import { decode } from './decode';
import { layerAt } from './decode/cursor';
import { assemble, assemblyReady } from './fragment/assemble';
import {
  COVERAGE,
  FIRST_FRAGMENT,
  FRAGMENT_COUNT,
  LAST_FRAGMENT,
  LINK_TYPE_RAW,
  NEXT_FRAGMENT,
  PREFIX,
  PREFIX_IP,
  PREFIX_LINK_TYPE,
  PREFIX_NEXT,
  PREFIX_NEXT_VALUE,
  TOTAL_BYTES,
} from './fragment/datagram';
import { count, expire, findDatagram, fragmentTableInit, giveUp, keepBytes, openDatagram } from './fragment/table';
import { FLAG_FRAGMENT, FLAG_FRAGMENTS_CONFLICT, FLAG_FRAGMENTS_OVERLAP } from '../src/decode/flags';
import {
  LAYER_ETHERNET,
  LAYER_FRAGMENT,
  LAYER_IPV6,
  LAYER_LOOPBACK,
  LAYER_MPLS,
  LAYER_SLL,
  LAYER_SLL2,
  LAYER_VLAN,
} from '../src/decode/layers';
import {
  CAPTURED_BYTES,
  DATA,
  FLAGS,
  FRAGMENT_MORE,
  FRAGMENT_OFFSET,
  INNER,
  IP_VERSION,
  LAYER_HEADER_BYTES,
  LAYER_INFO,
  LAYER_KIND,
  LAYER_OFFSET,
  LAYERS,
  LINK_TYPE,
  TIME_S,
} from '../src/decode/layout';
import {
  FRAGMENTS_ASSEMBLED,
  FRAGMENTS_BAD,
  FRAGMENTS_CONFLICTED,
  FRAGMENTS_CUT,
  FRAGMENTS_DROPPED,
  FRAGMENTS_OVERLAPPED,
  FRAGMENTS_SEEN,
} from '../src/fragment/counters';

const MAX_DATAGRAM_BYTES: u32 = 65535;
const MAX_FRAGMENTS: u32 = 1024;
/** Headers before a first fragment's payload; longer ones are no honest packet's. */
const MAX_PREFIX_BYTES: u32 = 1024;
/** Fragments within assembled datagrams are followed so deep. */
const MAX_DEPTH: u32 = 4;

/**
 * Takes memory, once.
 *
 * @param maxDatagrams in assembly at a time, a power of two
 * @param maxBytes of fragments kept
 * @param timeout seconds of packet time after its first fragment that a datagram is given up
 * @returns false without memory
 */
export function fragmentInit(maxDatagrams: u32, maxBytes: u32, timeout: u32): bool {
  return fragmentTableInit(maxDatagrams, maxBytes, timeout) && assemblyReady(MAX_PREFIX_BYTES);
}

/**
 * @param packet decoded
 * @param policy FRAGMENT_POLICY_…, for the datagram that this fragment begins
 * @param options of the decoder, for what is assembled
 * @returns the packet itself where it is no fragment; the whole datagram, good until the next call, where it is now
 *   complete; else 0
 */
export function defragment(packet: usize, policy: u32, options: u32): usize {
  let current = packet;
  for (let depth: u32 = 0; depth < MAX_DEPTH; depth++) {
    if (!isFragment(current)) return current;
    const datagram = insert(current, policy);
    if (datagram == 0 || !complete(datagram)) return 0;
    const whole = assemble(datagram, current);
    giveUp(datagram);
    if (whole == 0) {
      count(FRAGMENTS_BAD);
      return 0;
    }
    count(FRAGMENTS_ASSEMBLED);
    const found = load<u32>(whole, FLAGS);
    if (found & FLAG_FRAGMENTS_OVERLAP) count(FRAGMENTS_OVERLAPPED);
    if (found & FLAG_FRAGMENTS_CONFLICT) count(FRAGMENTS_CONFLICTED);
    decode(whole, options);
    store<u32>(whole, load<u32>(whole, FLAGS) | found, FLAGS);
    current = whole;
  }
  return current;
}

/** Is its innermost IP layer one? */
function isFragment(packet: usize): bool {
  if (!(load<u32>(packet, FLAGS) & FLAG_FRAGMENT)) return false;
  return load<u16>(packet, FRAGMENT_OFFSET) != 0 || load<u16>(packet, FRAGMENT_MORE) != 0;
}

/** @returns the datagram that has the fragment now, or 0 where it was not taken */
function insert(packet: usize, policy: u32): usize {
  count(FRAGMENTS_SEEN);
  expire(load<u32>(packet, TIME_S));
  const data = <usize>load<u32>(packet, DATA);
  const ip = layerAt(packet, load<u8>(packet, INNER));
  const carrier = carrierOf(packet);
  if (carrier == 0) return refuse(FRAGMENTS_BAD);
  const ipAt = load<u32>(ip, LAYER_OFFSET);
  const payloadAt = load<u32>(carrier, LAYER_OFFSET) + <u32>load<u16>(carrier, LAYER_HEADER_BYTES);
  const header = data + <usize>ipAt;
  const endAt = ipAt + (load<u8>(packet, IP_VERSION) == 4 ? be16(header + 2) : 40 + be16(header + 4));
  if (endAt <= payloadAt) return refuse(FRAGMENTS_BAD);
  if (endAt > load<u32>(packet, CAPTURED_BYTES)) return refuse(FRAGMENTS_CUT);
  const start = <u32>load<u16>(packet, FRAGMENT_OFFSET);
  const more = load<u16>(packet, FRAGMENT_MORE) != 0;
  // Hosts cut what is no multiple of 8 where more follows.
  const bytes = more ? (endAt - payloadAt) & ~7 : endAt - payloadAt;
  if (bytes == 0 || start + bytes > MAX_DATAGRAM_BYTES) return refuse(FRAGMENTS_BAD);
  let datagram = findDatagram(packet);
  if (datagram == 0) datagram = openDatagram(packet, policy);
  if (datagram == 0) return refuse(FRAGMENTS_DROPPED);
  if (load<u32>(datagram, FRAGMENT_COUNT) >= MAX_FRAGMENTS) return refuse(FRAGMENTS_DROPPED);
  if (start == 0 && load<u32>(datagram, PREFIX) == 0 && !keepPrefix(datagram, packet, carrier, ipAt)) {
    return refuse(FRAGMENTS_DROPPED);
  }
  const kept = keepBytes(datagram, data + <usize>payloadAt, bytes, start);
  if (kept == 0) return refuse(FRAGMENTS_DROPPED);
  append(datagram, kept);
  cover(datagram, start, bytes);
  // Of two that claim to be the last the longer counts.
  if (!more && start + bytes > load<u32>(datagram, TOTAL_BYTES)) store<u32>(datagram, start + bytes, TOTAL_BYTES);
  return datagram;
}

/** The entry of the layer whose header the payload follows: IPv4, or the fragment header. */
function carrierOf(packet: usize): usize {
  const inner = <u32>load<u8>(packet, INNER);
  if (load<u8>(packet, IP_VERSION) == 4) return layerAt(packet, inner);
  const layers = <u32>load<u8>(packet, LAYERS);
  for (let index = inner + 1; index < layers; index++) {
    const entry = layerAt(packet, index);
    if (<u32>load<u8>(entry, LAYER_KIND) == LAYER_FRAGMENT) return entry;
  }
  return 0;
}

function keepPrefix(datagram: usize, packet: usize, carrier: usize, ipAt: u32): bool {
  const data = <usize>load<u32>(packet, DATA);
  const v4 = load<u8>(packet, IP_VERSION) == 4;
  let bytes = load<u32>(carrier, LAYER_OFFSET);
  if (v4) {
    bytes += <u32>load<u16>(carrier, LAYER_HEADER_BYTES);
  } else {
    // The header before the fragment header names what the fragment header named.
    const before = carrier - 8;
    const isBase = <u32>load<u8>(before, LAYER_KIND) == LAYER_IPV6;
    store<u32>(datagram, load<u32>(before, LAYER_OFFSET) + (isBase ? 6 : 0), PREFIX_NEXT);
    store<u32>(datagram, load<u8>(carrier, LAYER_INFO), PREFIX_NEXT_VALUE);
  }
  if (bytes > MAX_PREFIX_BYTES) return false;
  const kept = keepBytes(datagram, data, bytes, 0);
  if (kept == 0) return false;
  store<u32>(datagram, <u32>kept, PREFIX);
  store<u32>(datagram, plainLink(packet) ? <u32>load<u16>(packet, LINK_TYPE) : LINK_TYPE_RAW, PREFIX_LINK_TYPE);
  store<u32>(datagram, ipAt, PREFIX_IP);
  return true;
}

/** May the link's headers stand before the whole? Not where one of them has a length. */
function plainLink(packet: usize): bool {
  const inner = <u32>load<u8>(packet, INNER);
  for (let index: u32 = 0; index < inner; index++) {
    switch (<u32>load<u8>(layerAt(packet, index), LAYER_KIND)) {
      case LAYER_ETHERNET:
      case LAYER_VLAN:
      case LAYER_MPLS:
      case LAYER_SLL:
      case LAYER_SLL2:
      case LAYER_LOOPBACK: continue;
    }
    return false;
  }
  return true;
}

function append(datagram: usize, fragment: usize): void {
  const last = <usize>load<u32>(datagram, LAST_FRAGMENT);
  if (last == 0) store<u32>(datagram, <u32>fragment, FIRST_FRAGMENT);
  else store<u32>(last, <u32>fragment, NEXT_FRAGMENT);
  store<u32>(datagram, <u32>fragment, LAST_FRAGMENT);
  store<u32>(datagram, load<u32>(datagram, FRAGMENT_COUNT) + 1, FRAGMENT_COUNT);
}

function cover(datagram: usize, start: u32, bytes: u32): void {
  const end = (start + bytes + 7) >> 3;
  for (let unit = start >> 3; unit < end; unit++) {
    const at = datagram + COVERAGE + <usize>(unit >> 3);
    store<u8>(at, <u32>load<u8>(at) | (<u32>1 << (unit & 7)));
  }
}

function complete(datagram: usize): bool {
  const total = load<u32>(datagram, TOTAL_BYTES);
  if (total == 0 || load<u32>(datagram, PREFIX) == 0) return false;
  const units = (total + 7) >> 3;
  let at = datagram + COVERAGE;
  let left = units;
  for (; left >= 64; left -= 64) {
    if (load<u64>(at) != 0xffffffffffffffff) return false;
    at += 8;
  }
  if (left == 0) return true;
  const mask = (<u64>1 << left) - 1;
  return (load<u64>(at) & mask) == mask;
}

function refuse(counter: usize): usize {
  count(counter);
  return 0;
}
