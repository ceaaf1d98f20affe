/** Blocks of fixed sizes that are given back: free lists over pieces of the arena. What is asked for is zeroed. */
import { allocate } from '../../../../sources/packet/assembly/arena';

/** Bytes taken from the arena at once: a part of what a class has, as each growth of memory costs a millisecond. */
const PIECE_BYTES_MIN: u32 = 262144;
const PIECE_BYTES_MAX: u32 = 4194304;
const PIECE_PART: u32 = 8;
const CLASSES: u32 = 16;

// Of each class, u32 each: bytes of a block, first free block, next new block, end of the piece, blocks in use.
const CLASS_BYTES = 0;
const CLASS_FREE = 4;
const CLASS_NEXT = 8;
const CLASS_END = 12;
const CLASS_USED = 16;
const CLASS_SIZE: u32 = 20;

const classes: usize = memory.data(CLASS_SIZE * CLASSES, 4);

/** What memory did not give. */
export let refusals: u32 = 0;

/** @param bytes a multiple of 16, or of 64 for blocks on lines of their own */
export function defineBlocks(blockClass: u32, bytes: u32): void {
  store<u32>(classAt(blockClass), bytes, CLASS_BYTES);
}

/** @returns an address, or 0 when memory is full */
export function takeBlock(blockClass: u32): usize {
  const pool = classAt(blockClass);
  const bytes = load<u32>(pool, CLASS_BYTES);
  let block = <usize>load<u32>(pool, CLASS_FREE);
  if (block != 0) {
    store<u32>(pool, load<u32>(block), CLASS_FREE);
    memory.fill(block, 0, bytes);
  } else {
    block = <usize>load<u32>(pool, CLASS_NEXT);
    if (block == 0 || block + bytes > <usize>load<u32>(pool, CLASS_END)) {
      block = newPiece(pool, bytes);
      if (block == 0) {
        refusals++;
        return 0;
      }
    }
    store<u32>(pool, <u32>block + bytes, CLASS_NEXT);
  }
  store<u32>(pool, load<u32>(pool, CLASS_USED) + 1, CLASS_USED);
  return block;
}

export function giveBlock(blockClass: u32, block: usize): void {
  const pool = classAt(blockClass);
  store<u32>(block, load<u32>(pool, CLASS_FREE));
  store<u32>(pool, <u32>block, CLASS_FREE);
  store<u32>(pool, load<u32>(pool, CLASS_USED) - 1, CLASS_USED);
}

/** Makes free blocks of memory that served something else. */
export function giveRoom(blockClass: u32, room: usize, roomBytes: u32): void {
  const pool = classAt(blockClass);
  const bytes = load<u32>(pool, CLASS_BYTES);
  for (let block = (room + 63) & ~63; block + bytes <= room + roomBytes; block += bytes) {
    store<u32>(block, load<u32>(pool, CLASS_FREE));
    store<u32>(pool, <u32>block, CLASS_FREE);
  }
}

export function blocksUsed(blockClass: u32): u32 {
  return load<u32>(classAt(blockClass), CLASS_USED);
}

function newPiece(pool: usize, bytes: u32): usize {
  const part = (load<u32>(pool, CLASS_USED) / PIECE_PART) * bytes;
  const pieceBytes = min(max(part, PIECE_BYTES_MIN), PIECE_BYTES_MAX);
  const piece = allocate(pieceBytes + 64);
  if (piece == 0) return 0;
  const first = (piece + 63) & ~63;
  store<u32>(pool, <u32>first + (pieceBytes / bytes) * bytes, CLASS_END);
  return first;
}

function classAt(blockClass: u32): usize {
  return classes + <usize>(blockClass * CLASS_SIZE);
}
