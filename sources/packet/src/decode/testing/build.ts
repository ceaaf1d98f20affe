/** Packets made for tests: raw IPv4 and IPv6, with checksums that hold. */
import { addressBytes } from '../address.ts';

export const rawLinkType = 101;

export interface Segment {
  readonly from?: string;
  readonly to?: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly sequence: number;
  readonly acknowledgement?: number;
  /** Letters of S, F, R, P, A. */
  readonly flags?: string;
  readonly window?: number;
  readonly options?: readonly number[];
  readonly data?: string | Uint8Array;
}

const FLAG_BITS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

/** @returns a frame of link type {@link rawLinkType} */
export function tcpFrame(segment: Segment): Uint8Array {
  const options = Buffer.from(segment.options ?? []);
  const data = Buffer.from(segment.data ?? '');
  const header = Buffer.alloc(20);
  header.writeUInt16BE(segment.fromPort ?? 1000, 0);
  header.writeUInt16BE(segment.toPort ?? 80, 2);
  header.writeUInt32BE(segment.sequence >>> 0, 4);
  header.writeUInt32BE((segment.acknowledgement ?? 0) >>> 0, 8);
  header[12] = ((20 + options.length) / 4) << 4;
  header[13] = [...(segment.flags ?? 'A')].reduce((bits, letter) => bits | FLAG_BITS[letter]!, 0);
  header.writeUInt16BE(segment.window ?? 65_535, 14);
  return ipv4Frame({
    from: segment.from ?? '10.0.0.1',
    to: segment.to ?? '10.0.0.2',
    protocol: 6,
    payload: Buffer.concat([header, options, data]),
    checksumAt: 16,
  });
}

export interface Ipv4 {
  readonly from?: string;
  readonly to?: string;
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly id?: number;
  readonly fragmentOffset?: number;
  readonly more?: boolean;
  readonly options?: readonly number[];
  /** Where in the payload a checksum with a pseudo-header belongs. */
  readonly checksumAt?: number;
}

export function ipv4Frame(packet: Ipv4): Uint8Array {
  const options = Buffer.from(packet.options ?? []);
  const header = Buffer.concat([Buffer.alloc(20), options]);
  const payload = Buffer.from(packet.payload);
  header[0] = 0x40 | (header.length / 4);
  header.writeUInt16BE(header.length + payload.length, 2);
  header.writeUInt16BE(packet.id ?? 1, 4);
  header.writeUInt16BE(((packet.fragmentOffset ?? 0) >> 3) | (packet.more ? 0x2000 : 0), 6);
  header[8] = 64;
  header[9] = packet.protocol;
  header.set(addressBytes(packet.from ?? '10.0.0.1')!, 12);
  header.set(addressBytes(packet.to ?? '10.0.0.2')!, 16);
  header.writeUInt16BE(checksum(header), 10);
  if (packet.checksumAt !== undefined) {
    const pseudo = Buffer.alloc(12);
    header.copy(pseudo, 0, 12, 20);
    pseudo[9] = packet.protocol;
    pseudo.writeUInt16BE(payload.length, 10);
    payload.writeUInt16BE(checksum(Buffer.concat([pseudo, payload])), packet.checksumAt);
  }
  return Buffer.concat([header, payload]);
}

/** An IPv6 fragment from 2001:db8::1 to 2001:db8::2. */
export function ipv6Fragment(id: number, offset: number, more: boolean, payload: Uint8Array, next = 17): Uint8Array {
  const header = Buffer.alloc(48);
  header[0] = 0x60;
  header.writeUInt16BE(8 + payload.length, 4);
  header[6] = 44;
  header[7] = 64;
  header.set(Buffer.from('20010db8000000000000000000000001', 'hex'), 8);
  header.set(Buffer.from('20010db8000000000000000000000002', 'hex'), 24);
  header[40] = next;
  header.writeUInt16BE(offset | (more ? 1 : 0), 42);
  header.writeUInt32BE(id, 44);
  return Buffer.concat([header, payload]);
}

export function udpPayload(data: Uint8Array, fromPort = 1000, toPort = 2000): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(fromPort, 0);
  header.writeUInt16BE(toPort, 2);
  header.writeUInt16BE(8 + data.length, 4);
  return Buffer.concat([header, data]);
}

/** @see RFC 1071 */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
