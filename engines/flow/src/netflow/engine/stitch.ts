/**
 * Joins the two one-way records that most exporters send of a conversation. A record waits for its opposite for a
 * while; whichever comes, the joined record keeps times, counters and flags of both sides as they were told.
 */
import * as L from '../../record/layout.ts';
import { FlowRecord, recordMemory } from '../../record/record.ts';
import type { RecordSink } from '../language/message.ts';
import { ICMP, ICMPV6, IGMP } from '../language/protocols.ts';
import { compareAddresses, initiator, isEcho } from './initiator.ts';
import { exchangeSides, joinSides } from './sides.ts';

export interface StitchOptions {
  /** Records that wait at most: 1 KiB each. 8192 if absent. */
  readonly capacity?: number;
  /** How long one waits for its opposite, by the clock handed in. 10 s if absent. */
  readonly waitMs?: number;
  /** Records of one conversation do not lie further apart than this. 5 s if absent. */
  readonly apartMs?: number;
}

export interface StitchCounters {
  /** Pairs joined. */
  joined: number;
  /** Records whose opposite never came. */
  alone: number;
  /** Of those: sent on early because there was no room. */
  evicted: number;
  /** Records that had both directions already, or can have only one. */
  passed: number;
}

/** Records of one hash that are looked at: who makes them collide loses joins, not our time. */
const MAX_CHAIN = 32;
const NONE = -1;
const EMPTY = 0;
const FILLED = 1;

export class Stitcher {
  readonly counters: StitchCounters = { joined: 0, alone: 0, evicted: 0, passed: 0 };
  readonly #sink: RecordSink;
  readonly #capacity: number;
  readonly #waitMs: number;
  readonly #apartMs: number;
  readonly #memory;
  /** Chains of a hash table over slots: heads by bucket, then the next and the previous slot of each slot. */
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #buckets: Int32Array;
  readonly #state: Uint8Array;
  readonly #arrivedMs: Float64Array;
  readonly #waiting = new FlowRecord();
  readonly #kept = new FlowRecord();
  /** Slots are a ring: filled at the head, given up from the tail, in order of arrival. */
  #head = 0;
  #tail = 0;
  #used = 0;
  #nowMs = 0;

  constructor(sink: RecordSink, options: StitchOptions = {}) {
    this.#sink = sink;
    this.#capacity = options.capacity ?? 8192;
    this.#waitMs = options.waitMs ?? 10_000;
    this.#apartMs = options.apartMs ?? 5_000;
    this.#memory = recordMemory(new ArrayBuffer(this.#capacity * L.RECORD_BYTES));
    this.#heads = new Int32Array(1 << Math.ceil(Math.log2(this.#capacity * 2))).fill(NONE);
    this.#next = new Int32Array(this.#capacity);
    this.#previous = new Int32Array(this.#capacity);
    this.#buckets = new Int32Array(this.#capacity);
    this.#state = new Uint8Array(this.#capacity);
    this.#arrivedMs = new Float64Array(this.#capacity);
  }

  /** Records that wait. */
  get waiting(): number {
    let count = 0;
    for (let slot = 0; slot < this.#capacity; slot++) count += this.#state[slot] as number;
    return count;
  }

  add(record: FlowRecord): void {
    if (!isOneWay(record)) {
      this.counters.passed++;
      this.#sink(record);
      return;
    }
    const bucket = hashOf(record) & (this.#heads.length - 1);
    let left = MAX_CHAIN;
    for (let slot = this.#heads[bucket] as number; slot !== NONE && left > 0; slot = this.#next[slot] as number) {
      left--;
      const waiting = this.#waiting.at(this.#memory, slot * L.RECORD_BYTES);
      if (!sameConversation(waiting, record)) continue;
      if (isOpposite(waiting, record) && this.#near(waiting, record)) {
        this.#unlink(slot);
        joinSides(waiting, record);
        this.counters.joined++;
        this.#emit(waiting);
        return;
      }
    }
    this.#keep(record, bucket);
  }

  /** Sends on what has waited long enough. */
  advance(nowMs: number): void {
    if (nowMs > this.#nowMs) this.#nowMs = nowMs;
    while (this.#used > 0 && this.#nowMs - (this.#arrivedMs[this.#tail] as number) >= this.#waitMs) this.#giveUp();
  }

  /** Sends on all that waits: the end of input. */
  flush(): void {
    while (this.#used > 0) this.#giveUp();
  }

  #keep(record: FlowRecord, bucket: number): void {
    if (this.#used === this.#capacity) {
      if (this.#state[this.#tail] === FILLED) this.counters.evicted++;
      this.#giveUp();
    }
    const slot = this.#head;
    this.#head = (slot + 1) % this.#capacity;
    this.#used++;
    const { words } = this.#memory;
    words.set(record.words.subarray(record.base, record.base + L.RECORD_WORDS), slot * L.RECORD_WORDS);
    this.#state[slot] = FILLED;
    this.#arrivedMs[slot] = this.#nowMs;
    this.#buckets[slot] = bucket;
    const after = this.#heads[bucket] as number;
    this.#next[slot] = after;
    this.#previous[slot] = NONE;
    if (after !== NONE) this.#previous[after] = slot;
    this.#heads[bucket] = slot;
  }

  /** The oldest slot becomes free; what still waits there goes on alone. */
  #giveUp(): void {
    const slot = this.#tail;
    this.#tail = (slot + 1) % this.#capacity;
    this.#used--;
    if (this.#state[slot] === EMPTY) return;
    this.#unlink(slot);
    this.counters.alone++;
    this.#emit(this.#kept.at(this.#memory, slot * L.RECORD_BYTES));
  }

  #unlink(slot: number): void {
    this.#state[slot] = EMPTY;
    const before = this.#previous[slot] as number;
    const after = this.#next[slot] as number;
    if (after !== NONE) this.#previous[after] = before;
    if (before !== NONE) this.#next[before] = after;
    else this.#heads[this.#buckets[slot] as number] = after;
  }

  #near(one: FlowRecord, other: FlowRecord): boolean {
    const oneStart = milliseconds(one, L.START_S);
    const otherStart = milliseconds(other, L.START_S);
    const gapMs = Math.max(oneStart, otherStart) - Math.min(milliseconds(one, L.END_S), milliseconds(other, L.END_S));
    return gapMs <= this.#apartMs;
  }

  #emit(record: FlowRecord): void {
    orient(record);
    this.#sink(record);
  }
}

/** Puts the initiator first and says why. */
export function orient(record: FlowRecord): void {
  const { reversed, by } = initiator(record);
  if (reversed) exchangeSides(record);
  record.set(L.INITIATOR_BY, by);
  const isEchoPair = reversed && isEcho(record);
  if (isEchoPair) record.set(L.KEY_ICMP_TYPE, record.get(L.FLOW_TYPE) === L.FLOW_IPV6 ? 128 : 8);
  const flags = record.get(L.FLOW_FLAGS) & ~L.FLOWFLAG_REVERSED;
  record.set(L.FLOW_FLAGS, compareAddresses(record) > 0 ? flags | L.FLOWFLAG_REVERSED : flags);
}

function milliseconds(record: FlowRecord, secondsWord: number): number {
  return record.get(secondsWord) * 1000 + record.get(secondsWord + 1) / 1e6;
}

/** Multicast gets no answer that has its address; of ICMP only echoes are answered. */
function isOneWay(record: FlowRecord): boolean {
  const type = record.get(L.FLOW_TYPE);
  if (type !== L.FLOW_IPV4 && type !== L.FLOW_IPV6) return false;
  if (record.getWide(L.DESTINATION_PACKETS) > 0 || record.getWide(L.DESTINATION_BYTES) > 0) return false;
  const protocol = record.get(L.PROTOCOL);
  if ((protocol === ICMP || protocol === ICMPV6 || protocol === IGMP) && !isEcho(record)) return false;
  const first = record.bytes[(record.base + L.DESTINATION_ADDRESS) * 4] as number;
  return type === L.FLOW_IPV4 ? first < 224 : first !== 255;
}

/** The same for both directions. */
function hashOf(record: FlowRecord): number {
  const { words, base } = record;
  let hash = (words[base + L.PROTOCOL] as number) + (words[base + L.SOURCE_PORT] as number);
  hash += words[base + L.DESTINATION_PORT] as number;
  for (let index = 0; index < 4; index++) {
    const sum =
      (words[base + L.SOURCE_ADDRESS + index] as number) ^ (words[base + L.DESTINATION_ADDRESS + index] as number);
    hash = Math.imul(hash ^ sum, 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  return Math.imul(hash, 0x85eb_ca6b) >>> 4;
}

const SAME = [L.FLOW_TYPE, L.PROTOCOL, L.EXPORT_DOMAIN, L.SOURCE_ID, L.SOURCE_ID + 3] as const;

function sameConversation(one: FlowRecord, other: FlowRecord): boolean {
  for (const word of SAME) if (one.get(word) !== other.get(word)) return false;
  return !isEcho(one) || one.get(L.KEY_ICMP_TYPE) !== other.get(L.KEY_ICMP_TYPE);
}

function isOpposite(one: FlowRecord, other: FlowRecord): boolean {
  for (let index = 0; index < 4; index++) {
    if (one.get(L.SOURCE_ADDRESS + index) !== other.get(L.DESTINATION_ADDRESS + index)) return false;
    if (one.get(L.DESTINATION_ADDRESS + index) !== other.get(L.SOURCE_ADDRESS + index)) return false;
  }
  return (
    one.get(L.SOURCE_PORT) === other.get(L.DESTINATION_PORT) && one.get(L.DESTINATION_PORT) === other.get(L.SOURCE_PORT)
  );
}
