/** Records kept in memory, with the bytes they point at. */
import {
  DESTINATION_DATA_AT,
  DESTINATION_DATA_COUNT,
  EXTRA_AT,
  EXTRA_BYTES,
  HAS,
  HAS_DESTINATION_DATA,
  HAS_LABEL,
  HAS_SOURCE_DATA,
  LABEL_AT,
  LABEL_BYTES,
  RECORD_BYTES,
  RECORD_WORDS,
  SOURCE_DATA_AT,
  SOURCE_DATA_COUNT,
} from '../../record/layout.ts';
import { type FlowRecord, type RecordMemory, recordMemory } from '../../record/record.ts';

const CHUNK_RECORDS = 1024;
const CHUNK_DATA_BYTES = 1024 * 1024;
/** Words that say where bytes are and how many. */
const POINTERS = [
  [HAS_SOURCE_DATA, SOURCE_DATA_AT, SOURCE_DATA_COUNT],
  [HAS_DESTINATION_DATA, DESTINATION_DATA_AT, DESTINATION_DATA_COUNT],
  [HAS_LABEL, LABEL_AT, LABEL_BYTES],
  [0, EXTRA_AT, EXTRA_BYTES],
] as const;

interface Chunk {
  readonly memory: RecordMemory;
  records: number;
  dataAt: number;
}

export class RecordStore {
  readonly #chunks: Chunk[] = [];
  readonly #free: number[] = [];
  #count = 0;

  get size(): number {
    return this.#count - this.#free.length;
  }

  /** Copies a record and what it points at. @returns its number here */
  add(record: FlowRecord): number {
    const bytes = dataBytes(record);
    const reused = bytes === 0 ? this.#free.pop() : undefined;
    const index = reused ?? this.#place(bytes);
    const chunk = this.#chunks[Math.floor(index / CHUNK_RECORDS)] as Chunk;
    const at = (index % CHUNK_RECORDS) * RECORD_WORDS;
    chunk.memory.words.set(record.words.subarray(record.base, record.base + RECORD_WORDS), at);
    this.#copyData(chunk, record, at);
    return index;
  }

  #place(bytes: number): number {
    const last = this.#chunks.at(-1);
    const hasRoom =
      last !== undefined && last.records < CHUNK_RECORDS && last.dataAt + bytes <= last.memory.bytes.length;
    const chunk = hasRoom ? last : newChunk();
    if (!hasRoom) this.#chunks.push(chunk);
    const index = (this.#chunks.length - 1) * CHUNK_RECORDS + chunk.records;
    chunk.records += 1;
    this.#count += 1;
    return index;
  }

  #copyData(chunk: Chunk, record: FlowRecord, at: number): void {
    const { words, bytes } = chunk.memory;
    for (const [part, place, count] of POINTERS) {
      const length = record.get(count);
      const isThere = part === 0 ? length > 0 : record.has(part);
      if (!isThere || length === 0) continue;
      if (chunk.dataAt + length > bytes.length) {
        words[at + HAS] = ((words[at + HAS] as number) & ~part) >>> 0;
        words[at + count] = 0;
        continue;
      }
      const from = record.get(place);
      bytes.set(record.bytes.subarray(from, from + length), chunk.dataAt);
      words[at + place] = chunk.dataAt;
      chunk.dataAt += (length + 3) & ~3;
    }
  }

  /** Moves a cursor to a record of this store. */
  at(cursor: FlowRecord, index: number): FlowRecord {
    const chunk = this.#chunks[Math.floor(index / CHUNK_RECORDS)] as Chunk;
    return cursor.at(chunk.memory, (index % CHUNK_RECORDS) * RECORD_BYTES);
  }

  /** Bytes for a record of this store, behind those it has. @returns where, or -1 when there is no room */
  keep(index: number, bytes: Uint8Array): number {
    const chunk = this.#chunks[Math.floor(index / CHUNK_RECORDS)] as Chunk;
    if (chunk.dataAt + bytes.length > chunk.memory.bytes.length) return -1;
    const at = chunk.dataAt;
    chunk.memory.bytes.set(bytes, at);
    chunk.dataAt += (bytes.length + 3) & ~3;
    return at;
  }

  remove(index: number): void {
    this.#free.push(index);
  }
}

function newChunk(): Chunk {
  const memory = recordMemory(new ArrayBuffer(CHUNK_RECORDS * RECORD_BYTES + CHUNK_DATA_BYTES));
  return { memory, records: 0, dataAt: CHUNK_RECORDS * RECORD_BYTES };
}

function dataBytes(record: FlowRecord): number {
  let bytes = 0;
  for (const [part, , count] of POINTERS) {
    if (part === 0 || record.has(part)) bytes += (record.get(count) + 3) & ~3;
  }
  return Math.min(bytes, CHUNK_DATA_BYTES);
}
