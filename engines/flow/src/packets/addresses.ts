/** Which addresses a chunk of packets may hold: a Bloom filter, so that a search opens few of them. */

/** About 1,000 addresses with one false answer in fifty. */
export const FILTER_BYTES = 1024;
const HASHES = 4;

/** @param address 4 or 16 bytes */
export function addAddress(filter: Uint8Array, address: Uint8Array): void {
  const first = hash(address, 0x811c9dc5);
  const second = hash(address, 0x9e3779b9) | 1;
  for (let index = 0; index < HASHES; index++) {
    const bit = ((first + index * second) >>> 0) % (FILTER_BYTES * 8);
    filter[bit >>> 3] = (filter[bit >>> 3] as number) | (1 << (bit & 7));
  }
}

export function mayHold(filter: Uint8Array, address: Uint8Array): boolean {
  const first = hash(address, 0x811c9dc5);
  const second = hash(address, 0x9e3779b9) | 1;
  for (let index = 0; index < HASHES; index++) {
    const bit = ((first + index * second) >>> 0) % (FILTER_BYTES * 8);
    if (((filter[bit >>> 3] as number) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

/** FNV-1a, mixed at the end: neighbours differ in many bits. */
function hash(bytes: Uint8Array, seed: number): number {
  let value = seed;
  for (let index = 0; index < bytes.length; index++) value = Math.imul(value ^ (bytes[index] as number), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
