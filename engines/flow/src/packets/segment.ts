/**
 * One file of the rolling store: a capture file that any tool reads, and beside it an index, an entry for each chunk.
 * The entry is written after its chunk: what has no whole entry is not there.
 */
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { pcapFormat } from '@undercroft/packet';
import { FILTER_BYTES } from './addresses.ts';
import type { PacketChunk } from './chunk.ts';

const ENTRY_HEAD_BYTES = 40;
const ENTRY_BYTES = ENTRY_HEAD_BYTES + FILTER_BYTES;
const FILE_HEAD_BYTES = 24;
const NAME = /^(\d{16})-(\d{1,5})\.pcap$/;

export interface ChunkEntry {
  readonly offset: number;
  readonly bytes: number;
  readonly packets: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly addresses: Uint8Array;
}

export class Segment {
  readonly folder: string;
  readonly name: string;
  readonly linkType: number;
  readonly entries: ChunkEntry[] = [];
  sizeBytes = 0;
  #data: FileHandle | undefined;
  #index: FileHandle | undefined;

  constructor(folder: string, name: string, linkType: number) {
    this.folder = folder;
    this.name = name;
    this.linkType = linkType;
  }

  get path(): string {
    return join(this.folder, this.name);
  }

  get firstUs(): number {
    return this.entries.reduce((least, entry) => Math.min(least, entry.firstUs), Number.POSITIVE_INFINITY);
  }

  get lastUs(): number {
    return this.entries.reduce((most, entry) => Math.max(most, entry.lastUs), 0);
  }

  /** @param startUs of its first packet; makes its name, by which segments sort */
  static async create(folder: string, startUs: number, linkType: number): Promise<Segment> {
    const segment = new Segment(folder, `${String(startUs).padStart(16, '0')}-${linkType}.pcap`, linkType);
    try {
      segment.#data = await open(segment.path, 'w+', 0o600);
      segment.#index = await open(`${segment.path}.index`, 'w', 0o600);
      const head = pcapFormat.head([{ linkType }]);
      await writeAll(segment.#data, head, 0);
      segment.sizeBytes = head.length;
      return segment;
    } catch (error) {
      await segment.remove();
      throw error;
    }
  }

  /** What a run before this one left. @returns undefined if it is no segment */
  static async reopen(folder: string, name: string): Promise<Segment | undefined> {
    const parts = NAME.exec(name);
    if (parts === null) return undefined;
    const segment = new Segment(folder, name, Number(parts[2]));
    const { size } = await stat(segment.path);
    const index = await readFile(`${segment.path}.index`).catch(() => Buffer.alloc(0));
    for (let at = 0; at + ENTRY_BYTES <= index.length; at += ENTRY_BYTES) {
      const entry = readEntry(index.subarray(at, at + ENTRY_BYTES));
      // A torn end, or an entry whose chunk did not reach the disk before the power went.
      if (entry === undefined || entry.offset + entry.bytes > size) break;
      segment.entries.push(entry);
    }
    segment.sizeBytes = size + index.length;
    return segment;
  }

  async append(chunk: PacketChunk): Promise<void> {
    const last = this.entries.at(-1);
    const offset = last === undefined ? FILE_HEAD_BYTES : last.offset + last.bytes;
    const entry = { ...chunk, offset, bytes: chunk.bytes.length };
    await writeAll(this.#data, chunk.bytes, offset);
    const line = writeEntry(entry);
    await writeAll(this.#index, line, this.entries.length * ENTRY_BYTES);
    this.entries.push(entry);
    this.sizeBytes = offset + entry.bytes + this.entries.length * ENTRY_BYTES;
  }

  async read(entry: ChunkEntry): Promise<Uint8Array> {
    const handle = this.#data ?? (await open(this.path, 'r'));
    try {
      const bytes = new Uint8Array(entry.bytes);
      const { bytesRead } = await handle.read(bytes, 0, entry.bytes, entry.offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      if (handle !== this.#data) await handle.close();
    }
  }

  async close(): Promise<void> {
    const handles = [this.#data, this.#index];
    this.#data = undefined;
    this.#index = undefined;
    for (const handle of handles) {
      await handle?.datasync();
      await handle?.close();
    }
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
    await rm(`${this.path}.index`, { force: true });
  }
}

/** A disk that fills up takes a part first, and refuses the rest only when asked again. */
async function writeAll(file: FileHandle | undefined, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0;
  while (file !== undefined && done < bytes.length)
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

function writeEntry(entry: ChunkEntry): Uint8Array {
  const bytes = new Uint8Array(ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setFloat64(4, entry.offset, true);
  view.setUint32(12, entry.bytes, true);
  view.setUint32(16, entry.packets, true);
  view.setFloat64(24, entry.firstUs, true);
  view.setFloat64(32, entry.lastUs, true);
  bytes.set(entry.addresses, ENTRY_HEAD_BYTES);
  view.setUint32(0, crc32(bytes.subarray(4)), true);
  return bytes;
}

function readEntry(bytes: Uint8Array): ChunkEntry | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== crc32(bytes.subarray(4))) return undefined;
  return {
    offset: view.getFloat64(4, true),
    bytes: view.getUint32(12, true),
    packets: view.getUint32(16, true),
    firstUs: view.getFloat64(24, true),
    lastUs: view.getFloat64(32, true),
    addresses: new Uint8Array(bytes.subarray(ENTRY_HEAD_BYTES)),
  };
}
