/** What the kernel tells a program at its start: page size and clock ticks. */
import { readFileSync } from 'node:fs';

const AT_PAGESZ = 6;
const AT_CLKTCK = 17;

export interface SystemUnits {
  readonly pageBytes: number;
  readonly ticksPerSecond: number;
}

/** @see getauxval(3) */
export function parseAuxv(bytes: Uint8Array): SystemUnits {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let pageBytes = 4096;
  let ticksPerSecond = 100;
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const type = view.getBigUint64(at, true);
    const value = Number(view.getBigUint64(at + 8, true));
    if (type === BigInt(AT_PAGESZ) && value > 0) pageBytes = value;
    if (type === BigInt(AT_CLKTCK) && value > 0) ticksPerSecond = value;
  }
  return { pageBytes, ticksPerSecond };
}

/** @returns 4096 and 100, which all current builds use, where it cannot be read */
export function systemUnits(procRoot = '/proc'): SystemUnits {
  try {
    return parseAuxv(readFileSync(`${procRoot}/self/auxv`));
  } catch {
    return { pageBytes: 4096, ticksPerSecond: 100 };
  }
}
