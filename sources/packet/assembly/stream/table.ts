/** The table of streams: found by addresses and ports of either direction, oldest given up first. */
import { allocate } from '../arena';
import {
  DESTINATION,
  DESTINATION_PORT,
  FLOW_HASH,
  IP_VERSION,
  SOURCE,
  SOURCE_PORT,
} from '../../src/decode/layout';
import { STREAMS_PRESENT } from '../../src/stream/counters';
import { KEY_CLIENT, KEY_CLIENT_PORT, KEY_SERVER, KEY_SERVER_PORT, KEY_VERSION } from '../../src/stream/events';
import {
  HASH,
  INDEX,
  KEY,
  LAST_S,
  NEWER,
  NEXT_IN_BUCKET,
  OLDER,
  SERIAL,
  STATE,
  STATE_OPEN,
  STREAM_BYTES,
} from './entry';
import { gauge } from './tell';

/** Heads of the lists by last packet: of open streams, and of closed ones that late packets may still belong to. */
const LIST_OLDEST = 0;
const LIST_NEWEST = 4;

let buckets: usize = 0;
let bucketMask: u32 = 0;
let entries: usize = 0;
let maxStreams: u32 = 0;
let free: usize = 0;
let lists: usize = 0;
let serial: u32 = 0;
let present: u32 = 0;

/** @param streams a power of two */
export function tableInit(streams: u32): bool {
  buckets = allocate(streams << 2);
  entries = allocate(streams * STREAM_BYTES);
  lists = allocate(16);
  if (buckets == 0 || entries == 0 || lists == 0) return false;
  bucketMask = streams - 1;
  maxStreams = streams;
  for (let index = streams; index > 0; index--) {
    const entry = entries + <usize>((index - 1) * STREAM_BYTES);
    store<u32>(entry, <u32>free, NEXT_IN_BUCKET);
    store<u32>(entry, index - 1, INDEX);
    free = entry;
  }
  return true;
}

export function tableIsFull(): bool {
  return free == 0;
}

/** @returns the stream that a packet belongs to, or 0 */
export function findStream(packet: usize): usize {
  const hash = load<u32>(packet, FLOW_HASH);
  let entry = <usize>load<u32>(buckets + <usize>((hash & bucketMask) << 2));
  while (entry != 0) {
    if (load<u32>(entry, HASH) == hash && (matches(entry, packet, 0) || matches(entry, packet, 1))) return entry;
    entry = <usize>load<u32>(entry, NEXT_IN_BUCKET);
  }
  return 0;
}

/** 0 if the client sent it, 1 if the server did. */
export function directionOf(stream: usize, packet: usize): u32 {
  return matches(stream, packet, 0) ? 0 : 1;
}

function matches(entry: usize, packet: usize, direction: u32): bool {
  const key = entry + KEY;
  const from = direction == 0 ? SOURCE : DESTINATION;
  const to = direction == 0 ? DESTINATION : SOURCE;
  const fromPort = direction == 0 ? load<u16>(packet, SOURCE_PORT) : load<u16>(packet, DESTINATION_PORT);
  const toPort = direction == 0 ? load<u16>(packet, DESTINATION_PORT) : load<u16>(packet, SOURCE_PORT);
  return (
    load<u16>(key, KEY_CLIENT_PORT) == fromPort &&
    load<u16>(key, KEY_SERVER_PORT) == toPort &&
    load<u8>(key, KEY_VERSION) == load<u8>(packet, IP_VERSION) &&
    same16(key + KEY_CLIENT, packet + from) &&
    same16(key + KEY_SERVER, packet + to)
  );
}

function same16(a: usize, b: usize): bool {
  return load<u64>(a) == load<u64>(b) && load<u64>(a, 8) == load<u64>(b, 8);
}

/** A new stream whose client sent (0) or receives (1) the packet; the table must not be full. */
export function addStream(packet: usize, direction: u32, nowS: u32): usize {
  const entry = free;
  free = <usize>load<u32>(entry, NEXT_IN_BUCKET);
  const index = load<u32>(entry, INDEX);
  memory.fill(entry, 0, STREAM_BYTES);
  store<u32>(entry, index, INDEX);
  store<u32>(entry, ++serial, SERIAL);
  const hash = load<u32>(packet, FLOW_HASH);
  const bucket = buckets + <usize>((hash & bucketMask) << 2);
  store<u32>(entry, load<u32>(bucket), NEXT_IN_BUCKET);
  store<u32>(bucket, <u32>entry);
  store<u32>(entry, hash, HASH);
  const key = entry + KEY;
  const client = direction == 0 ? SOURCE : DESTINATION;
  const server = direction == 0 ? DESTINATION : SOURCE;
  v128.store(key, v128.load(packet + client), KEY_CLIENT);
  v128.store(key, v128.load(packet + server), KEY_SERVER);
  const sourcePort = load<u16>(packet, SOURCE_PORT);
  const destinationPort = load<u16>(packet, DESTINATION_PORT);
  store<u16>(key, direction == 0 ? sourcePort : destinationPort, KEY_CLIENT_PORT);
  store<u16>(key, direction == 0 ? destinationPort : sourcePort, KEY_SERVER_PORT);
  store<u8>(key, load<u8>(packet, IP_VERSION), KEY_VERSION);
  store<u8>(entry, STATE_OPEN, STATE);
  store<u32>(entry, nowS, LAST_S);
  link(entry);
  present++;
  gauge(STREAMS_PRESENT, present);
  return entry;
}

/** Takes a stream out of the table; its queues must be empty. */
export function removeStream(stream: usize): void {
  let at = buckets + <usize>((load<u32>(stream, HASH) & bucketMask) << 2);
  while (<usize>load<u32>(at) != stream) at = <usize>load<u32>(at) + NEXT_IN_BUCKET;
  store<u32>(at, load<u32>(stream, NEXT_IN_BUCKET));
  unlink(stream);
  store<u32>(stream, <u32>free, NEXT_IN_BUCKET);
  free = stream;
  present--;
  gauge(STREAMS_PRESENT, present);
}

/** Makes a stream the newest of its list. */
export function touch(stream: usize, nowS: u32): void {
  store<u32>(stream, nowS, LAST_S);
  if (<usize>load<u32>(listOf(stream), LIST_NEWEST) == stream) return;
  unlink(stream);
  link(stream);
}

/** Moves a stream to the list of its new state. */
export function setState(stream: usize, state: u32): void {
  unlink(stream);
  store<u8>(stream, state, STATE);
  link(stream);
}

/** The stream of a state that has been silent for longest, or 0. */
export function oldestOf(state: u32): usize {
  return <usize>load<u32>(lists + <usize>((state - 1) << 3), LIST_OLDEST);
}

/** The stream of the same state that has been heard of next, or 0. */
export function newerThan(stream: usize): usize {
  return <usize>load<u32>(stream, NEWER);
}

export function streamAt(index: u32): usize {
  return index < maxStreams ? entries + <usize>(index * STREAM_BYTES) : 0;
}

function listOf(stream: usize): usize {
  return lists + <usize>((<u32>load<u8>(stream, STATE) - STATE_OPEN) << 3);
}

function link(stream: usize): void {
  const list = listOf(stream);
  const newest = <usize>load<u32>(list, LIST_NEWEST);
  store<u32>(stream, <u32>newest, OLDER);
  store<u32>(stream, 0, NEWER);
  if (newest != 0) store<u32>(newest, <u32>stream, NEWER);
  else store<u32>(list, <u32>stream, LIST_OLDEST);
  store<u32>(list, <u32>stream, LIST_NEWEST);
}

function unlink(stream: usize): void {
  const list = listOf(stream);
  const older = <usize>load<u32>(stream, OLDER);
  const newer = <usize>load<u32>(stream, NEWER);
  if (older != 0) store<u32>(older, <u32>newer, NEWER);
  else store<u32>(list, <u32>newer, LIST_OLDEST);
  if (newer != 0) store<u32>(newer, <u32>older, OLDER);
  else store<u32>(list, <u32>older, LIST_NEWEST);
}
