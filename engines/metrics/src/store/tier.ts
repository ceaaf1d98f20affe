/**
 * One resolution of the store: sealed groups, in segment files and, until they are there, in memory. Of several groups
 * with one start the last written counts: it was made from all before it.
 */

import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppendFile } from './append-file.ts';
import { FormatError } from './bytes.ts';
import {
  GROUP_HEADER_BYTES,
  type GroupHeader,
  groupBytes,
  PAGE_ENTRY_BYTES,
  type Page,
  type PageEntry,
  parseDirectory,
  parseHeader,
  parsePage,
} from './group.ts';
import type { HeadShape } from './head.ts';
import type { PageCache } from './page-cache.ts';
import { FILE_HEADER_BYTES, fileHeader, groupIsSound, readAt, scanSegment } from './segment.ts';

/** A file is closed and a new one begun when it is this large, or has this many groups. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** Groups that wait in memory for a disk that refuses them. */
export const MAX_PENDING = 24;
/** Directories kept in memory. */
const MAX_DIRECTORIES = 256;

export interface TierOptions extends HeadShape {
  readonly number: number;
  /** Age at which a whole file goes. */
  readonly keepS: number;
  readonly maxBytes: number;
  /** Groups in a file: what is deleted at once. */
  readonly groupsPerFile: number;
}

interface SegmentFile {
  readonly path: string;
  bytes: number;
  lastEndS: number;
  groups: number;
}

/** A sealed group: in a file, or still in memory. */
interface StoredGroup {
  readonly header: GroupHeader;
  /** Unique in this process: names its pages in the cache. */
  readonly key: number;
  file: SegmentFile | undefined;
  offset: number;
  /** Set until it is on the disk. */
  memory: Buffer | undefined;
}

export interface Damage {
  readonly path: string;
  readonly reason: string;
}

export class Tier {
  readonly options: TierOptions;
  readonly damages: Damage[] = [];
  readonly #folder: string;
  readonly #cache: PageCache;
  /** By start. */
  readonly #groups = new Map<number, StoredGroup>();
  readonly #files: SegmentFile[] = [];
  readonly #directories = new Map<number, readonly PageEntry[]>();
  readonly #handles = new Map<string, FileHandle>();
  #starts: number[] = [];
  #current: { readonly file: SegmentFile; readonly append: AppendFile } | undefined;
  #pending: StoredGroup[] = [];
  #storing: Promise<void> | undefined;
  #keys = 0;

  private constructor(folder: string, options: TierOptions, cache: PageCache) {
    this.#folder = folder;
    this.options = options;
    this.#cache = cache;
  }

  static async open(folder: string, options: TierOptions, cache: PageCache): Promise<Tier> {
    const tier = new Tier(folder, options, cache);
    await mkdir(folder, { recursive: true });
    await tier.#load();
    return tier;
  }

  /** Starts of all groups, rising. */
  get starts(): readonly number[] {
    return this.#starts;
  }

  get spanS(): number {
    return this.options.stepS * this.options.points;
  }

  get oldestS(): number | undefined {
    return this.#starts[0];
  }

  get diskBytes(): number {
    return this.#files.reduce((sum, file) => sum + file.bytes, 0);
  }

  get pendingBytes(): number {
    return this.#pending.reduce((sum, group) => sum + (group.memory?.length ?? 0), 0);
  }

  /** The failure that keeps groups in memory. */
  get error(): Error | undefined {
    return this.#error;
  }
  #error: Error | undefined;

  has(startS: number): boolean {
    return this.#groups.has(startS);
  }

  /** Groups of this tier whose span meets `[fromS, toS)`, rising. */
  startsBetween(fromS: number, toS: number): number[] {
    const first = fromS - this.spanS;
    return this.#starts.slice(upper(this.#starts, first), upper(this.#starts, toS - 1));
  }

  /** Takes a sealed group; it can be read at once. @returns resolves when it is on the disk, rejects if that fails */
  async store(bytes: Buffer): Promise<void> {
    const header = parseHeader(bytes);
    const group: StoredGroup = { header, key: ++this.#keys, file: undefined, offset: 0, memory: bytes };
    this.#insert(group);
    this.#pending.push(group);
    if (this.#pending.length > MAX_PENDING) {
      const dropped = this.#pending.shift()!;
      if (this.#groups.get(dropped.header.startS) === dropped) this.#remove(dropped.header.startS);
      this.damages.push({
        path: this.#folder,
        reason: `the group of ${dropped.header.startS} was given up: the disk takes nothing`,
      });
    }
    await this.flush();
  }

  /** Tries to bring what is pending to the disk. @throws what the disk says */
  flush(): Promise<void> {
    this.#storing ??= this.#storeAll().finally(() => {
      this.#storing = undefined;
    });
    return this.#storing;
  }

  /**
   * The page that may hold a series, from memory if it is there.
   * @returns undefined if the group has no such page; a promise if it has to be read @throws FormatError in the promise
   */
  page(startS: number, id: number): Page | undefined | Promise<Page | undefined> {
    const group = this.#groups.get(startS);
    if (group === undefined) return undefined;
    const directory = this.#directories.get(group.key);
    if (directory === undefined) return this.#directory(group).then((entries) => this.#pageOf(group, entries, id));
    return this.#pageOf(group, directory, id);
  }

  /** Every page of a group in turn. */
  async *pages(startS: number): AsyncGenerator<Page> {
    const group = this.#groups.get(startS);
    if (group === undefined) return;
    for (const [index, entry] of (await this.#directory(group)).entries()) {
      const page = await this.#load1(group, index, entry);
      if (page !== undefined) yield page;
    }
  }

  /** Deletes whole files that are too old, and the oldest while all are over the limit. @returns files deleted */
  async retain(nowS: number): Promise<number> {
    let deleted = 0;
    let total = this.diskBytes;
    while (this.#files.length > 0) {
      const file = this.#files[0]!;
      const current = file === this.#current?.file;
      const old = file.lastEndS < nowS - this.options.keepS;
      if (!old && (total <= this.options.maxBytes || current)) break;
      if (current) await this.#closeCurrent();
      this.#files.shift();
      total -= file.bytes;
      for (const [startS, group] of this.#groups) if (group.file === file) this.#remove(startS);
      await this.#handles.get(file.path)?.close();
      this.#handles.delete(file.path);
      await unlink(file.path);
      deleted++;
    }
    return deleted;
  }

  async close(): Promise<void> {
    await this.flush().catch(() => undefined);
    await this.#closeCurrent();
    for (const handle of this.#handles.values()) await handle.close();
    this.#handles.clear();
  }

  async #load(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.seg')).sort();
    for (const name of names) {
      const path = join(this.#folder, name);
      const last = name === names.at(-1);
      try {
        await this.#loadFile(path, last);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.damages.push({ path, reason: error.message });
        await rename(path, `${path}.damaged`);
      }
    }
    this.#sortFiles();
  }

  async #loadFile(path: string, last: boolean): Promise<void> {
    const scan = await scanSegment(path, this.options.number);
    const groups = scan.groups.filter(({ header }) => this.#fits(header));
    let { endOffset } = scan;
    if (last) {
      const tail = groups.at(-1);
      if (tail !== undefined && !(await groupIsSound(path, tail))) {
        groups.pop();
        endOffset = tail.offset;
        this.damages.push({ path, reason: `the last group, of ${tail.header.startS}, is torn and was skipped` });
      }
    }
    if (scan.skippedBytes > 0) this.damages.push({ path, reason: `${scan.skippedBytes} damaged bytes were skipped` });
    const { size } = await stat(path);
    const file: SegmentFile = { path, bytes: size, lastEndS: 0, groups: groups.length };
    for (const { header, offset } of groups) {
      file.lastEndS = Math.max(file.lastEndS, header.startS + this.spanS);
      this.#insert({ header, key: ++this.#keys, file, offset, memory: undefined });
    }
    this.#files.push(file);
    if (last && endOffset <= size && groups.length < this.options.groupsPerFile && endOffset < MAX_FILE_BYTES) {
      this.#current = { file, append: await AppendFile.open(path, endOffset) };
      file.bytes = endOffset;
    }
  }

  #fits(header: GroupHeader): boolean {
    const { stepS, points, columns } = this.options;
    return (
      header.stepS === stepS &&
      header.points === points &&
      header.columns === columns &&
      header.startS % this.spanS === 0
    );
  }

  #insert(group: StoredGroup): void {
    const { startS } = group.header;
    if (!this.#groups.has(startS)) {
      this.#starts = [...this.#starts];
      this.#starts.splice(upper(this.#starts, startS), 0, startS);
    }
    this.#groups.set(startS, group);
  }

  #remove(startS: number): void {
    const group = this.#groups.get(startS);
    if (group !== undefined) this.#directories.delete(group.key);
    this.#groups.delete(startS);
    this.#starts = this.#starts.filter((start) => start !== startS);
  }

  #sortFiles(): void {
    this.#files.sort((a, b) => a.lastEndS - b.lastEndS);
  }

  async #storeAll(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const group = this.#pending[0]!;
        await this.#storeOne(group);
        if (this.#pending[0] === group) this.#pending.shift();
      }
      this.#error = undefined;
    } catch (error) {
      this.#error = error as Error;
      throw error;
    }
  }

  async #storeOne(group: StoredGroup): Promise<void> {
    const bytes = group.memory;
    if (bytes === undefined) return;
    const current = await this.#fileFor();
    const { end } = current.append;
    // A try before may have left it waiting; then it only has to be flushed.
    if (group.file !== current.file) {
      if (!current.append.append(bytes)) throw new Error('the disk takes nothing');
      group.offset = end;
      group.file = current.file;
    }
    await current.append.sync();
    const { file } = current;
    file.bytes = current.append.end;
    file.groups++;
    file.lastEndS = Math.max(file.lastEndS, group.header.startS + this.spanS);
    group.memory = undefined;
    this.#sortFiles();
  }

  async #fileFor(): Promise<{ readonly file: SegmentFile; readonly append: AppendFile }> {
    const open = this.#current;
    const waiting = this.#pending[0]?.file === open?.file && open !== undefined;
    if (open !== undefined) {
      const full = open.file.groups >= this.options.groupsPerFile || open.file.bytes >= MAX_FILE_BYTES;
      if (!full || waiting) return open;
      await this.#closeCurrent();
    }
    const startS = this.#pending[0]!.header.startS;
    let path = join(this.#folder, `${String(startS).padStart(12, '0')}.seg`);
    for (let i = 1; this.#files.some((file) => file.path === path); i++) {
      path = join(this.#folder, `${String(startS).padStart(12, '0')}-${i}.seg`);
    }
    // Written aside and renamed, so that a file of this name always has its header.
    const aside = `${path}.new`;
    await writeFile(aside, fileHeader(this.options.number), { flush: true });
    await rename(aside, path);
    await syncFolder(this.#folder);
    const file: SegmentFile = { path, bytes: FILE_HEADER_BYTES, lastEndS: 0, groups: 0 };
    this.#files.push(file);
    this.#current = { file, append: await AppendFile.open(path, FILE_HEADER_BYTES) };
    return this.#current;
  }

  async #closeCurrent(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.append.close();
  }

  async #directory(group: StoredGroup): Promise<readonly PageEntry[]> {
    const known = this.#directories.get(group.key);
    if (known !== undefined) return known;
    const length = GROUP_HEADER_BYTES + group.header.pages * PAGE_ENTRY_BYTES;
    const entries = parseDirectory(await this.#read(group, 0, length));
    if (this.#directories.size >= MAX_DIRECTORIES) this.#directories.delete(this.#directories.keys().next().value!);
    this.#directories.set(group.key, entries);
    return entries;
  }

  #pageOf(group: StoredGroup, entries: readonly PageEntry[], id: number): Page | undefined | Promise<Page | undefined> {
    let low = 0;
    let high = entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const entry = entries[middle]!;
      if (id < entry.firstId) high = middle - 1;
      else if (id > entry.lastId) low = middle + 1;
      else return this.#cache.get(`${this.options.number}:${group.key}:${middle}`) ?? this.#load1(group, middle, entry);
    }
    return undefined;
  }

  async #load1(group: StoredGroup, index: number, entry: PageEntry): Promise<Page | undefined> {
    const key = `${this.options.number}:${group.key}:${index}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const start = GROUP_HEADER_BYTES + group.header.pages * PAGE_ENTRY_BYTES + entry.offset;
    try {
      const page = parsePage(await this.#read(group, start, entry.length), entry);
      this.#cache.put(key, page);
      return page;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const path = group.file?.path ?? this.#folder;
      const reason = `series ${entry.firstId} to ${entry.lastId} of ${group.header.startS}: ${error.message}`;
      if (!this.damages.some((damage) => damage.reason === reason)) this.damages.push({ path, reason });
      return undefined;
    }
  }

  async #read(group: StoredGroup, offset: number, length: number): Promise<Buffer> {
    if (group.memory !== undefined) return group.memory.subarray(offset, offset + length);
    const { path } = group.file!;
    let handle = this.#handles.get(path);
    if (handle === undefined) {
      handle = await open(path, 'r');
      const raced = this.#handles.get(path);
      if (raced === undefined) this.#handles.set(path, handle);
      else {
        await handle.close();
        handle = raced;
      }
    }
    return readAt(handle, group.offset + offset, Math.min(length, groupBytes(group.header) - offset));
  }
}

/** Index of the first element greater than `value`. */
function upper(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Makes a rename last. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
