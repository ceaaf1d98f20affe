/** Addresses as text, from the bytes of a record. */
import type { Cell } from './cell.ts';

const COLON = 58;
const DOT = 46;

export function writeIpv4(cell: Cell, bytes: Uint8Array, at: number): void {
  cell.whole(bytes[at] as number);
  cell.byte(DOT);
  cell.whole(bytes[at + 1] as number);
  cell.byte(DOT);
  cell.whole(bytes[at + 2] as number);
  cell.byte(DOT);
  cell.whole(bytes[at + 3] as number);
}

/** RFC 5952, as inet_ntop writes it: the longest run of zero groups shortened, IPv4 tails dotted. */
export function writeIpv6(cell: Cell, bytes: Uint8Array, at: number): void {
  let bestAt = -1;
  let bestCount = 1;
  let runAt = -1;
  for (let group = 0; group <= 8; group += 1) {
    const isZero = group < 8 && bytes[at + group * 2] === 0 && bytes[at + group * 2 + 1] === 0;
    if (isZero && runAt < 0) runAt = group;
    if (isZero || runAt < 0) continue;
    if (group - runAt > bestCount) {
      bestAt = runAt;
      bestCount = group - runAt;
    }
    runAt = -1;
  }
  for (let group = 0; group < 8; group += 1) {
    if (group >= bestAt && group < bestAt + bestCount && bestAt >= 0) {
      if (group === bestAt) cell.byte(COLON);
      continue;
    }
    if (group > 0) cell.byte(COLON);
    const value = ((bytes[at + group * 2] as number) << 8) | (bytes[at + group * 2 + 1] as number);
    const isMapped = bestAt === 0 && (bestCount === 6 || (bestCount === 5 && readGroup(bytes, at, 5) === 0xffff));
    if (group === 6 && isMapped) {
      writeIpv4(cell, bytes, at + 12);
      return;
    }
    cell.hex(value, 1);
  }
  if (bestAt >= 0 && bestAt + bestCount === 8) cell.byte(COLON);
}

function readGroup(bytes: Uint8Array, at: number, group: number): number {
  return ((bytes[at + group * 2] as number) << 8) | (bytes[at + group * 2 + 1] as number);
}

export function writeMac(cell: Cell, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 6; i += 1) {
    if (i > 0) cell.byte(COLON);
    cell.hex(bytes[at + i] as number, 2);
  }
}
