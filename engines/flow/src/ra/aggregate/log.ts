/** Records kept as the bytes of their file, to be read again in another order: smaller than records in memory. */
import { decodeRecord } from '../../argus/wire/decode.ts';
import { RECORD_BYTES } from '../../record/layout.ts';
import { FlowRecord, type RecordMemory, recordMemory } from '../../record/record.ts';
import type { RecordSource } from '../io/records.ts';
import { readAsRa } from '../record/reading.ts';

const CHUNK_BYTES = 8 * 1024 * 1024;
const FIRST_CAPACITY = 4096;
const MAX_RECORD_BYTES = 65535 * 4;
/** A chunk begins with room for the record that is read out of it and for bytes that decoding moves. */
const HEAD_BYTES = RECORD_BYTES + MAX_RECORD_BYTES;

interface Chunk {
  readonly memory: RecordMemory;
  readonly view: DataView;
}

export class RecordLog {
  readonly #chunks: Chunk[] = [];
  readonly #record = new FlowRecord();
  readonly #spill = { at: 0 };
  #source: Uint32Array = new Uint32Array(0);
  #used = CHUNK_BYTES;
  #chunkOf = new Uint32Array(FIRST_CAPACITY);
  #atOf = new Uint32Array(FIRST_CAPACITY);
  count = 0;

  add(bytes: Uint8Array, at: number, length: number): void {
    if (this.#used + length > CHUNK_BYTES) {
      const buffer = new ArrayBuffer(HEAD_BYTES + Math.max(CHUNK_BYTES, length));
      this.#chunks.push({ memory: recordMemory(buffer), view: new DataView(buffer) });
      this.#used = 0;
    }
    const chunk = this.#chunks[this.#chunks.length - 1] as Chunk;
    const to = HEAD_BYTES + this.#used;
    this.#copy(chunk.memory.words, to, bytes, at, length);
    if (this.count === this.#atOf.length) this.#grow();
    this.#chunkOf[this.count] = this.#chunks.length - 1;
    this.#atOf[this.count] = to;
    this.count += 1;
    this.#used += length;
  }

  /** Word by word where it can: records are whole words, and a view for each would cost more than the copy. */
  #copy(words: Uint32Array, to: number, bytes: Uint8Array, at: number, length: number): void {
    const from = bytes.byteOffset + at;
    if (this.#source.buffer !== bytes.buffer) {
      this.#source = new Uint32Array(bytes.buffer, 0, Math.floor(bytes.buffer.byteLength / 4));
    }
    if (from % 4 !== 0) {
      new Uint8Array(words.buffer, to, length).set(bytes.subarray(at, at + length));
      return;
    }
    const first = from / 4;
    const target = to / 4;
    for (let word = 0; word < length / 4; word += 1) words[target + word] = this.#source[first + word] as number;
  }

  #grow(): void {
    const size = this.#atOf.length * 2;
    const chunkOf = new Uint32Array(size);
    const atOf = new Uint32Array(size);
    chunkOf.set(this.#chunkOf);
    atOf.set(this.#atOf);
    this.#chunkOf = chunkOf;
    this.#atOf = atOf;
  }

  /** Bytes of a record, for files. */
  source(index: number): RecordSource {
    const { memory, view } = this.#chunks[this.#chunkOf[index] as number] as Chunk;
    const at = this.#atOf[index] as number;
    return { bytes: memory.bytes, at, length: view.getUint16(at + 2) * 4, offset: 0 };
  }

  /** The record, as ra reads it, until the next one is asked for. */
  record(index: number): FlowRecord {
    const { memory, view } = this.#chunks[this.#chunkOf[index] as number] as Chunk;
    const at = this.#atOf[index] as number;
    this.#record.at(memory, 0);
    this.#spill.at = RECORD_BYTES;
    decodeRecord(this.#record, view, at, view.getUint16(at + 2), this.#spill);
    readAsRa(this.#record);
    return this.#record;
  }
}
