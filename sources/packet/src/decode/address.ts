/** Addresses as people write them. */
import { isIP } from 'node:net';

/** @param bytes 4 of IPv4 or 16 of IPv6 */
export function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes);
}

/** @see RFC 5952: lower case, the longest run of at least two zero groups as `::` */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.start < 0) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

/** @returns 4 or 16 bytes in network order; undefined for what is no address, and for one with a zone */
export function addressBytes(text: string): Uint8Array | undefined {
  const version = isIP(text);
  if (version === 4) return Uint8Array.from(text.split('.'), Number);
  if (version !== 6 || text.includes('%')) return undefined;
  const [head = '', tail = ''] = text.split('::');
  const end = groupBytes(tail);
  const bytes = new Uint8Array(16);
  bytes.set(groupBytes(head));
  bytes.set(end, bytes.length - end.length);
  return bytes;
}

/** @param text groups of a valid address, the last perhaps dotted */
function groupBytes(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 0xff];
  });
}
