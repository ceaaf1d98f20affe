/** Records out of the bytes of a file or stream, one after another, each read as ra reads it. */
import { decodeRecord } from '../../argus/wire/decode.ts';
import { RECORD_BYTES } from '../../record/layout.ts';
import { FlowRecord, recordMemory } from '../../record/record.ts';
import { LABEL_ROOM_BYTES } from '../record/label.ts';
import { readAsRa } from '../record/reading.ts';

/** A record's length is 16 bits of words. */
const MAX_RECORD_BYTES = 65535 * 4;
const CHUNK_BYTES = 1024 * 1024;
const SPILL_AT = RECORD_BYTES;
const INPUT_AT = SPILL_AT + MAX_RECORD_BYTES;
const INPUT_BYTES = CHUNK_BYTES + MAX_RECORD_BYTES;

/** @returns false to read no further */
export type RecordHandler = (record: FlowRecord, source: RecordSource) => boolean;

/** The bytes a record was read from, and where they began in their file. */
export interface RecordSource {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly length: number;
  readonly offset: number;
}

export class RecordSplitter implements RecordSource {
  readonly bytes: Uint8Array;
  at = 0;
  length = 0;
  offset = 0;
  /** The stream came to a record that nobody reads: ra ends the file there. */
  isAtStrange = false;
  readonly #record: FlowRecord;
  readonly #view: DataView;
  readonly #spill = { at: SPILL_AT };
  readonly #memory;
  #end = INPUT_AT;
  #consumed = 0;

  constructor() {
    const buffer = new ArrayBuffer(INPUT_AT + INPUT_BYTES + LABEL_ROOM_BYTES);
    this.#memory = recordMemory(buffer);
    this.#record = new FlowRecord(this.#memory);
    this.#view = new DataView(buffer);
    this.bytes = this.#memory.bytes;
  }

  /** Forgets what is left of a stream before another begins. @param offset of its first byte */
  reset(offset = 0): void {
    this.#end = INPUT_AT;
    this.#consumed = offset;
  }

  /**
   * Takes the next bytes and hands on every record that is whole now.
   *
   * @returns false when the handler or the stream itself ended the reading
   */
  push(chunk: Uint8Array, handle: RecordHandler): boolean {
    for (let from = 0; from < chunk.length; from += CHUNK_BYTES) {
      const part = chunk.subarray(from, from + CHUNK_BYTES);
      this.bytes.set(part, this.#end);
      this.#end += part.length;
      if (!this.#split(handle)) return false;
    }
    return true;
  }

  #split(handle: RecordHandler): boolean {
    let at = INPUT_AT;
    while (at + 4 <= this.#end) {
      const words = this.#view.getUint16(at + 2);
      if (words === 0) {
        at += 4;
        continue;
      }
      if (at + words * 4 > this.#end) break;
      this.at = at;
      this.length = words * 4;
      this.offset = this.#consumed + at - INPUT_AT;
      this.#spill.at = SPILL_AT;
      this.#record.at(this.#memory, 0);
      if (!decodeRecord(this.#record, this.#view, at, words, this.#spill)) {
        this.isAtStrange = true;
        return false;
      }
      readAsRa(this.#record);
      if (!handle(this.#record, this)) return false;
      at += words * 4;
    }
    this.bytes.copyWithin(INPUT_AT, at, this.#end);
    this.#consumed += at - INPUT_AT;
    this.#end -= at - INPUT_AT;
    return true;
  }
}
