/** Addresses as filters write them. */
import { addressBytes } from '../../decode/address.ts';

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
  const bytes = addressBytes(text);
  if (bytes?.length !== 16) return null;
  const view = new DataView(bytes.buffer);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
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
