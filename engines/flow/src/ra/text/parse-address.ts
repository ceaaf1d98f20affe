/** Addresses out of text. */
import { isIP } from 'node:net';

/** @returns the number that an IPv4 or IPv6 address is, or null */
export function addressNumber(text: string): bigint | null {
  const version = isIP(text);
  if (version === 0 || text.includes('%')) return null;
  if (version === 4) return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const plain = text.replace(/^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, head: string, ...parts: string[]) => {
    const [a, b, c, d] = parts.map(Number) as [number, number, number, number];
    return `${head}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const first = head === '' ? [] : head.split(':');
  const second = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(8 - first.length - second.length).fill('0');
  return [...first, ...zeros, ...second].reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n);
}
