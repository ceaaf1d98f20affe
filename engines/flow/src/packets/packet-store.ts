/** The rolling store of packets: chunks go in as they come, the oldest segments go when the disk's share is used up. */
import { mkdir, readdir } from 'node:fs/promises';
import type { Log, PacketsStats } from '@undercroft/kernel';
import type { PacketChunk } from './chunk.ts';
import { type ChunkEntry, Segment } from './segment.ts';

/** Chunks that wait for the disk; more are dropped and counted. */
const MAX_WAITING = 64;
const SEGMENTS = 32;
const MIN_SEGMENT_BYTES = 4 * 1024 * 1024;
const MAX_SEGMENT_BYTES = 256 * 1024 * 1024;

export interface FoundChunk {
  readonly segment: Segment;
  readonly entry: ChunkEntry;
}

export class PacketStore {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #log: Log;
  readonly #segments: Segment[];
  readonly #current = new Map<number, Segment>();
  #writing: Promise<void> = Promise.resolve();
  #waiting = 0;
  #droppedPackets = 0;
  #failing = false;

  private constructor(folder: string, maxBytes: number, log: Log, segments: Segment[]) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#log = log;
    this.#segments = segments;
  }

  /** @throws Error of the file system when the folder cannot be used */
  static async open(folder: string, maxBytes: number, log: Log): Promise<PacketStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(folder)).filter((name) => name.endsWith('.pcap')).sort();
    const segments: Segment[] = [];
    for (const name of names) {
      const segment = await Segment.reopen(folder, name);
      if (segment === undefined) continue;
      if (segment.entries.length === 0) await segment.remove();
      else segments.push(segment);
    }
    const store = new PacketStore(folder, maxBytes, log, segments);
    await store.#makeRoom();
    return store;
  }

  get droppedPackets(): number {
    return this.#droppedPackets;
  }

  /** Takes the chunk; what the disk is too slow for, or cannot hold, is counted. */
  add(chunk: PacketChunk): void {
    if (this.#waiting >= MAX_WAITING) {
      this.#droppedPackets += chunk.packets;
      return;
    }
    this.#waiting += 1;
    this.#writing = this.#writing.then(() => this.#write(chunk));
  }

  /** Chunks that may hold packets of that time, oldest first. */
  find(fromUs: number, toUs: number): readonly FoundChunk[] {
    return this.#segments
      .flatMap((segment) => segment.entries.map((entry) => ({ segment, entry })))
      .filter(({ entry }) => entry.lastUs >= fromUs && entry.firstUs < toUs)
      .sort((a, b) => a.entry.firstUs - b.entry.firstUs);
  }

  stats(): PacketsStats {
    const filled = this.#segments.filter((segment) => segment.entries.length > 0);
    return {
      enabled: true,
      sizeBytes: this.#size(),
      maxBytes: this.#maxBytes,
      ...(filled.length === 0
        ? {}
        : {
            oldestUs: Math.min(...filled.map((segment) => segment.firstUs)),
            newestUs: Math.max(...filled.map((segment) => segment.lastUs)),
          }),
    };
  }

  /** Resolves when all that was added is written. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing;
    for (const segment of this.#current.values()) await segment.close();
    this.#current.clear();
  }

  async #write(chunk: PacketChunk): Promise<void> {
    try {
      const segment = await this.#segmentFor(chunk);
      await segment.append(chunk);
      await this.#makeRoom();
      if (this.#failing) this.#log.info({}, 'packets are kept again');
      this.#failing = false;
    } catch (error) {
      this.#droppedPackets += chunk.packets;
      // Once a spell: a full disk would fill the log as well.
      if (!this.#failing) this.#log.error({ err: error }, 'packets cannot be kept; they are dropped and counted');
      this.#failing = true;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #segmentFor(chunk: PacketChunk): Promise<Segment> {
    const segmentBytes = Math.min(Math.max(this.#maxBytes / SEGMENTS, MIN_SEGMENT_BYTES), MAX_SEGMENT_BYTES);
    const current = this.#current.get(chunk.linkType);
    if (current !== undefined && current.sizeBytes + chunk.bytes.length <= segmentBytes) return current;
    this.#current.delete(chunk.linkType);
    await current?.close();
    const segment = await Segment.create(this.#folder, chunk.firstUs, chunk.linkType);
    this.#current.set(chunk.linkType, segment);
    this.#segments.push(segment);
    return segment;
  }

  async #makeRoom(): Promise<void> {
    while (this.#size() > this.#maxBytes) {
      const oldest = this.#segments.find((segment) => this.#current.get(segment.linkType) !== segment);
      if (oldest === undefined) return;
      this.#segments.splice(this.#segments.indexOf(oldest), 1);
      await oldest.remove();
    }
  }

  #size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }
}
