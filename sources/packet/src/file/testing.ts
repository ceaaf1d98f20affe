/** For tests: capture files laid by hand, and what reading gives. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eachRecord } from './block.ts';
import type { CaptureSource } from './bytes/source.ts';
import { type Capture, type CaptureOptions, openCapture } from './capture.ts';

export interface ReadPacket {
  readonly timeS: number;
  readonly timeNs: number;
  readonly wireBytes: number;
  readonly linkType: number;
  readonly interface: number;
  readonly hex: string;
}

export async function readAll(
  sources: CaptureSource | readonly CaptureSource[],
  options: CaptureOptions = {},
): Promise<{ packets: ReadPacket[]; capture: Capture }> {
  const capture = openCapture(sources, options);
  const packets: ReadPacket[] = [];
  for await (const block of capture) {
    eachRecord(block, (at, capturedBytes, wireBytes, timeS, timeNs) => {
      const hex = Buffer.from(block.bytes.subarray(at, at + capturedBytes)).toString('hex');
      packets.push({ timeS, timeNs, wireBytes, linkType: block.linkType, interface: block.interface, hex });
    });
  }
  return { packets, capture };
}

export function memory(...parts: readonly Uint8Array[]): CaptureSource {
  return { name: 'memory', bytes: Buffer.concat(parts) };
}

/** Numbers as words of 32 bits. */
export function words(littleEndian: boolean, ...values: readonly number[]): Buffer {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value >>> 0, littleEndian);
  return Buffer.from(view.buffer);
}

export function pcapHead(littleEndian: boolean, magic: number, linkType = 1, version = 0x00040002): Buffer {
  const [major, minor] = [version & 0xffff, version >>> 16];
  const versions = littleEndian ? version : (major << 16) | minor;
  return words(littleEndian, magic, versions, 0, 0, 262_144, linkType);
}

export function record(
  littleEndian: boolean,
  timeS: number,
  fraction: number,
  data: Uint8Array,
  wire = data.length,
): Buffer {
  return Buffer.concat([words(littleEndian, timeS, fraction, data.length, wire), data]);
}

/** A pcapng block; the body is padded. */
export function block(littleEndian: boolean, type: number, body: Uint8Array): Buffer {
  const padding = Buffer.alloc((4 - (body.length % 4)) % 4);
  const length = 12 + body.length + padding.length;
  return Buffer.concat([words(littleEndian, type, length), body, padding, words(littleEndian, length)]);
}

export function section(littleEndian: boolean): Buffer {
  const version = littleEndian ? 1 : 0x00010000;
  return block(littleEndian, 0x0a0d0d0a, words(littleEndian, 0x1a2b3c4d, version, 0xffffffff, 0xffffffff));
}

export function describeInterface(
  littleEndian: boolean,
  linkType: number,
  snapBytes: number,
  options: Uint8Array = Buffer.alloc(0),
): Buffer {
  return block(
    littleEndian,
    1,
    Buffer.concat([words(littleEndian, littleEndian ? linkType : linkType << 16, snapBytes), options]),
  );
}

export function option(littleEndian: boolean, code: number, value: Uint8Array): Buffer {
  const head = words(littleEndian, littleEndian ? code | (value.length << 16) : (code << 16) | value.length);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

export function enhanced(
  littleEndian: boolean,
  number: number,
  units: bigint,
  data: Uint8Array,
  wire = data.length,
): Buffer {
  const head = words(littleEndian, number, Number(units >> 32n), Number(units & 0xffffffffn), data.length, wire);
  return block(littleEndian, 6, Buffer.concat([head, data]));
}

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'undercroft-capture-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
