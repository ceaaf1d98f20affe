/** Chunks of one size out of the arena, up to a limit, given back in any order. */
import { allocate } from './arena';

// A pool.
const FREE = 0;
const CHUNK_BYTES = 4;
const LEFT = 8;
const USED = 12;
const POOL_BYTES: u32 = 16;

/** @returns the pool's address, 0 without memory */
export function makePool(chunkBytes: u32, maxChunks: u32): usize {
  const pool = allocate(POOL_BYTES);
  if (pool == 0) return 0;
  store<u32>(pool, 0, FREE);
  store<u32>(pool, chunkBytes, CHUNK_BYTES);
  store<u32>(pool, maxChunks, LEFT);
  store<u32>(pool, 0, USED);
  return pool;
}

/** @returns a chunk with any content, 0 when all are taken */
export function take(pool: usize): usize {
  let chunk = <usize>load<u32>(pool, FREE);
  if (chunk != 0) {
    store<u32>(pool, load<u32>(chunk), FREE);
  } else {
    const left = load<u32>(pool, LEFT);
    if (left == 0) return 0;
    chunk = allocate(load<u32>(pool, CHUNK_BYTES));
    if (chunk == 0) return 0;
    store<u32>(pool, left - 1, LEFT);
  }
  store<u32>(pool, load<u32>(pool, USED) + 1, USED);
  return chunk;
}

export function give(pool: usize, chunk: usize): void {
  store<u32>(chunk, load<u32>(pool, FREE));
  store<u32>(pool, <u32>chunk, FREE);
  store<u32>(pool, load<u32>(pool, USED) - 1, USED);
}

export function usedChunks(pool: usize): u32 {
  return load<u32>(pool, USED);
}
