/**
 * The one owner of linear memory: a bump allocator above the static data. What is taken is kept for the module's life;
 * who needs to give back takes a block once and keeps a free list in it.
 */
import { ARENA_ALIGN, PAGE_BYTES } from './limits';

let top: usize = (__heap_base + (ARENA_ALIGN - 1)) & ~(ARENA_ALIGN - 1);

/** @returns an address aligned to 16 bytes, zeroed, or 0 when memory has reached its end */
export function allocate(bytes: u32): usize {
  const start = top;
  const end = <u64>start + <u64>((<u64>bytes + (ARENA_ALIGN - 1)) & ~(<u64>ARENA_ALIGN - 1));
  const have = <u64>memory.size() * PAGE_BYTES;
  if (end > have) {
    const pages = (end - have + (PAGE_BYTES - 1)) / PAGE_BYTES;
    if (end > 0xfffffff0 || memory.grow(<i32>pages) < 0) return 0;
  }
  top = <usize>end;
  return start;
}

/** Bytes taken so far, static data included. */
export function allocatedBytes(): u32 {
  return <u32>top;
}
