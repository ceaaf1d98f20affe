/** Lists of the ranges of a datagram that fragments have brought. */
import { BLOCK_RANGE } from '../table/blocks';
import { giveBlock, takeBlock } from '../table/memory';
import { FRAGMENT_RANGE, RANGE_END, RANGE_NEXT, RANGE_START } from './fragment-state';

/** Gives back all ranges but the first, which is part of the state. */
export function giveRanges(part: usize): void {
  const first = part + FRAGMENT_RANGE;
  let range = <usize>load<u32>(first, RANGE_NEXT);
  while (range != 0) {
    const next = <usize>load<u32>(range, RANGE_NEXT);
    giveBlock(BLOCK_RANGE, range);
    range = next;
  }
  store<u32>(first, 0, RANGE_NEXT);
}

/** Puts a range at the end of the list. */
export function appendRange(part: usize, start: i32, end: i32): void {
  const range = takeBlock(BLOCK_RANGE);
  if (range == 0) return;
  store<i32>(range, start, RANGE_START);
  store<i32>(range, end, RANGE_END);
  let last = part + FRAGMENT_RANGE;
  while (load<u32>(last, RANGE_NEXT) != 0) last = <usize>load<u32>(last, RANGE_NEXT);
  store<u32>(last, <u32>range, RANGE_NEXT);
}

/** Takes the range behind another off the list. */
export function dropNext(range: usize): void {
  const next = <usize>load<u32>(range, RANGE_NEXT);
  if (next == 0) return;
  store<u32>(range, load<u32>(next, RANGE_NEXT), RANGE_NEXT);
  giveBlock(BLOCK_RANGE, next);
}
