/** Addresses as filters write them. */

/** 16 bytes as four big-endian words. */
export type Words = readonly [number, number, number, number];

/**
 * Dotted parts, at least one, as `net` takes them: `10.1` is two bytes.
 *
 * @returns the bits given, left justified, and how many they are; null if it is no address
 */
export function parseIpv4Part(text: string): { readonly address: number; readonly bits: number } | null {
  if (!/^[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}$/.test(text)) return null;
  const parts = text.split('.').map(Number);
  if (parts.some((part) => part > 255)) return null;
  const padded = [...parts, 0, 0, 0].slice(0, 4) as [number, number, number, number];
  const address = ((padded[0] << 24) | (padded[1] << 16) | (padded[2] << 8) | padded[3]) >>> 0;
  return { address, bits: parts.length * 8 };
}

/** @returns null if it is no IPv6 address */
export function parseIpv6(text: string): Words | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0]!);
  const tail = halves.length === 2 ? groupsOf(halves[1]!) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const word = (index: number) => ((groups[index]! << 16) | groups[index + 1]!) >>> 0;
  return [word(0), word(2), word(4), word(6)];
}

function groupsOf(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    if (index !== parts.length - 1 || !/^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$/.test(part)) return null;
    const address = parseIpv4Part(part)?.address;
    if (address === undefined) return null;
    groups.push(address >>> 16, address & 0xffff);
  }
  return groups;
}

/** @returns the upper two and the lower four bytes */
export function parseMac(text: string): { readonly high: number; readonly low: number } {
  const parts = /^[0-9A-Fa-f]{12}$|^(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}$/.test(text)
    ? text.replaceAll('.', '').match(/../g)!
    : text.split(/[:.-]/);
  const bytes = parts.map((part) => Number.parseInt(part, 16));
  const low = ((bytes[2]! << 24) | (bytes[3]! << 16) | (bytes[4]! << 8) | bytes[5]!) >>> 0;
  return { high: (bytes[0]! << 8) | bytes[1]!, low };
}

/** Mask of the first `bits` of 32. */
export function maskOf(bits: number): number {
  return bits <= 0 ? 0 : (0xffff_ffff << (32 - Math.min(bits, 32))) >>> 0;
}
