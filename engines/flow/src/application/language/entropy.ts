/** Shannon's entropy of bytes: 0 for one byte repeated, 8 for random ones. */

/** Bytes that are looked at in each direction. */
export const ENTROPY_BYTES = 2048;

/** n * log2(n) of every count that there can be. */
const LOGS = Float64Array.from({ length: ENTROPY_BYTES + 1 }, (_, count) => (count < 2 ? 0 : count * Math.log2(count)));

const counts = new Uint16Array(256);

/** @returns bits a byte over the first ENTROPY_BYTES; null of nothing */
export function entropy(bytes: Uint8Array): number | null {
  const total = Math.min(bytes.length, ENTROPY_BYTES);
  if (total === 0) return null;
  counts.fill(0);
  for (let index = 0; index < total; index++) counts[bytes[index] as number]! += 1;
  let sum = 0;
  for (let value = 0; value < 256; value++) sum += LOGS[counts[value] as number] as number;
  return Math.max(0, Math.log2(total) - sum / total);
}
