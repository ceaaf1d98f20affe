/** A cursor over one flow record, wherever it lies: in the flow table's memory or in a batch read from a file. */
import { RECORD_BYTES, RECORD_WORDS } from './layout.ts';

/** Memory that holds records one after another, and the bytes they point at (user data, labels). */
export interface RecordMemory {
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly bytes: Uint8Array;
}

/** @param buffer of at least RECORD_BYTES for each record and what they point at */
export function recordMemory(buffer: ArrayBuffer): RecordMemory {
  return { words: new Uint32Array(buffer), floats: new Float32Array(buffer), bytes: new Uint8Array(buffer) };
}

/** Moves over records without allocating: `record.at(memory, address)` and then its words by the names of layout.ts. */
export class FlowRecord implements RecordMemory {
  words: Uint32Array;
  floats: Float32Array;
  bytes: Uint8Array;
  /** Index of the record's first word. */
  base = 0;

  constructor(memory: RecordMemory = recordMemory(new ArrayBuffer(RECORD_BYTES))) {
    this.words = memory.words;
    this.floats = memory.floats;
    this.bytes = memory.bytes;
  }

  /** @param address in bytes, a multiple of 4 */
  at(memory: RecordMemory, address: number): this {
    this.words = memory.words;
    this.floats = memory.floats;
    this.bytes = memory.bytes;
    this.base = address >>> 2;
    return this;
  }

  get(word: number): number {
    return this.words[this.base + word] as number;
  }

  set(word: number, value: number): void {
    this.words[this.base + word] = value;
  }

  getFloat(word: number): number {
    return this.floats[this.base + word] as number;
  }

  setFloat(word: number, value: number): void {
    this.floats[this.base + word] = value;
  }

  /** A 64-bit counter; exact up to 2^53. */
  getWide(word: number): number {
    return (this.words[this.base + word] as number) + (this.words[this.base + word + 1] as number) * 4294967296;
  }

  setWide(word: number, value: number): void {
    this.words[this.base + word] = value >>> 0;
    this.words[this.base + word + 1] = Math.floor(value / 4294967296);
  }

  has(parts: number): boolean {
    return ((this.words[this.base + 2] as number) & parts) === parts;
  }

  clear(): void {
    this.words.fill(0, this.base, this.base + RECORD_WORDS);
  }
}
