/**
 * One segment of a stream: what it delivers, queues, acknowledges and ends.
 *
 * @see RFC 9293, RFC 5961 (resets), RFC 7323 (window scale), RFC 7413 (data with the SYN)
 */
import {
  ACKNOWLEDGED,
  BEYOND,
  BIT_ACKNOWLEDGED,
  BIT_DONE,
  BIT_FIN,
  BIT_GUESSED,
  BIT_KNOWN,
  BIT_SYN,
  clearBit,
  distance,
  FIN_SEQUENCE,
  hasBit,
  HEAD,
  INITIAL,
  NEXT,
  QUEUED,
  RESET_BY,
  SCALE,
  setBit,
  sideOf,
  STATE_CLOSED,
  STATE_OPEN,
  WINDOW,
} from './entry';
import {
  advance,
  deliverAll,
  deliverQueued,
  discardQueue,
  enqueue,
  freeChunks,
  headSequence,
  QUEUE_CHUNK_BYTES,
  skipGap,
  tailEnd,
} from './queue';
import { newerThan, oldestOf, setState } from './table';
import { count, tell, tellNow } from './tell';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../src/decode/flags';
import {
  DATA,
  NONE,
  PAYLOAD,
  PAYLOAD_BYTES,
  PAYLOAD_WIRE_BYTES,
  TCP_ACKNOWLEDGEMENT,
  TCP_FLAGS,
  TCP_SEQUENCE,
  TCP_WINDOW,
  TCP_WINDOW_SCALE,
  TIME_NS,
  TIME_S,
} from '../../src/decode/layout';
import {
  STREAM_BAD_RESETS,
  STREAM_CUT,
  STREAM_DROPPED_BYTES,
  STREAM_OUT_OF_WINDOW,
  STREAM_QUEUED,
  STREAM_REPEATED,
} from '../../src/stream/counters';
import { CLOSED_FINISHED, CLOSED_RESET, EVENT_WITH_SYN, STREAM_CLOSED, STREAM_DATA } from '../../src/stream/events';

/** What a receiver may have open where its scale is not known. */
const UNKNOWN_WINDOW_BYTES: i32 = 1 << 30;
/** Windows are not kept to the byte. */
const WINDOW_SLACK_BYTES: i32 = 65536;
/** Further from what an acknowledgement told, the data itself is believed. */
const GUESS_SLACK_BYTES: i32 = 1 << 20;
/** So many packets in a row must acknowledge what has not come until it is given up. */
const BEYOND_TOLERATED: u32 = 3;
/** Of open streams looked at for one whose queue makes room. */
const MAX_VICTIMS: u32 = 32;
let maxSideChunks: u32 = 0;

/** @param chunks that one direction of a stream may have queued */
export function segmentInit(chunks: u32): void {
  maxSideChunks = chunks;
}

export function segment(stream: usize, direction: u32, packet: usize): void {
  const side = sideOf(stream, direction);
  const other = sideOf(stream, direction ^ 1);
  const flags = <u32>load<u8>(packet, TCP_FLAGS);
  let sequence = load<u32>(packet, TCP_SEQUENCE);
  if (flags & TCP_RST) {
    reset(stream, direction, packet, flags);
    return;
  }
  if (flags & TCP_SYN) {
    if (!synchronise(side, sequence, packet)) return;
    sequence++;
  }
  const bytes = load<u32>(packet, PAYLOAD_WIRE_BYTES);
  if (!hasBit(side, BIT_KNOWN) || misguessed(side, sequence)) {
    // Picked up on the way: from here on.
    store<u32>(side, sequence, NEXT);
    setBit(side, BIT_KNOWN);
  }
  clearBit(side, BIT_GUESSED);
  noteWindow(side, packet, flags);
  if (flags & TCP_FIN) noteFin(side, other, sequence + bytes);
  if (bytes > 0) data(stream, direction, sequence, bytes, packet);
  if (flags & TCP_ACK) acknowledge(stream, direction ^ 1, load<u32>(packet, TCP_ACKNOWLEDGEMENT), packet);
  finish(stream, direction);
}

/** Is a direction, of which only an acknowledgement told, somewhere else? */
function misguessed(side: usize, sequence: u32): bool {
  if (!hasBit(side, BIT_GUESSED)) return false;
  const ahead = distance(load<u32>(side, NEXT), sequence);
  return ahead > GUESS_SLACK_BYTES || ahead < -GUESS_SLACK_BYTES;
}

/** @returns false for a SYN that is not this connection's */
function synchronise(side: usize, sequence: u32, packet: usize): bool {
  if (hasBit(side, BIT_SYN)) return load<u32>(side, INITIAL) == sequence;
  // Picked up by a later packet that was captured first.
  if (hasBit(side, BIT_KNOWN) && load<u32>(side, NEXT) != sequence + 1) return false;
  store<u32>(side, sequence, INITIAL);
  store<u32>(side, sequence + 1, NEXT);
  setBit(side, BIT_SYN | BIT_KNOWN);
  store<u8>(side, load<u8>(packet, TCP_WINDOW_SCALE), SCALE);
  return true;
}

function reset(stream: usize, direction: u32, packet: usize, flags: u32): void {
  const side = sideOf(stream, direction);
  const other = sideOf(stream, direction ^ 1);
  const counts = hasBit(side, BIT_KNOWN)
    ? resetCounts(side, load<u32>(packet, TCP_SEQUENCE))
    : refuses(other, packet, flags);
  if (!counts) {
    count(STREAM_BAD_RESETS, 1);
    return;
  }
  discardQueue(side);
  discardQueue(other);
  close(stream, direction, CLOSED_RESET);
  store<u8>(stream, 1 + direction, RESET_BY);
  setState(stream, STATE_CLOSED);
}

/** The answer to a SYN must acknowledge just that. */
function refuses(other: usize, packet: usize, flags: u32): bool {
  if (!hasBit(other, BIT_SYN)) return true;
  return (flags & TCP_ACK) != 0 && load<u32>(packet, TCP_ACKNOWLEDGEMENT) == load<u32>(other, NEXT);
}

/** Only with a number that the receiver may be waiting for; within its window it merely asks again (RFC 5961). */
function resetCounts(side: usize, sequence: u32): bool {
  const ahead = distance(load<u32>(side, NEXT), sequence);
  if (ahead == 0 || ahead == -1) return true;
  if (hasBit(side, BIT_FIN) && sequence == load<u32>(side, FIN_SEQUENCE) + 1) return true;
  if (hasBit(side, BIT_ACKNOWLEDGED) && sequence == load<u32>(side, ACKNOWLEDGED)) return true;
  if (load<u32>(side, HEAD) != 0 && sequence == tailEnd(side)) return true;
  // Without its beginning one knows the receiver too little.
  return !hasBit(side, BIT_SYN) && ahead > 0 && ahead < UNKNOWN_WINDOW_BYTES;
}

/** Bytes from the next one on that the receiver of a direction takes. */
function windowOf(stream: usize, direction: u32): i32 {
  const side = sideOf(stream, direction);
  const other = sideOf(stream, direction ^ 1);
  const scaled = hasBit(side, BIT_SYN) && hasBit(other, BIT_SYN);
  if (!scaled || load<u32>(other, WINDOW) == 0) return UNKNOWN_WINDOW_BYTES;
  return <i32>load<u32>(other, WINDOW) + WINDOW_SLACK_BYTES;
}

/** The largest that was offered: it may have been taken back, but segments sent before count. */
function noteWindow(side: usize, packet: usize, flags: u32): void {
  const scale = <u32>load<u8>(side, SCALE);
  const shift = flags & TCP_SYN || scale == NONE ? 0 : scale < 14 ? scale : 14;
  const window = <u32>load<u16>(packet, TCP_WINDOW) << shift;
  if (window > load<u32>(side, WINDOW)) store<u32>(side, window, WINDOW);
}

/** The first FIN within reach says where the direction ends. */
function noteFin(side: usize, other: usize, sequence: u32): void {
  if (hasBit(side, BIT_FIN) || distance(load<u32>(side, NEXT), sequence) < 0) return;
  // What the other side has acknowledged lies before it.
  if (hasBit(side, BIT_ACKNOWLEDGED) && distance(load<u32>(side, ACKNOWLEDGED), sequence) < -1) return;
  store<u32>(side, sequence, FIN_SEQUENCE);
  setBit(side, BIT_FIN);
}

function data(stream: usize, direction: u32, sequence: u32, wireBytes: u32, packet: usize): void {
  const side = sideOf(stream, direction);
  let bytes = load<u32>(packet, PAYLOAD_BYTES);
  if (bytes < wireBytes) count(STREAM_CUT, 1);
  const next = load<u32>(side, NEXT);
  const ahead = distance(next, sequence);
  if (ahead > windowOf(stream, direction)) {
    count(STREAM_OUT_OF_WINDOW, 1);
    return;
  }
  if (hasBit(side, BIT_FIN)) {
    const room = distance(sequence, load<u32>(side, FIN_SEQUENCE));
    if (room <= 0) {
      count(STREAM_OUT_OF_WINDOW, 1);
      return;
    }
    if (bytes > <u32>room) bytes = <u32>room;
  }
  let from = <usize>load<u32>(packet, DATA) + <usize>load<u32>(packet, PAYLOAD);
  if (ahead < 0) {
    // A part of it has been delivered.
    const skip = <u32>-ahead;
    if (skip >= bytes) {
      if (skip >= wireBytes) count(STREAM_REPEATED, 1);
      return;
    }
    sequence += skip;
    bytes -= skip;
    from += <usize>skip;
  }
  const timeS = load<u32>(packet, TIME_S);
  const timeNs = load<u32>(packet, TIME_NS);
  const queued = load<u32>(side, HEAD) != 0;
  // What the capture has cut off is a gap as soon as its turn comes.
  const cut = load<u32>(packet, PAYLOAD_WIRE_BYTES) - load<u32>(packet, PAYLOAD_BYTES);
  if (ahead <= 0 && (!queued || distance(sequence + bytes, headSequence(side)) >= 0)) {
    const bits: u32 = load<u8>(packet, TCP_FLAGS) & TCP_SYN ? EVENT_WITH_SYN : 0;
    tell(stream, direction, STREAM_DATA, bits, from, bytes, timeS, timeNs);
    advance(side, bytes);
    store<u8>(side, 0, BEYOND);
    if (cut > 0 && !queued) skipGap(stream, side, direction, cut, timeS, timeNs);
  } else {
    if (ahead > 0) count(STREAM_QUEUED, 1);
    if (!makeRoom(stream, direction, bytes)) {
      count(STREAM_DROPPED_BYTES, bytes);
      return;
    }
    // Making room may have moved on.
    const passed = distance(sequence, load<u32>(side, NEXT));
    const skip: u32 = passed > 0 ? <u32>passed : 0;
    if (skip >= bytes) return;
    enqueue(side, sequence + skip, bytes - skip, from + <usize>skip, timeS, timeNs);
  }
  deliverQueued(stream, side, direction);
}

/** Room for a segment: what this side, then what the most silent others hold is delivered with its gaps. */
function makeRoom(stream: usize, direction: u32, bytes: u32): bool {
  const side = sideOf(stream, direction);
  const chunks = bytes / QUEUE_CHUNK_BYTES + 2;
  if (load<u32>(side, QUEUED) + chunks > maxSideChunks) deliverAll(stream, side, direction);
  if (freeChunks() >= chunks) return chunks <= maxSideChunks;
  // Delivered chunks come back with the next call; meanwhile others must wait.
  let victim = oldestOf(STATE_OPEN);
  for (let index: u32 = 0; index < MAX_VICTIMS && victim != 0; index++) {
    if (victim != stream && (load<u32>(sideOf(victim, 0), HEAD) != 0 || load<u32>(sideOf(victim, 1), HEAD) != 0)) {
      deliverAll(victim, sideOf(victim, 0), 0);
      deliverAll(victim, sideOf(victim, 1), 1);
      break;
    }
    victim = newerThan(victim);
  }
  return false;
}

/** The other side has this much of a direction: what has not come by then was not captured. */
function acknowledge(stream: usize, direction: u32, sequence: u32, packet: usize): void {
  const side = sideOf(stream, direction);
  if (!hasBit(side, BIT_KNOWN)) {
    store<u32>(side, sequence, NEXT);
    setBit(side, BIT_KNOWN | BIT_GUESSED);
  }
  if (!hasBit(side, BIT_ACKNOWLEDGED) || distance(load<u32>(side, ACKNOWLEDGED), sequence) > 0) {
    store<u32>(side, sequence, ACKNOWLEDGED);
    setBit(side, BIT_ACKNOWLEDGED);
  }
  let missing = distance(load<u32>(side, NEXT), sequence);
  // The FIN takes a number of its own.
  if (hasBit(side, BIT_FIN) && distance(load<u32>(side, FIN_SEQUENCE), sequence) > 0) missing--;
  if (missing <= 0 || missing > UNKNOWN_WINDOW_BYTES) {
    store<u8>(side, 0, BEYOND);
    return;
  }
  const beyond = <u32>load<u8>(side, BEYOND) + 1;
  store<u8>(side, beyond, BEYOND);
  if (beyond < BEYOND_TOLERATED) return;
  store<u8>(side, 0, BEYOND);
  if (load<u32>(side, HEAD) != 0) {
    const toHead = distance(load<u32>(side, NEXT), headSequence(side));
    if (toHead < missing) missing = toHead;
  }
  skipGap(stream, side, direction, <u32>missing, load<u32>(packet, TIME_S), load<u32>(packet, TIME_NS));
  deliverQueued(stream, side, direction);
}

/** Has a direction come to its FIN, and are both done? */
function finish(stream: usize, direction: u32): void {
  for (let each: u32 = 0; each < 2; each++) {
    const side = sideOf(stream, each);
    if (hasBit(side, BIT_FIN) && distance(load<u32>(side, FIN_SEQUENCE), load<u32>(side, NEXT)) >= 0) {
      setBit(side, BIT_DONE);
    }
  }
  if (!hasBit(sideOf(stream, 0), BIT_DONE) || !hasBit(sideOf(stream, 1), BIT_DONE)) return;
  close(stream, direction, CLOSED_FINISHED);
  setState(stream, STATE_CLOSED);
}

/** Tells what a stream still holds, and why it is over. */
export function close(stream: usize, direction: u32, why: u32): void {
  deliverAll(stream, sideOf(stream, 0), 0);
  deliverAll(stream, sideOf(stream, 1), 1);
  tellNow(stream, direction, STREAM_CLOSED, why);
}
