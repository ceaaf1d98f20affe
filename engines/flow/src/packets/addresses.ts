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

/** An address's bytes. @returns undefined if it is none */
export function addressBytes(text: string): Uint8Array | undefined {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (four !== null) {
    const bytes = four.slice(1).map(Number);
    return bytes.every((byte) => byte < 256) ? Uint8Array.from(bytes) : undefined;
  }
  return ipv6Bytes(text);
}

function ipv6Bytes(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f:.]{2,45}$/i.test(text)) return undefined;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const four = tail === null ? undefined : addressBytes(tail[2] as string);
  if (tail !== null && four === undefined) return undefined;
  const hex = four === undefined ? text : `${tail?.[1]}${group(four, 0)}:${group(four, 2)}`;
  const halves = hex.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!groups.every((each) => /^[0-9a-f]{1,4}$/i.test(each))) return undefined;
  return Uint8Array.from(groups.flatMap((each) => [Number.parseInt(each, 16) >>> 8, Number.parseInt(each, 16) & 255]));
}

function group(bytes: Uint8Array, at: number): string {
  return (((bytes[at] as number) << 8) | (bytes[at + 1] as number)).toString(16);
}
