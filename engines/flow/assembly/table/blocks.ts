/** The kinds of blocks that the table uses: what its memory is made of. */
import { FLOW_BYTES } from '../flow';
import { EXTRA_BYTES } from '../extra';
import { MAX_KEY_WORDS } from '../key';
import { defineBlocks } from './memory';

export const BLOCK_FLOW: u32 = 0;
export const BLOCK_EXTRA: u32 = 1;
export const BLOCK_KEY: u32 = 2;
export const BLOCK_QUEUE: u32 = 3;
export const BLOCK_RANGE: u32 = 4;
export const BLOCK_KEYSTROKES: u32 = 5;
export const BLOCK_UDT: u32 = 6;
export const BLOCK_DATA: u32 = 7;
export const BLOCK_CONTROL_DATA: u32 = 8;

export const QUEUE_BYTES: u32 = 16;
export const RANGE_BYTES: u32 = 16;
export const KEYSTROKES_BYTES: u32 = 304;
export const UDT_BYTES: u32 = 192;
/** What Argus asks for when all is to be kept. */
export const CONTROL_DATA_BYTES: u32 = 65535;

/** @param dataBytes of a piece of user data */
export function defineAll(dataBytes: u32): void {
  defineBlocks(BLOCK_FLOW, FLOW_BYTES);
  defineBlocks(BLOCK_EXTRA, EXTRA_BYTES);
  defineBlocks(BLOCK_KEY, MAX_KEY_WORDS * 4);
  defineBlocks(BLOCK_QUEUE, QUEUE_BYTES);
  defineBlocks(BLOCK_RANGE, RANGE_BYTES);
  defineBlocks(BLOCK_KEYSTROKES, KEYSTROKES_BYTES);
  defineBlocks(BLOCK_UDT, UDT_BYTES);
  defineBlocks(BLOCK_DATA, (dataBytes + 15) & ~15);
  defineBlocks(BLOCK_CONTROL_DATA, CONTROL_DATA_BYTES + 1);
}
