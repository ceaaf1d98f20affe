/** A segment file: a header of 16 bytes, then groups. Written at its end only; read at any place. */
import { type FileHandle, open } from 'node:fs/promises';
import { FormatError } from './bytes.ts';
import {
  GROUP_HEADER_BYTES,
  GROUP_MAGIC,
  type GroupHeader,
  groupBytes,
  PAGE_ENTRY_BYTES,
  parseDirectory,
  parseHeader,
  parsePage,
} from './group.ts';

const FILE_MAGIC = Buffer.from('UCMETRICS1\n');
export const FILE_HEADER_BYTES = 16;

export function fileHeader(tier: number): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES);
  FILE_MAGIC.copy(bytes);
  bytes.writeUInt8(tier, 12);
  return bytes;
}

/** Where one group lies. */
export interface FoundGroup {
  readonly header: GroupHeader;
  readonly offset: number;
}

export interface SegmentScan {
  readonly groups: readonly FoundGroup[];
  /** Where whole groups end: the next one is written here. */
  readonly endOffset: number;
  /** Bytes that belong to no whole group. */
  readonly skippedBytes: number;
}

/**
 * Finds the groups of a file by their headers, without reading them. What is damaged is passed over up to the next
 * group that has a sound header.
 * @param tier what the file should hold @throws FormatError if it is no such file at all
 */
export async function scanSegment(path: string, tier: number): Promise<SegmentScan> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const head = await readAt(handle, 0, FILE_HEADER_BYTES);
    if (!head.subarray(0, FILE_MAGIC.length).equals(FILE_MAGIC) || head[12] !== tier) {
      throw new FormatError(`${path} is no metrics file of tier ${tier}`);
    }
    const groups: FoundGroup[] = [];
    let skippedBytes = 0;
    let endOffset = FILE_HEADER_BYTES;
    let at = FILE_HEADER_BYTES;
    while (at < size) {
      const header = await headerAt(handle, at, size);
      if (header === undefined) {
        const next = await findMagic(handle, at + 1, size);
        skippedBytes += next - at;
        at = next;
        continue;
      }
      groups.push({ header, offset: at });
      at += groupBytes(header);
      endOffset = at;
    }
    return { groups, endOffset, skippedBytes };
  } finally {
    await handle.close();
  }
}

async function headerAt(handle: FileHandle, offset: number, size: number): Promise<GroupHeader | undefined> {
  try {
    const first = await readAt(handle, offset, GROUP_HEADER_BYTES);
    const header = parseHeader(first);
    if (offset + groupBytes(header) > size) return undefined;
    parseDirectory(await readAt(handle, offset, GROUP_HEADER_BYTES + header.pages * PAGE_ENTRY_BYTES));
    return header;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** @returns offset of the next group magic, the file's size if there is none */
async function findMagic(handle: FileHandle, from: number, size: number): Promise<number> {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(GROUP_MAGIC);
  const step = 64 * 1024;
  for (let at = from; at < size; at += step) {
    const found = (await readAt(handle, at, step + magic.length - 1)).indexOf(magic);
    if (found >= 0) return at + found;
  }
  return size;
}

/** Checks every page of a group: done for the last group of the newest file, which a power cut may have torn. */
export async function groupIsSound(path: string, group: FoundGroup): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const bytes = await readAt(handle, group.offset, groupBytes(group.header));
    const pages = parseDirectory(bytes);
    const start = GROUP_HEADER_BYTES + pages.length * PAGE_ENTRY_BYTES;
    for (const entry of pages) {
      parsePage(bytes.subarray(start + entry.offset, start + entry.offset + entry.length), entry);
    }
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  } finally {
    await handle.close();
  }
}

/** Reads up to `length` bytes; fewer at the end of the file. */
export async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await handle.read(bytes, got, length - got, offset + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes.subarray(0, got);
}
