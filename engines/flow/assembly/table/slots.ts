/**
 * Finds flows by their keys: open addressing over words that hold a flow's address (its last six bits are free, being
 * aligned) and six bits of its hash. Removal moves later entries up, so there are no graves.
 */
import { allocate } from '../../../../sources/packet/assembly/arena';
import { HASH, INLINE_KEY_WORDS, KEY, KEY_COUNT, KEY_HEAD } from '../flow';
import * as key from '../key';
import { BLOCK_FLOW, BLOCK_KEY } from './blocks';
import { giveBlock, giveRoom, takeBlock } from './memory';
import { giveExtra } from '../extra';

const FIRST_SLOTS: u32 = 8192;
const TAG_MASK: u32 = 63;
const NUMERATOR: u32 = 3;
const DENOMINATOR: u32 = 4;

let table: usize = 0;
let mask: u32 = 0;
/** Written only so that the compiler does not leave the reads of `fetch` out. */
const fetched: usize = memory.data(1);
/** Flows in the table. */
export let flows: u32 = 0;
/** The most there were. */
export let flowsMost: u32 = 0;

/** @returns false when memory is full */
export function initSlots(): bool {
  table = allocate(FIRST_SLOTS * 4);
  mask = FIRST_SLOTS - 1;
  return table != 0;
}

/** The flow of the key at hand, 0 if there is none. */
export function find(): usize {
  const hash = key.hash;
  const tag = hash >> 26;
  let slot = hash & mask;
  while (true) {
    const entry = load<u32>(table + <usize>(slot << 2));
    if (entry == 0) return 0;
    if ((entry & TAG_MASK) == tag) {
      const flow = <usize>(entry & ~TAG_MASK);
      if (load<u32>(flow, HASH) == hash && isSame(flow)) {
        fetch(flow);
        return flow;
      }
    }
    slot = (slot + 1) & mask;
  }
}

/** Reads of all the flow's cache lines at once: they come in parallel, not one by one as the fields are needed. */
function fetch(flow: usize): void {
  const first = load<u8>(flow, 64) ^ load<u8>(flow, 128) ^ load<u8>(flow, 192);
  store<u8>(fetched, first ^ load<u8>(flow, 256) ^ load<u8>(flow, 320));
}

function isSame(flow: usize): bool {
  const count = key.count;
  if (<u32>load<u8>(flow, KEY_COUNT) != count) return false;
  const own = count > INLINE_KEY_WORDS ? <usize>load<u32>(flow, KEY) : flow + KEY;
  for (let offset: u32 = 0; offset < count << 2; offset += 4) {
    if (load<u32>(own + offset) != load<u32>(key.words + offset)) return false;
  }
  return true;
}

/** Makes a flow of the key at hand and lists it. @returns 0 when memory is full */
export function add(): usize {
  if (flows >= ((mask + 1) / DENOMINATOR) * NUMERATOR && !grow()) return 0;
  const flow = takeBlock(BLOCK_FLOW);
  if (flow == 0) return 0;
  let own = flow + KEY;
  if (key.count > INLINE_KEY_WORDS) {
    own = takeBlock(BLOCK_KEY);
    if (own == 0) {
      giveBlock(BLOCK_FLOW, flow);
      return 0;
    }
    store<u32>(flow, <u32>own, KEY);
  }
  memory.copy(own, key.words, key.count << 2);
  store<u32>(flow, load<u32>(key.head), KEY_HEAD);
  store<u8>(flow, key.count, KEY_COUNT);
  store<u32>(flow, key.hash, HASH);
  list(flow, key.hash);
  flows++;
  if (flows > flowsMost) flowsMost = flows;
  return flow;
}

/** Takes a flow off the list and gives all its memory back. */
export function remove(flow: usize): void {
  unlist(flow);
  flows--;
  giveExtra(flow);
  if (<u32>load<u8>(flow, KEY_COUNT) > INLINE_KEY_WORDS) giveBlock(BLOCK_KEY, <usize>load<u32>(flow, KEY));
  giveBlock(BLOCK_FLOW, flow);
}

function list(flow: usize, hash: u32): void {
  let slot = hash & mask;
  while (load<u32>(table + <usize>(slot << 2)) != 0) slot = (slot + 1) & mask;
  store<u32>(table + <usize>(slot << 2), <u32>flow | (hash >> 26));
}

function unlist(flow: usize): void {
  let slot = load<u32>(flow, HASH) & mask;
  while (true) {
    const entry = load<u32>(table + <usize>(slot << 2));
    if (entry == 0) return;
    if ((entry & ~TAG_MASK) == <u32>flow) break;
    slot = (slot + 1) & mask;
  }
  let next = slot;
  while (true) {
    next = (next + 1) & mask;
    const entry = load<u32>(table + <usize>(next << 2));
    if (entry == 0) break;
    const home = load<u32>(<usize>(entry & ~TAG_MASK), HASH) & mask;
    // It may move up unless its home lies behind the gap.
    if (((next - home) & mask) >= ((next - slot) & mask)) {
      store<u32>(table + <usize>(slot << 2), entry);
      slot = next;
    }
  }
  store<u32>(table + <usize>(slot << 2), 0);
}

/** Doubles the table. The old one's place goes to the flows. */
function grow(): bool {
  const old = table;
  const oldSlots = mask + 1;
  const next = allocate(oldSlots * 8);
  if (next == 0) return false;
  table = next;
  mask = oldSlots * 2 - 1;
  for (let slot: u32 = 0; slot < oldSlots; slot++) {
    const entry = load<u32>(old + <usize>(slot << 2));
    if (entry != 0) list(<usize>(entry & ~TAG_MASK), load<u32>(<usize>(entry & ~TAG_MASK), HASH));
  }
  giveRoom(BLOCK_FLOW, old, oldSlots * 4);
  return true;
}
