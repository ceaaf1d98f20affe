/**
 * pcapng: one section, its interfaces, packets in enhanced blocks with nanoseconds and comments, statistics at the end.
 *
 * @see draft-ietf-opsawg-pcapng
 */
import {
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  SECTION_HEADER,
} from '../pcapng.ts';
import type { CaptureFormat, WrittenInterface, WrittenStatistics } from './format.ts';

const OPTION_END_BYTES = 4;
const COMMENT = 1;
const SECTION_APPLICATION = 4;
const INTERFACE_NAME = 2;
const INTERFACE_DESCRIPTION_TEXT = 3;
const INTERFACE_TSRESOL = 9;
const NANOSECONDS = 9;
const STATISTICS_RECEIVED = 4;
const STATISTICS_DROPPED = 5;
const PACKET_HEAD_BYTES = 28;
const TRAILER_BYTES = 4;
/** What an option can hold. */
const MAX_TEXT_BYTES = 65_535;
const NS_PER_SECOND = 1_000_000_000;
const TWO_16 = 65_536;
const TWO_32 = 2 ** 32;

export const pcapngFormat: CaptureFormat = {
  head: (interfaces) => Buffer.concat([section(), ...interfaces.map(describe)]),

  announce: (added) => describe(added),

  recordBytes({ bytes, comment }) {
    const options = comment === undefined ? 0 : 4 + padded(textOf(comment).length) + OPTION_END_BYTES;
    return PACKET_HEAD_BYTES + padded(bytes.length) + options + TRAILER_BYTES;
  },

  put(into, view, at, packet) {
    const { bytes, comment, wireBytes = bytes.length } = packet;
    const length = pcapngFormat.recordBytes(packet);
    into.fill(0, at + PACKET_HEAD_BYTES + bytes.length, at + length);
    view.setUint32(at, ENHANCED_PACKET, true);
    view.setUint32(at + 4, length, true);
    view.setUint32(at + 8, packet.interface ?? 0, true);
    putTime(view, at + 12, packet.timeS, packet.timeNs);
    view.setUint32(at + 20, bytes.length, true);
    view.setUint32(at + 24, Math.max(wireBytes, bytes.length), true);
    into.set(bytes, at + PACKET_HEAD_BYTES);
    if (comment !== undefined) {
      const text = textOf(comment);
      const option = at + PACKET_HEAD_BYTES + padded(bytes.length);
      view.setUint16(option, COMMENT, true);
      view.setUint16(option + 2, text.length, true);
      into.set(text, option + 4);
    }
    view.setUint32(at + length - TRAILER_BYTES, length, true);
  },

  tail: (statistics) => Buffer.concat([...statistics].map(([number, counted]) => statisticsBlock(number, counted))),
};

function section(): Uint8Array {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  body.writeUInt16LE(1, 4);
  // The section's length is not known before its end: -1.
  body.writeBigInt64LE(-1n, 8);
  return block(SECTION_HEADER, body, [[SECTION_APPLICATION, textOf('Undercroft')]]);
}

function describe({ linkType, snapBytes = 0, name, description }: WrittenInterface): Uint8Array {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(linkType, 0);
  body.writeUInt32LE(snapBytes, 4);
  return block(INTERFACE_DESCRIPTION, body, [
    ...(name === undefined ? [] : [[INTERFACE_NAME, textOf(name)] as const]),
    ...(description === undefined ? [] : [[INTERFACE_DESCRIPTION_TEXT, textOf(description)] as const]),
    [INTERFACE_TSRESOL, Buffer.from([NANOSECONDS])],
  ]);
}

function statisticsBlock(number: number, { timeS, timeNs, received, dropped }: WrittenStatistics): Uint8Array {
  const body = Buffer.alloc(12);
  body.writeUInt32LE(number, 0);
  putTime(new DataView(body.buffer, body.byteOffset, body.length), 4, timeS, timeNs);
  return block(INTERFACE_STATISTICS, body, [
    ...(received === undefined ? [] : [[STATISTICS_RECEIVED, count(received)] as const]),
    ...(dropped === undefined ? [] : [[STATISTICS_DROPPED, count(dropped)] as const]),
  ]);
}

function block(type: number, body: Uint8Array, options: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const parts = options.map(([code, value]) => {
    const option = Buffer.alloc(4 + padded(value.length));
    option.writeUInt16LE(code, 0);
    option.writeUInt16LE(value.length, 2);
    option.set(value, 4);
    return option;
  });
  const end = options.length === 0 ? [] : [Buffer.alloc(OPTION_END_BYTES)];
  const inner = Buffer.concat([body, ...parts, ...end]);
  const length = 8 + inner.length + TRAILER_BYTES;
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(length, 4);
  bytes.set(inner, 8);
  bytes.writeUInt32LE(length, length - TRAILER_BYTES);
  return bytes;
}

/** Nanoseconds since 1970 in two words, the high one first; computed by halves, for the product exceeds 2^53. */
function putTime(view: DataView, at: number, timeS: number, timeNs: number): void {
  const high = Math.floor(timeS / TWO_16) * NS_PER_SECOND;
  const low = (high % TWO_16) * TWO_16 + (timeS % TWO_16) * NS_PER_SECOND + timeNs;
  view.setUint32(at, Math.floor(high / TWO_16) + Math.floor(low / TWO_32), true);
  view.setUint32(at + 4, low % TWO_32, true);
}

function count(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function textOf(text: string): Uint8Array {
  return Buffer.from(text, 'utf8').subarray(0, MAX_TEXT_BYTES);
}

function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}
