/**
 * TCP reassembly: decoded packets in; what both sides of each connection received out, in order, as events. The stream
 * is that of the receiving host: its window, its policy where segments overlap. In bounded memory, by packet time.
 *
 * @see RFC 9293, RFC 5961 (resets), RFC 7323 (window scale), RFC 7413 (data with the SYN)
 */
import { layerAt } from './decode/cursor';
import {
  BIT_KNOWN,
  BIT_SYN,
  hasBit,
  INITIAL,
  LAST_S,
  NEXT,
  PENDING,
  PENDING_SEQUENCE,
  POLICY,
  RESET_BY,
  SCALE,
  sideOf,
  STATE,
  STATE_CLOSED,
  STATE_OPEN,
} from './stream/entry';
import { forgetSpent, QUEUE_CHUNK_BYTES, queueInit, shouldDrain } from './stream/queue';
import { close, segment, segmentInit } from './stream/segment';
import {
  addStream,
  directionOf,
  findStream,
  oldestOf,
  removeStream,
  streamAt,
  tableInit,
  tableIsFull,
  touch,
} from './stream/table';
import { about, count, forgetEvents, freeEvents, tellInit, tellNow } from './stream/tell';
import { FLAG_FRAGMENT, FLAG_TRANSPORT_CHECKSUM_BAD, TCP_ACK, TCP_RST, TCP_SYN } from '../src/decode/flags';
import { LAYER_TCP } from '../src/decode/layers';
import {
  DESTINATION_PORT,
  FLAGS,
  LAYER_KIND,
  NONE,
  PACKET_BYTES,
  PAYLOAD_WIRE_BYTES,
  SOURCE_PORT,
  TCP_ACKNOWLEDGEMENT,
  TCP_FLAGS,
  TCP_SEQUENCE,
  TIME_S,
  TRANSPORT,
} from '../src/decode/layout';
import {
  STREAM_BAD_CHECKSUMS,
  STREAM_SEGMENTS,
  STREAMS_EVICTED,
  STREAMS_IDLE,
  STREAMS_MIDSTREAM,
  STREAMS_OPENED,
} from '../src/stream/counters';
import {
  CLOSED_END,
  CLOSED_EVICTED,
  CLOSED_IDLE,
  CLOSED_REUSED,
  EVENT_MIDSTREAM,
  STREAM_OPENED,
} from '../src/stream/events';

/** Late packets of a closed stream come within it. */
const LINGER_S: u32 = 30;
/** The largest segment, in chunks. */
const SEGMENT_CHUNKS: u32 = 132;
/** Events of a batch that is cut short only by what one packet may add. */
const BATCH_EVENTS: u32 = 4096;
/** Events of one packet beside queued chunks. */
const SPARE_EVENTS: u32 = 64;

let sideChunks: u32 = 0;
let idleS: u32 = 0;
let nowS: u32 = 0;
let defaultPolicy: u32 = 0;
let pickUp: bool = true;

/**
 * Takes memory, once.
 *
 * @param maxStreams in the table, a power of two
 * @param maxBytes queued in all streams
 * @param maxSideBytes queued in one direction of one
 * @param idle seconds without a packet after which a stream is over
 * @param policy STREAM_POLICY_… unless `setStreamPolicy` says otherwise
 * @param midstream whether connections without their SYN are followed
 * @returns false without memory
 */
export function streamInit(
  maxStreams: u32,
  maxBytes: u32,
  maxSideBytes: u32,
  idle: u32,
  policy: u32,
  midstream: bool,
): bool {
  sideChunks = maxSideBytes / QUEUE_CHUNK_BYTES;
  segmentInit(sideChunks);
  idleS = idle;
  defaultPolicy = policy;
  pickUp = midstream;
  const chunks = maxBytes / QUEUE_CHUNK_BYTES;
  return tableInit(maxStreams) && queueInit(chunks) && tellInit(BATCH_EVENTS + eventsOfPacket());
}

/**
 * The most that one packet can lead to: three streams give up two queues each, with a gap before each chunk. Segments
 * that fill gaps may leave twice the chunks of a side that are meant.
 */
function eventsOfPacket(): u32 {
  return 3 * 2 * 2 * (2 * sideChunks + SEGMENT_CHUNKS) + SPARE_EVENTS;
}

/** Policy of the host that receives a direction of a stream, from here on. */
export function setStreamPolicy(index: u32, direction: u32, policy: u32): void {
  const stream = streamAt(index);
  if (stream != 0) store<u8>(sideOf(stream, direction & 1), policy, POLICY);
}

/**
 * Follows decoded packets that lie one behind the other. What an earlier call told is forgotten, its data with it.
 *
 * @param from index of the first to look at
 * @returns index of the first that was not looked at, because the events must be read first; `total` when all were
 */
export function reassemble(packets: usize, from: u32, total: u32): u32 {
  forgetEvents();
  forgetSpent();
  let index = from;
  for (; index < total; index++) {
    if (freeEvents() < eventsOfPacket() || shouldDrain()) break;
    follow(packets + <usize>(index * PACKET_BYTES));
  }
  about(0);
  return index;
}

/** Ends streams that are open, telling what they still hold. @returns false when there are no more */
export function endStreams(): bool {
  forgetEvents();
  forgetSpent();
  while (oldestOf(STATE_OPEN) != 0) {
    if (freeEvents() < eventsOfPacket()) return true;
    const stream = oldestOf(STATE_OPEN);
    close(stream, 0, CLOSED_END);
    removeStream(stream);
  }
  while (oldestOf(STATE_CLOSED) != 0) removeStream(oldestOf(STATE_CLOSED));
  return false;
}

function follow(packet: usize): void {
  const transport = <u32>load<u8>(packet, TRANSPORT);
  if (transport == NONE || <u32>load<u8>(layerAt(packet, transport), LAYER_KIND) != LAYER_TCP) return;
  const flags = load<u32>(packet, FLAGS);
  if (flags & FLAG_FRAGMENT) return;
  about(packet);
  const time = load<u32>(packet, TIME_S);
  if (time > nowS) nowS = time;
  expire();
  count(STREAM_SEGMENTS, 1);
  if (flags & FLAG_TRANSPORT_CHECKSUM_BAD) {
    count(STREAM_BAD_CHECKSUMS, 1);
    return;
  }
  const stream = streamOf(packet);
  if (stream == 0) return;
  // Late packets do not keep a closed stream in the table.
  if (<u32>load<u8>(stream, STATE) != STATE_OPEN) return;
  touch(stream, nowS);
  segment(stream, directionOf(stream, packet), packet);
}

/** At most one of each kind for a packet. */
function expire(): void {
  const closed = oldestOf(STATE_CLOSED);
  if (closed != 0 && nowS - load<u32>(closed, LAST_S) > LINGER_S) removeStream(closed);
  const open = oldestOf(STATE_OPEN);
  if (open != 0 && nowS - load<u32>(open, LAST_S) > idleS) {
    count(STREAMS_IDLE, 1);
    close(open, 0, CLOSED_IDLE);
    removeStream(open);
  }
}

/** The packet's stream, new where it begins one; 0 where there is none to follow. */
function streamOf(packet: usize): usize {
  const flags = <u32>load<u8>(packet, TCP_FLAGS);
  const stream = findStream(packet);
  if (stream != 0 && outlives(stream, packet, flags)) {
    const direction = directionOf(stream, packet);
    removeStream(stream);
    return open(packet, direction, true);
  }
  if (stream != 0 && !beginsAnew(stream, packet, flags)) return stream;
  if (stream != 0) {
    if (<u32>load<u8>(stream, STATE) == STATE_OPEN) close(stream, 0, CLOSED_REUSED);
    removeStream(stream);
  }
  if (flags & TCP_RST) return 0;
  if (flags & TCP_SYN) return open(packet, flags & TCP_ACK ? 1 : 0, (flags & TCP_ACK) != 0);
  if (!pickUp || load<u32>(packet, PAYLOAD_WIRE_BYTES) == 0) return 0;
  return open(packet, load<u16>(packet, SOURCE_PORT) < load<u16>(packet, DESTINATION_PORT) ? 1 : 0, true);
}

/** Does a side send data after its own reset? Then the reset was forged. */
function outlives(stream: usize, packet: usize, flags: u32): bool {
  if (!pickUp || load<u8>(stream, RESET_BY) == 0 || flags & (TCP_SYN | TCP_RST)) return false;
  if (load<u32>(packet, PAYLOAD_WIRE_BYTES) == 0) return false;
  return <u32>load<u8>(stream, RESET_BY) == 1 + directionOf(stream, packet);
}

/**
 * A SYN with another number begins anew once the old connection is closed. While that is open it may be forged: then
 * the answer, or data that follows it, decides.
 */
function beginsAnew(stream: usize, packet: usize, flags: u32): bool {
  const direction = directionOf(stream, packet);
  const side = sideOf(stream, direction);
  const sequence = load<u32>(packet, TCP_SEQUENCE);
  const closed = <u32>load<u8>(stream, STATE) == STATE_CLOSED;
  if ((flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN) {
    if (hasBit(side, BIT_SYN) && load<u32>(side, INITIAL) == sequence) return false;
    // Its answer was captured first.
    if (!hasBit(side, BIT_SYN) && hasBit(side, BIT_KNOWN) && load<u32>(side, NEXT) == sequence + 1) return false;
    if (closed) return true;
    // Before anything was answered the newer attempt counts.
    if (direction == 0 && !hasBit(sideOf(stream, 1), BIT_KNOWN)) return true;
    store<u8>(stream, 1 + direction, PENDING);
    store<u32>(stream, sequence, PENDING_SEQUENCE);
    return false;
  }
  if (closed && (flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK)) {
    return !hasBit(side, BIT_SYN) || load<u32>(side, INITIAL) != sequence;
  }
  const pending = <u32>load<u8>(stream, PENDING);
  if (pending == 0 || flags & TCP_RST) return false;
  const first = load<u32>(stream, PENDING_SEQUENCE) + 1;
  if (pending == 1 + direction) return sequence == first && load<u32>(packet, PAYLOAD_WIRE_BYTES) > 0;
  return (flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) && load<u32>(packet, TCP_ACKNOWLEDGEMENT) == first;
}

function open(packet: usize, direction: u32, midstream: bool): usize {
  if (tableIsFull()) {
    const closed = oldestOf(STATE_CLOSED);
    const victim = closed != 0 ? closed : oldestOf(STATE_OPEN);
    if (closed == 0) {
      count(STREAMS_EVICTED, 1);
      close(victim, 0, CLOSED_EVICTED);
    }
    removeStream(victim);
  }
  const stream = addStream(packet, direction, nowS);
  for (let each: u32 = 0; each < 2; each++) {
    store<u8>(sideOf(stream, each), defaultPolicy, POLICY);
    store<u8>(sideOf(stream, each), NONE, SCALE);
  }
  count(midstream ? STREAMS_MIDSTREAM : STREAMS_OPENED, 1);
  tellNow(stream, 0, STREAM_OPENED, midstream ? EVENT_MIDSTREAM : 0);
  return stream;
}
