/** The table of datagrams in assembly: bounded in number, bytes and packet time; the oldest is given up first. */
import {
  CHUNK_BYTES,
  DATAGRAM_BYTES,
  discard,
  FIRST_FRAGMENT,
  HASH,
  keep,
  KEY_DESTINATION,
  KEY_ID,
  KEY_PROTOCOL,
  KEY_SOURCE,
  KEY_VERSION,
  NEWER,
  NEXT_FRAGMENT,
  NEXT_IN_BUCKET,
  OLDER,
  POLICY,
  PREFIX,
  STARTED_S,
} from './datagram';
import { DESTINATION, FRAGMENT_ID, IP_VERSION, PROTOCOL, SOURCE } from '../../src/decode/layout';
import {
  FRAGMENT_COUNTER_BYTES,
  FRAGMENTS_EVICTED,
  FRAGMENTS_PENDING,
  FRAGMENTS_TIMED_OUT,
} from '../../src/fragment/counters';
import { allocate } from '../arena';
import { datagramHash } from '../hash';
import { makePool } from '../pool';

let buckets: usize = 0;
let bucketMask: u32 = 0;
let free: usize = 0;
let pool: usize = 0;
let oldest: usize = 0;
let newest: usize = 0;
let timeoutS: u32 = 0;
let nowS: u32 = 0;
let counters: usize = 0;

/** @returns false without memory */
export function fragmentTableInit(maxDatagrams: u32, maxBytes: u32, timeout: u32): bool {
  buckets = allocate(maxDatagrams << 2);
  const entries = allocate(maxDatagrams * DATAGRAM_BYTES);
  pool = makePool(CHUNK_BYTES, maxBytes / CHUNK_BYTES);
  counters = allocate(FRAGMENT_COUNTER_BYTES);
  if (buckets == 0 || entries == 0 || pool == 0 || counters == 0) return false;
  bucketMask = maxDatagrams - 1;
  timeoutS = timeout;
  for (let index: u32 = 0; index < maxDatagrams; index++) {
    const entry = entries + <usize>(index * DATAGRAM_BYTES);
    store<u32>(entry, <u32>free, NEXT_IN_BUCKET);
    free = entry;
  }
  return true;
}

/** Address of FRAGMENT_COUNTER_BYTES of counters. */
export function fragmentCounters(): usize {
  return counters;
}

/** Moves the clock to a packet's time, never back, and gives up what has not become whole in its time. */
export function expire(timeS: u32): void {
  if (timeS > nowS) nowS = timeS;
  while (oldest != 0 && nowS - load<u32>(oldest, STARTED_S) > timeoutS) {
    giveUp(oldest);
    count(FRAGMENTS_TIMED_OUT);
  }
}

export function findDatagram(packet: usize): usize {
  const hash = datagramHash(packet);
  let entry = <usize>load<u32>(buckets + <usize>((hash & bucketMask) << 2));
  while (entry != 0) {
    if (
      load<u32>(entry, HASH) == hash &&
      load<u32>(entry, KEY_ID) == load<u32>(packet, FRAGMENT_ID) &&
      load<u8>(entry, KEY_VERSION) == load<u8>(packet, IP_VERSION) &&
      load<u8>(entry, KEY_PROTOCOL) == load<u8>(packet, PROTOCOL) &&
      memory.compare(entry + KEY_SOURCE, packet + SOURCE, 16) == 0 &&
      memory.compare(entry + KEY_DESTINATION, packet + DESTINATION, 16) == 0
    ) {
      return entry;
    }
    entry = <usize>load<u32>(entry, NEXT_IN_BUCKET);
  }
  return 0;
}

export function openDatagram(packet: usize, policy: u32): usize {
  if (free == 0) {
    giveUp(oldest);
    count(FRAGMENTS_EVICTED);
  }
  const entry = free;
  free = <usize>load<u32>(entry, NEXT_IN_BUCKET);
  memory.fill(entry, 0, DATAGRAM_BYTES);
  const hash = datagramHash(packet);
  const bucket = buckets + <usize>((hash & bucketMask) << 2);
  store<u32>(entry, load<u32>(bucket), NEXT_IN_BUCKET);
  store<u32>(bucket, <u32>entry);
  store<u32>(entry, hash, HASH);
  store<u32>(entry, load<u32>(packet, FRAGMENT_ID), KEY_ID);
  store<u8>(entry, load<u8>(packet, IP_VERSION), KEY_VERSION);
  store<u8>(entry, load<u8>(packet, PROTOCOL), KEY_PROTOCOL);
  store<u8>(entry, policy, POLICY);
  store<u32>(entry, nowS, STARTED_S);
  v128.store(entry, v128.load(packet, SOURCE), KEY_SOURCE);
  v128.store(entry, v128.load(packet, DESTINATION), KEY_DESTINATION);
  store<u32>(entry, <u32>newest, OLDER);
  if (newest != 0) store<u32>(newest, <u32>entry, NEWER);
  else oldest = entry;
  newest = entry;
  pending(1);
  return entry;
}

/** Keeps bytes; where there is no room, the oldest other datagrams make it. */
export function keepBytes(datagram: usize, from: usize, bytes: u32, start: u32): usize {
  let kept = keep(pool, from, bytes, start);
  while (kept == 0 && oldest != datagram) {
    giveUp(oldest);
    count(FRAGMENTS_EVICTED);
    kept = keep(pool, from, bytes, start);
  }
  return kept;
}

/** Takes a datagram out of the table and gives back what it held. */
export function giveUp(datagram: usize): void {
  let link = buckets + <usize>((load<u32>(datagram, HASH) & bucketMask) << 2);
  while (<usize>load<u32>(link) != datagram) link = <usize>load<u32>(link) + NEXT_IN_BUCKET;
  store<u32>(link, load<u32>(datagram, NEXT_IN_BUCKET));
  const older = <usize>load<u32>(datagram, OLDER);
  const newer = <usize>load<u32>(datagram, NEWER);
  if (older != 0) store<u32>(older, <u32>newer, NEWER);
  else oldest = newer;
  if (newer != 0) store<u32>(newer, <u32>older, OLDER);
  else newest = older;
  let fragment = <usize>load<u32>(datagram, FIRST_FRAGMENT);
  while (fragment != 0) {
    const next = <usize>load<u32>(fragment, NEXT_FRAGMENT);
    discard(pool, fragment);
    fragment = next;
  }
  discard(pool, <usize>load<u32>(datagram, PREFIX));
  store<u32>(datagram, <u32>free, NEXT_IN_BUCKET);
  free = datagram;
  pending(-1);
}

export function count(counter: usize): void {
  store<u64>(counters + counter, load<u64>(counters + counter) + 1);
}

function pending(change: i64): void {
  store<i64>(counters, load<i64>(counters, FRAGMENTS_PENDING) + change, FRAGMENTS_PENDING);
}
