/** Addresses out of text. */
import { addressBytes } from '@undercroft/packet';

/** @returns the number that an IPv4 or IPv6 address is, or null */
export function addressNumber(text: string): bigint | null {
  const bytes = addressBytes(text);
  return bytes === undefined ? null : bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
