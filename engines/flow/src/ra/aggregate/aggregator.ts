/** Records gathered by key, in the order in which they were last added to. */
import {
  DESTINATION_ADDRESS,
  FLOW_FLAGS,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_TYPE,
  FLOWFLAG_DIRECTION,
  FLOWFLAG_REVERSED,
  HAS_FLOW,
  KEY_ICMP_TYPE,
  PROTOCOL,
  SOURCE_ADDRESS,
  START_S,
  TCP_STATUS,
} from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { swapped } from '../filter/readers.ts';
import { hasTcpState } from '../record/measures.ts';
import { reverseKey, reverseRecord, reverseValues } from '../record/reverse.ts';
import { duration } from '../record/times.ts';
import { isBothWays, KeyBuffer, type KeySpec, keepKey, maskAddresses } from './keys.ts';
import { mergeRecords } from './merge.ts';
import { beginAggregate, type Figure } from './statistics.ts';
import { RecordStore } from './store.ts';

const TCP = 6;
const UDP = 17;
const ESP = 50;
const ICMP = 1;
const SAW_SYN = 1;
const SAW_SYN_ACK = 2;
const ESTABLISHED = 4;
const NONE = -1;
const FIRST_CAPACITY = 1024;
// An entry is the place of these words: its hash, its key's place and length, the record's number, the entries before
// and after it in the queue. They lie side by side because they are looked at together.
const ENTRY_WORDS = 8;
const HASH = 0;
const KEY_AT = 1;
const KEY_LENGTH = 2;
const RECORD = 3;
const BEFORE = 4;
const AFTER = 5;
const TUPLE = ['saddr', 'daddr', 'proto', 'sport', 'dport'];
const ECHO_REPLY = 0;
const ECHO = 8;

export interface AggregatorOptions {
  readonly spec: KeySpec;
  /** A record from the other end of a known pair is turned round and added to it. */
  readonly tryReverse: boolean;
  readonly figure?: Figure;
  /** What is not of the key is taken out of records. */
  readonly keepsKeyOnly?: boolean;
}

export class Aggregator {
  readonly store = new RecordStore();
  readonly #options: AggregatorOptions;
  readonly #triesReverse: boolean;
  /** The key is made of nothing but addresses, ports and the protocol. */
  readonly #isTuple: boolean;
  readonly #key = new KeyBuffer();
  readonly #cursor = new FlowRecord();
  readonly #scratch = new FlowRecord();
  #buckets = new Int32Array(FIRST_CAPACITY).fill(NONE);
  #entries = new Int32Array(FIRST_CAPACITY * ENTRY_WORDS);
  #keys = new Int32Array(FIRST_CAPACITY * 8);
  #keysUsed = 0;
  #count = 0;
  #first = NONE;
  #last = NONE;

  constructor(options: AggregatorOptions) {
    this.#options = options;
    this.#isTuple = options.spec.names.every((name) => TUPLE.includes(name));
    this.#triesReverse = options.tryReverse && isBothWays(options.spec);
  }

  /** How many records there are now. */
  get size(): number {
    return this.store.size;
  }

  /**
   * Adds a record, which may be changed on the way.
   *
   * @param before called with the record that it is about to be merged into; when it returns true that one is done with
   * and this record takes its place
   */
  add(record: FlowRecord, before?: (found: FlowRecord) => boolean): void {
    const { spec } = this.#options;
    if (spec.isMatrix) smallerFirst(record);
    maskAddresses(record, spec);
    if (spec.isNone) {
      this.#append(this.store.add(this.#begun(record)));
      return;
    }
    this.#key.read(record, spec);
    let entry = this.#find();
    if (entry === NONE && this.#triesReverse) entry = this.#findReverse(record);
    if (entry === NONE) {
      this.#insert(record);
      return;
    }
    const found = this.store.at(this.#cursor, this.#entries[entry + RECORD] as number);
    if (before?.(found)) {
      this.store.remove(this.#entries[entry + RECORD] as number);
      this.#entries[entry + RECORD] = this.store.add(this.#begun(record));
    } else {
      mergeRecords(found, record, this.#options.figure ?? duration);
    }
    this.#touch(entry);
  }

  #begun(record: FlowRecord): FlowRecord {
    beginAggregate(record, this.#options.figure ?? duration);
    return record;
  }

  /** All records, the one that rested longest first. */
  *records(): Generator<FlowRecord> {
    const cursor = new FlowRecord();
    for (let entry = this.#first; entry !== NONE; entry = this.#entries[entry + AFTER] as number) {
      yield this.store.at(cursor, this.#entries[entry + RECORD] as number);
    }
  }

  /** Numbers of the records in the store, in the same order. */
  numbers(): number[] {
    const numbers: number[] = [];
    for (let entry = this.#first; entry !== NONE; entry = this.#entries[entry + AFTER] as number) {
      numbers.push(this.#entries[entry + RECORD] as number);
    }
    return numbers;
  }

  #find(): number {
    const { hash, length, words } = this.#key;
    const mask = this.#buckets.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#buckets[slot] as number;
      if (entry === NONE) return NONE;
      if (this.#entries[entry + HASH] !== hash || this.#entries[entry + KEY_LENGTH] !== length) continue;
      const at = this.#entries[entry + KEY_AT] as number;
      let i = 0;
      while (i < length && this.#keys[at + i] === words[i]) i += 1;
      if (i === length) return entry;
    }
  }

  #insert(record: FlowRecord): void {
    this.#key.read(record, this.#options.spec);
    if (this.#options.keepsKeyOnly) keepKey(record, this.#options.spec);
    const entry = this.#append(this.store.add(this.#begun(record)));
    this.#putKey(entry);
    this.#putBucket(entry);
  }

  #append(index: number): number {
    if (this.#count * ENTRY_WORDS === this.#entries.length) this.#entries = enlarged(this.#entries, Int32Array);
    const entry = this.#count * ENTRY_WORDS;
    this.#count += 1;
    this.#entries[entry + RECORD] = index;
    this.#link(entry);
    return entry;
  }

  #putKey(entry: number): void {
    const { hash, length, words } = this.#key;
    if (this.#entries[entry + KEY_LENGTH] !== length) {
      if (this.#keysUsed + length > this.#keys.length) this.#keys = enlarged(this.#keys, Int32Array);
      this.#entries[entry + KEY_AT] = this.#keysUsed;
      this.#entries[entry + KEY_LENGTH] = length;
      this.#keysUsed += length;
    }
    const at = this.#entries[entry + KEY_AT] as number;
    for (let i = 0; i < length; i += 1) this.#keys[at + i] = words[i] as number;
    this.#entries[entry + HASH] = hash;
  }

  #putBucket(entry: number): void {
    // An entry that was turned round is found by two keys.
    if (this.#count * 4 > this.#buckets.length) this.#rehash();
    const mask = this.#buckets.length - 1;
    let slot = (this.#entries[entry + HASH] as number) & mask;
    while (this.#buckets[slot] !== NONE && this.#buckets[slot] !== entry) slot = (slot + 1) & mask;
    this.#buckets[slot] = entry;
  }

  #rehash(): void {
    const entries = this.#buckets.filter((entry) => entry !== NONE);
    this.#buckets = new Int32Array(this.#buckets.length * 2).fill(NONE);
    const mask = this.#buckets.length - 1;
    for (const entry of entries) {
      let slot = (this.#entries[entry + HASH] as number) & mask;
      while (this.#buckets[slot] !== NONE) slot = (slot + 1) & mask;
      this.#buckets[slot] = entry;
    }
  }

  #link(entry: number): void {
    this.#entries[entry + BEFORE] = this.#last;
    this.#entries[entry + AFTER] = NONE;
    if (this.#last === NONE) this.#first = entry;
    else this.#entries[this.#last + AFTER] = entry;
    this.#last = entry;
  }

  /** Moves an entry to the end of the queue. */
  #touch(entry: number): void {
    if (entry === this.#last) return;
    const before = this.#entries[entry + BEFORE] as number;
    const after = this.#entries[entry + AFTER] as number;
    if (before === NONE) this.#first = after;
    else this.#entries[before + AFTER] = after;
    this.#entries[after + BEFORE] = before;
    this.#link(entry);
  }

  /** The entry of the pair that this record is from the other end of; one of the two is turned round then. */
  #findReverse(record: FlowRecord): number {
    if (!canReverse(record)) return NONE;
    const turn = this.#isTuple ? reverseKey : reverseRecord;
    turn(record);
    this.#key.read(record, this.#options.spec);
    const entry = this.#find();
    if (entry === NONE && isEcho(record)) {
      this.#readEcho(record);
      const asked = this.#find();
      if (asked !== NONE) {
        if (this.#isTuple) reverseValues(record);
        forgetDirection(record);
        return asked;
      }
    }
    turn(record);
    if (entry !== NONE) return this.#settled(record, entry);
    this.#key.read(record, this.#options.spec);
    return NONE;
  }

  /** The key of the question that an echo reply answers, and the reverse. */
  #readEcho(record: FlowRecord): void {
    const type = record.get(KEY_ICMP_TYPE);
    record.set(KEY_ICMP_TYPE, type === ECHO ? ECHO_REPLY : ECHO);
    this.#key.read(record, this.#options.spec);
    record.set(KEY_ICMP_TYPE, type);
  }

  /** Decides which of both keeps its direction. */
  #settled(record: FlowRecord, entry: number): number {
    this.#key.read(record, this.#options.spec);
    const found = this.store.at(this.#scratch, this.#entries[entry + RECORD] as number);
    const decision = winner(record, found);
    if (decision === 'neither') return NONE;
    if (decision === 'found') {
      reverseRecord(record);
      forgetDirection(record);
      return entry;
    }
    reverseRecord(found);
    forgetDirection(found);
    // The entry is found by its new direction from now on; its old key leads to it too, which does no harm.
    this.#putKey(entry);
    this.#putBucket(entry);
    return entry;
  }
}

function enlarged<T extends { readonly length: number; set(from: T): void }>(
  array: T,
  make: new (length: number) => T,
): T {
  const larger = new make(array.length * 2);
  larger.set(array);
  return larger;
}

function canReverse(record: FlowRecord): boolean {
  if (!record.has(HAS_FLOW)) return false;
  const type = record.get(FLOW_TYPE);
  const protocol = record.get(PROTOCOL);
  // Of IPv6, ra exchanges addresses but not ports, so nothing is found.
  if (type === FLOW_IPV6) return protocol !== ESP && protocol !== TCP && protocol !== UDP;
  return type !== FLOW_IPV4 || protocol !== ESP;
}

function isEcho(record: FlowRecord): boolean {
  const type = record.get(KEY_ICMP_TYPE);
  return record.get(FLOW_TYPE) === FLOW_IPV4 && record.get(PROTOCOL) === ICMP && (type === ECHO || type === ECHO_REPLY);
}

/** The side that began: who sent the SYN, else who came first. */
function winner(record: FlowRecord, found: FlowRecord): 'record' | 'found' | 'neither' {
  if (record.get(PROTOCOL) === TCP && record.has(HAS_FLOW)) {
    if (!hasTcpState(record) || !hasTcpState(found)) return 'found';
    const status = record.get(TCP_STATUS);
    if (status & SAW_SYN && found.get(TCP_STATUS) & SAW_SYN) return 'neither';
    const isBeginner =
      (status & SAW_SYN) !== 0 || (status & (SAW_SYN_ACK | ESTABLISHED)) === (SAW_SYN_ACK | ESTABLISHED);
    return isBeginner ? 'record' : 'found';
  }
  return startOf(found) > startOf(record) ? 'record' : 'found';
}

function startOf(record: FlowRecord): number {
  return record.get(START_S) + record.get(START_S + 1) / 1e9;
}

function forgetDirection(record: FlowRecord): void {
  record.set(FLOW_FLAGS, (record.get(FLOW_FLAGS) & ~(FLOWFLAG_REVERSED | FLOWFLAG_DIRECTION)) >>> 0);
}

/** The smaller address as source. */
function smallerFirst(record: FlowRecord): void {
  if (!record.has(HAS_FLOW)) return;
  const type = record.get(FLOW_TYPE);
  const count = type === FLOW_IPV4 ? 1 : type === FLOW_IPV6 ? 4 : 0;
  // Of IPv6 ra compares words as they lie in memory.
  const ordered = type === FLOW_IPV4 ? swapped : (word: number) => word;
  for (let i = 0; i < count; i += 1) {
    const source = ordered(record.get(SOURCE_ADDRESS + i));
    const destination = ordered(record.get(DESTINATION_ADDRESS + i));
    if (source < destination) break;
    if (source === destination) continue;
    reverseRecord(record);
    break;
  }
  forgetDirection(record);
}
