/** RTP and RTCP, guessed by the first packet of a UDP flow between high ports. */
import { be16 } from '../../../../sources/packet/assembly/bytes';
import * as flows from '../flow';
import * as view from '../view';

const VERSION: u32 = 2;
const HEADER_BYTES: u32 = 12;
const RTCP_HEADER_BYTES: u32 = 8;
const FIRST_HIGH_PORT: u32 = 1024;
/** Of AFS, whose packets look alike. */
const AFS_PORT_MIN: u32 = 7000;
const AFS_PORT_MAX: u32 = 7010;
const RTCP_SENDER: u32 = 200;
const RTCP_RECEIVER: u32 = 201;
const MAX_REPORTS: u32 = 64;

// State of RTP: u32 bits, the last header each way with its numbers in host order, u16 packets missed each way.
const STATE = 0;
const SOURCE = 4;
const DESTINATION = 16;
const MISSED_SOURCE = 28;
const MISSED_DESTINATION = 30;
const RTCP_SOURCE = 0;
const RTCP_DESTINATION = 8;

/** Payload types (RFC 3551). */
const PCMU: u32 = 0;
const G723: u32 = 4;
const PCMA: u32 = 8;
const G722: u32 = 9;
const G728: u32 = 15;
const G729: u32 = 18;
/** Bytes of 10 ms of the narrowest of them, and of G.723.1's frame of silence. */
const SPEECH_FRAME: i32 = 10;
const SILENCE_FRAME: i32 = 4;
/** Bits of the qualifier. */
const SILENCE_SOURCE: u32 = 1;
const SILENCE_DESTINATION: u32 = 2;
const OUT_OF_ORDER_SOURCE: u32 = 0x10000;
const OUT_OF_ORDER_DESTINATION: u32 = 0x20000;

/** @returns false if it may be something else */
export function guessRealTime(flow: usize, onePort: u32, otherPort: u32): bool {
  if (!view.has(view.upper, HEADER_BYTES)) return true;
  if (<u32>load<u8>(view.upper) >> 6 != VERSION || !isHigh(onePort) || !isHigh(otherPort)) return false;
  flows.addPart(flow, flows.HAS_NETWORK);
  const part = flow + flows.NETWORK;
  store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
  if (hasReports()) {
    store<u8>(flow, flows.NETWORK_RTCP, flows.NETWORK_KIND);
    memory.copy(part + (view.forward ? RTCP_SOURCE : RTCP_DESTINATION), view.upper, RTCP_HEADER_BYTES);
  } else {
    store<u8>(flow, flows.NETWORK_RTP, flows.NETWORK_KIND);
    copyHeader(part + (view.forward ? SOURCE : DESTINATION));
  }
  return true;
}

function isHigh(port: u32): bool {
  return port >= FIRST_HIGH_PORT && (port < AFS_PORT_MIN || port > AFS_PORT_MAX);
}

/** Is there a report of a sender or a receiver among what would be the parts of an RTCP packet? */
function hasReports(): bool {
  let at = view.upper;
  for (let part: u32 = 0; part < MAX_REPORTS && view.has(at, RTCP_HEADER_BYTES); part++) {
    const type = <u32>load<u8>(at, 1);
    if (<u32>load<u8>(at) >> 6 == VERSION && (type == RTCP_SENDER || type == RTCP_RECEIVER)) return true;
    const words = be16(at + 2);
    if (words == 0) return false;
    at += (words << 2) + 4;
  }
  return false;
}

/** The header of the packet at hand, with its numbers in host order. */
function copyHeader(to: usize): void {
  store<u8>(to, view.peek8(view.upper));
  store<u8>(to, view.peek8(view.upper + 1), 1);
  store<u16>(to, view.peek16(view.upper + 2), 2);
  store<u32>(to, view.peek32(view.upper + 4), 4);
  store<u32>(to, view.peek32(view.upper + 8), 8);
}

export function updateRtp(flow: usize): void {
  const header = view.upper;
  const part = flow + flows.NETWORK;
  const last = part + (view.forward ? SOURCE : DESTINATION);
  const isRtp = view.peek8(view.upper) >> 6 == VERSION;
  const lastNumber = <u32>load<u16>(last, 2);
  if (!isRtp) return;
  if (lastNumber == 0) {
    copyHeader(last);
    return;
  }
  const source = view.peek32(view.upper + 8);
  const hasExtension = (view.peek8(view.upper) & 0x10) != 0;
  if (source == 0 || load<u32>(last, 8) != source || (hasExtension && !isPlausible())) {
    // Not RTP after all.
    store<u32>(flow, load<u32>(flow, flows.HAS) & ~flows.HAS_NETWORK, flows.HAS);
    store<u8>(flow, flows.NETWORK_NONE, flows.NETWORK_KIND);
    return;
  }
  countMissed(part, lastNumber, view.peek16(view.upper + 2));
  copyHeader(last);
  if (passHeader(hasExtension)) noteSilence(flow, view.peek8(header + 1) & 0x7f);
}

/** Argus takes the extension's length for bytes of the packet, with its bytes swapped. */
function isPlausible(): bool {
  const length = <i32>bswap<u16>(<u16>view.peek16(view.upper + HEADER_BYTES + 2));
  return length <= view.length && length >= view.length - 4;
}

function countMissed(part: usize, last: u32, number: u32): void {
  if (last == number - 1) return;
  const missedAt = part + (view.forward ? MISSED_SOURCE : MISSED_DESTINATION);
  const missed = <u32>load<u16>(missedAt);
  if (number < last) {
    if (missed == 0) return;
    store<u16>(missedAt, missed - 1);
    const bit = view.forward ? OUT_OF_ORDER_SOURCE : OUT_OF_ORDER_DESTINATION;
    store<u32>(part, load<u32>(part, STATE) | bit, STATE);
  } else if (number > last) {
    store<u16>(missedAt, missed + number - last - 1);
  }
}

/** What is kept and counted of the payload comes behind the header. @returns false if there is none */
function passHeader(hasExtension: bool): bool {
  const sources = (view.peek8(view.upper) & 0xf) << 2;
  if (<i32>sources >= view.length) return false;
  view.pass(HEADER_BYTES + sources);
  if (hasExtension && view.has(view.upper, 4)) view.pass(4 + be16(view.upper + 2));
  return true;
}

/** Codecs of speech send whole frames; what is none of them is silence. */
function noteSilence(flow: usize, codec: u32): void {
  let isSilence = false;
  switch (codec) {
    case PCMU:
    case PCMA:
    case G722:
    case G728:
    case G729: isSilence = view.length == 0 || view.length % SPEECH_FRAME != 0; break;
    case G723: isSilence = view.length == 0 || view.length == SILENCE_FRAME; break;
  }
  if (!isSilence) return;
  const side = view.forward ? SILENCE_SOURCE : SILENCE_DESTINATION;
  store<u8>(flow, load<u8>(flow, flows.NETWORK_QUALIFIER) | <u8>side, flows.NETWORK_QUALIFIER);
}
