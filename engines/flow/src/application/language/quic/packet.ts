/** Long headers of QUIC packets, as far as they are in clear. */
import { Reader } from '../reader.ts';
import { isQuicVersion, quicVersion } from './versions.ts';

const LONG = 0x80;
const FIXED = 0x40;
const MAX_CONNECTION_ID_BYTES = 20;
const MAX_PACKETS = 8;

export interface InitialPacket {
  readonly version: number;
  readonly destinationId: Uint8Array;
  /** Where the packet begins, its packet number, and behind it. */
  readonly start: number;
  readonly number: number;
  readonly end: number;
}

/** Does a datagram begin with a long header of a known version, or offer versions? */
export function isQuic(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  if (bytes.length < 7 || (first & LONG) === 0) return false;
  const version = new Reader(bytes, 1).u32();
  const idBytes = bytes[5] as number;
  if (version === 0) {
    const sourceBytes = bytes[6 + idBytes] ?? 255;
    return (
      idBytes <= MAX_CONNECTION_ID_BYTES &&
      sourceBytes <= MAX_CONNECTION_ID_BYTES &&
      bytes.length >= 11 + idBytes + sourceBytes &&
      (bytes.length - 7 - idBytes - sourceBytes) % 4 === 0 &&
      isQuicVersion(new Reader(bytes, 7 + idBytes + sourceBytes).u32())
    );
  }
  // Google's Q046 and later write both lengths of ids into one byte.
  return isQuicVersion(version) && ((first & FIXED) !== 0 || version >>> 24 === 0x51) && bytes.length >= 16;
}

/** Google's QUIC before Q046: flags, connection id, version. */
export function isGoogleQuic(bytes: Uint8Array): boolean {
  const flags = bytes[0] ?? 0;
  return (
    bytes.length > 20 &&
    (flags & 0xc1) === 0x01 &&
    (flags & 0x08) !== 0 &&
    bytes[9] === 0x51 &&
    isQuicVersion(new Reader(bytes, 9).u32())
  );
}

/** @returns the Initial packets of a datagram whose keys can be made */
export function initialPackets(bytes: Uint8Array): InitialPacket[] {
  const found: InitialPacket[] = [];
  const reader = new Reader(bytes);
  for (let count = 0; count < MAX_PACKETS && reader.left > 0; count++) {
    const start = reader.at;
    const first = reader.u8();
    if ((first & (LONG | FIXED)) !== (LONG | FIXED)) break;
    const version = quicVersion(reader.u32());
    const destinationId = reader.take(reader.u8());
    reader.skip(reader.u8());
    if (version === undefined || !reader.ok || destinationId.length > MAX_CONNECTION_ID_BYTES) break;
    const type = (first >> 4) & 3;
    // A Retry has no length, and nothing behind it.
    if (type === (version.initialType + 3) % 4) break;
    const isInitial = type === version.initialType;
    if (isInitial) reader.skip(variable(reader));
    const length = variable(reader);
    const number = reader.at;
    reader.skip(length);
    if (!reader.ok) break;
    if (isInitial) found.push({ version: version.number, destinationId, start, number, end: number + length });
  }
  return found;
}

/** A number of 1, 2, 4 or 8 bytes (RFC 9000, section 16). */
export function variable(reader: Reader): number {
  const first = reader.u8();
  const more = (1 << (first >> 6)) - 1;
  let value = first & 0x3f;
  for (let index = 0; index < more; index++) value = value * 256 + reader.u8();
  return value;
}
