/**
 * Records on their way to TypeScript: RECORD_BYTES each, in the order of sending, and the bytes that they point at.
 * Work that sends many stops when the outbox is nearly full and goes on when it has been emptied.
 */
import { allocate } from '../../../../sources/packet/assembly/arena';
import { RECORD_BYTES } from '../../src/record/layout';

const RECORDS: u32 = 1024;
/** Places kept free for what one packet may send besides. */
const RESERVE: u32 = 256;
const DATA_BYTES: u32 = 4194304;
const DATA_RESERVE: u32 = 1048576;

let records: usize = 0;
let data: usize = 0;
let dataUsed: u32 = 0;
/** Records waiting. */
export let waiting: u32 = 0;
/** Records for which there was no place; bytes of user data for which there was none. */
export let recordsLost: u32 = 0;
export let dataLost: u32 = 0;

/** @returns false when memory is full */
export function initOutbox(): bool {
  records = allocate(RECORDS * RECORD_BYTES);
  return records != 0;
}

export function recordsAt(): usize {
  return records;
}

export function isNearlyFull(): bool {
  return waiting >= RECORDS - RESERVE || dataUsed >= DATA_BYTES - DATA_RESERVE;
}

export function emptyOutbox(): void {
  waiting = 0;
  dataUsed = 0;
}

/** @returns the address of a zeroed record, 0 if there is no place */
export function nextRecord(): usize {
  if (waiting == RECORDS) {
    recordsLost++;
    return 0;
  }
  const record = records + <usize>(waiting * RECORD_BYTES);
  memory.fill(record, 0, RECORD_BYTES);
  waiting++;
  return record;
}

/** Keeps bytes until the outbox is emptied. @returns where, 0 if there is no place */
export function keepData(from: usize, bytes: u32): usize {
  if (data == 0) data = allocate(DATA_BYTES);
  if (data == 0 || bytes > DATA_BYTES - dataUsed) {
    dataLost += bytes;
    return 0;
  }
  const at = data + <usize>dataUsed;
  memory.copy(at, from, bytes);
  dataUsed += (bytes + 3) & ~3;
  return at;
}
