/**
 * Walkers that turn a copied block into packets: they fill the heads, `decode` does the rest. They write nothing into
 * the block; DATA points into it.
 */
import { MAX_FRAME_BYTES } from './limits';
import {
  CAPTURE_BIG_ENDIAN,
  CAPTURE_NANOSECONDS,
  FRAMED_ABSURD,
  FRAMED_ALL,
  FRAMED_BROKEN,
  FRAMED_FULL,
} from '../src/decode/framing';
import {
  CAPTURED_BYTES,
  DATA,
  INTERFACE,
  LINK_TYPE,
  META,
  META_CHECKSUM_PENDING,
  META_OUTGOING,
  PACKET_BYTES,
  STRIPPED_TCI,
  STRIPPED_TPID,
  TIME_NS,
  TIME_S,
  WIRE_BYTES,
} from '../src/decode/layout';

const RECORD_HEADER_BYTES: u32 = 16;
const NANOSECONDS: u32 = 1000000000;

// struct tpacket_block_desc and tpacket3_hdr of linux/if_packet.h.
const BLOCK_PACKETS = 12;
const BLOCK_FIRST = 16;
const BLOCK_LENGTH = 20;
const BLOCK_DESCRIPTOR_BYTES: u32 = 48;
const RING_NEXT = 0;
const RING_SECONDS = 4;
const RING_NANOSECONDS = 8;
const RING_CAPTURED = 12;
const RING_WIRE = 16;
const RING_STATUS = 20;
const RING_DATA = 24;
const RING_TCI = 32;
const RING_TPID = 36;
const RING_HEADER_BYTES: u32 = 48;
/** Type of a packet in the sockaddr_ll behind the header. */
const RING_PACKET_TYPE = 58;
const RING_HEADERS_BYTES: u32 = 68;
const PACKET_TYPE_OUTGOING: u32 = 4;
const STATUS_CHECKSUM_NOT_READY: u32 = 1 << 3;
const STATUS_VLAN_VALID: u32 = 1 << 4;
const STATUS_VLAN_TPID_VALID: u32 = 1 << 6;
const TPID_8021Q: u32 = 0x8100;

let next: u32 = 0;
let outcome: u32 = FRAMED_ALL;

/** Offset in the block at which to go on: behind the last whole record. */
export function framedNext(): u32 {
  return next;
}

/** FRAMED_…, of the last call. */
export function framedOutcome(): u32 {
  return outcome;
}

/**
 * Frames records of a pcap file, as they follow its file header.
 *
 * @param form CAPTURE_… bits
 * @returns packets framed; see framedNext and framedOutcome
 */
export function frameCapture(
  block: usize,
  bytes: u32,
  packets: usize,
  maxPackets: u32,
  form: u32,
  linkType: u32,
  interfaceNumber: u32,
): u32 {
  const swap = (form & CAPTURE_BIG_ENDIAN) != 0;
  const fractionNs: u32 = form & CAPTURE_NANOSECONDS ? 1 : 1000;
  let at: u32 = 0;
  let count: u32 = 0;
  outcome = FRAMED_ALL;
  while (at + RECORD_HEADER_BYTES <= bytes) {
    if (count == maxPackets) {
      outcome = FRAMED_FULL;
      break;
    }
    const record = block + <usize>at;
    const captured = number(record + 8, swap);
    const wire = number(record + 12, swap);
    if (captured > MAX_FRAME_BYTES) {
      outcome = FRAMED_ABSURD;
      break;
    }
    if (captured > bytes - at - RECORD_HEADER_BYTES) break;
    const packet = packets + <usize>(count * PACKET_BYTES);
    const seconds = number(record, swap);
    const ns = <u64>number(record + 4, swap) * fractionNs;
    // Some writers let the fraction run over a second.
    store<u32>(packet, seconds + <u32>(ns / NANOSECONDS), TIME_S);
    store<u32>(packet, <u32>(ns % NANOSECONDS), TIME_NS);
    store<u32>(packet, <u32>record + RECORD_HEADER_BYTES, DATA);
    store<u32>(packet, captured, CAPTURED_BYTES);
    store<u32>(packet, plausibleWire(wire, captured), WIRE_BYTES);
    store<u16>(packet, linkType, LINK_TYPE);
    store<u16>(packet, interfaceNumber, INTERFACE);
    store<u64>(packet, 0, STRIPPED_TCI);
    count++;
    at += RECORD_HEADER_BYTES + captured;
  }
  next = at;
  return count;
}

/**
 * Frames one block of a TPACKET_V3 ring.
 *
 * @param from 0, or framedNext of a call that ended with FRAMED_FULL
 * @returns packets framed; see framedNext and framedOutcome
 */
export function frameRing(
  block: usize,
  bytes: u32,
  from: u32,
  packets: usize,
  maxPackets: u32,
  linkType: u32,
  interfaceNumber: u32,
): u32 {
  outcome = FRAMED_ALL;
  next = from;
  if (bytes < BLOCK_DESCRIPTOR_BYTES) {
    outcome = FRAMED_BROKEN;
    return 0;
  }
  const length = load<u32>(block, BLOCK_LENGTH);
  const end = length < bytes ? length : bytes;
  if (from == 0 && load<u32>(block, BLOCK_PACKETS) == 0) return 0;
  let at = from == 0 ? load<u32>(block, BLOCK_FIRST) : from;
  let count: u32 = 0;
  for (;;) {
    if (count == maxPackets) {
      outcome = FRAMED_FULL;
      break;
    }
    if (at < BLOCK_DESCRIPTOR_BYTES || at > end || end - at < RING_HEADERS_BYTES) {
      outcome = FRAMED_BROKEN;
      break;
    }
    const header = block + <usize>at;
    const data = <u32>load<u16>(header, RING_DATA);
    const captured = load<u32>(header, RING_CAPTURED);
    if (data < RING_HEADER_BYTES || data > end - at || captured > end - at - data) {
      outcome = FRAMED_BROKEN;
      break;
    }
    frameOfRing(header, data, captured, packets + <usize>(count * PACKET_BYTES), linkType, interfaceNumber);
    count++;
    const step = load<u32>(header, RING_NEXT);
    if (step == 0) {
      at = end;
      break;
    }
    if (step > end - at) {
      outcome = FRAMED_BROKEN;
      break;
    }
    at += step;
  }
  next = at;
  return count;
}

function frameOfRing(
  header: usize,
  data: u32,
  captured: u32,
  packet: usize,
  linkType: u32,
  interfaceNumber: u32,
): void {
  const status = load<u32>(header, RING_STATUS);
  store<u32>(packet, load<u32>(header, RING_SECONDS), TIME_S);
  store<u32>(packet, load<u32>(header, RING_NANOSECONDS), TIME_NS);
  store<u32>(packet, <u32>header + data, DATA);
  store<u32>(packet, captured, CAPTURED_BYTES);
  store<u32>(packet, plausibleWire(load<u32>(header, RING_WIRE), captured), WIRE_BYTES);
  store<u16>(packet, linkType, LINK_TYPE);
  store<u16>(packet, interfaceNumber, INTERFACE);
  const tagged = (status & STATUS_VLAN_VALID) != 0;
  const tpid = status & STATUS_VLAN_TPID_VALID ? <u32>load<u16>(header, RING_TPID) : TPID_8021Q;
  store<u16>(packet, tagged ? load<u32>(header, RING_TCI) : 0, STRIPPED_TCI);
  store<u16>(packet, tagged ? tpid : 0, STRIPPED_TPID);
  let meta: u32 = 0;
  if (<u32>load<u8>(header, RING_PACKET_TYPE) == PACKET_TYPE_OUTGOING) meta |= META_OUTGOING;
  if (status & STATUS_CHECKSUM_NOT_READY) meta |= META_CHECKSUM_PENDING;
  store<u32>(packet, meta, META);
}

/** A wire length below what was captured is the writer's slip. */
function plausibleWire(wire: u32, captured: u32): u32 {
  return wire < captured ? captured : wire;
}

function number(at: usize, swap: bool): u32 {
  const value = load<u32>(at);
  return swap ? bswap<u32>(value) : value;
}
