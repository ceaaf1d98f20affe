/** The events of the present batch, and the counters. */
import { allocate } from '../arena';
import { TIME_NS, TIME_S } from '../../src/decode/layout';
import { STREAM_COUNTER_BYTES } from '../../src/stream/counters';
import {
  EVENT_DATA,
  EVENT_DATA_BYTES,
  EVENT_KEY,
  EVENT_KIND,
  EVENT_OFFSET,
  EVENT_PACKET,
  EVENT_SERIAL,
  EVENT_STREAM,
  EVENT_TIME_NS,
  EVENT_TIME_S,
  STREAM_EVENT_BYTES,
} from '../../src/stream/events';
import { DELIVERED, INDEX, KEY, SERIAL, sideOf } from './entry';

let events: usize = 0;
let eventCount: u32 = 0;
let maxEvents: u32 = 0;
let counters: usize = 0;
/** The packet that is being looked at; 0 between packets. */
let packet: usize = 0;

export function tellInit(limit: u32): bool {
  events = allocate(limit * STREAM_EVENT_BYTES);
  counters = allocate(STREAM_COUNTER_BYTES);
  maxEvents = limit;
  return events != 0 && counters != 0;
}

/** Address of the events of the last call. */
export function streamEvents(): usize {
  return events;
}

export function streamEventCount(): u32 {
  return eventCount;
}

/** Address of STREAM_COUNTER_BYTES of counters. */
export function streamCounters(): usize {
  return counters;
}

export function forgetEvents(): void {
  eventCount = 0;
  packet = 0;
}

export function freeEvents(): u32 {
  return maxEvents - eventCount;
}

export function about(subject: usize): void {
  packet = subject;
}

export function count(counter: usize, by: u64): void {
  store<u64>(counters + counter, load<u64>(counters + counter) + by);
}

export function gauge(counter: usize, value: u64): void {
  store<u64>(counters + counter, value);
}

/** Data at an address, or what happened; the offset is where its direction stands. */
export function tell(
  stream: usize,
  direction: u32,
  kind: u32,
  bits: u32,
  data: usize,
  bytes: u32,
  timeS: u32,
  timeNs: u32,
): void {
  // The caller has made sure that there is room.
  if (eventCount >= maxEvents) return;
  const event = events + <usize>(eventCount * STREAM_EVENT_BYTES);
  eventCount++;
  store<u32>(event, kind | (direction << 8) | (bits << 16), EVENT_KIND);
  store<u32>(event, load<u32>(stream, INDEX), EVENT_STREAM);
  store<u32>(event, load<u32>(stream, SERIAL), EVENT_SERIAL);
  store<u32>(event, <u32>data, EVENT_DATA);
  store<u32>(event, bytes, EVENT_DATA_BYTES);
  store<u32>(event, timeS, EVENT_TIME_S);
  store<u32>(event, timeNs, EVENT_TIME_NS);
  store<u32>(event, <u32>packet, EVENT_PACKET);
  store<u64>(event, load<u64>(sideOf(stream, direction), DELIVERED), EVENT_OFFSET);
  // The entry may have another stream by the time the event is read.
  v128.store(event, v128.load(stream, KEY), EVENT_KEY);
  v128.store(event, v128.load(stream, KEY + 16), EVENT_KEY + 16);
  store<u64>(event, load<u64>(stream, KEY + 32), EVENT_KEY + 32);
}

/** Something that has the time of the packet at hand. */
export function tellNow(stream: usize, direction: u32, kind: u32, bits: u32): void {
  const timeS = packet == 0 ? 0 : load<u32>(packet, TIME_S);
  const timeNs = packet == 0 ? 0 : load<u32>(packet, TIME_NS);
  tell(stream, direction, kind, bits, 0, 0, timeS, timeNs);
}
