/** A stream of records, handed in as it comes, into batches. */
import { OwnedBatch } from '../../record/batch.ts';
import { FlowRecord } from '../../record/record.ts';
import { argusError } from '../errors.ts';
import { decodeRecord } from '../wire/decode.ts';
import { COOKIE_V3, COOKIE_V5, MANAGEMENT_BYTES, MAX_RECORD_BYTES, RECORD_MANAGEMENT } from '../wire/format.ts';

const BATCH_RECORDS = 512;
/** Bytes of the stream that wait in the batch's memory: more than the longest record has. */
const WIRE_BYTES = MAX_RECORD_BYTES + 4;

export class StreamDecoder {
  /** Its records hold until the next call of `write` or `next`. */
  readonly batch = new OwnedBatch(BATCH_RECORDS, 2 * WIRE_BYTES);
  /** Bytes of the stream before the first record that `next` has not yet seen. */
  position = 0;
  /** Whether the stream has come to a record that nobody reads: what follows is not decoded. */
  ended = false;
  readonly #record = new FlowRecord();
  readonly #spill = { at: 0 };
  /** The waiting bytes, within the batch's memory. */
  #start: number;
  #end: number;
  #greeted: boolean;

  /** @param options.greeted the stream's first record is already known, as with datagrams */
  constructor({ greeted = false }: { readonly greeted?: boolean } = {}) {
    this.#greeted = greeted;
    this.#start = this.batch.roomStart;
    this.#end = this.batch.roomStart;
  }

  /** Bytes that wait: a torn record, or nothing. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /** @returns how many of the bytes were taken; call `next` until it gives nothing, then hand in the rest */
  write(bytes: Uint8Array): number {
    const { batch } = this;
    if (this.#start > batch.roomStart) {
      batch.bytes.copyWithin(batch.roomStart, this.#start, this.#end);
      this.#end -= this.#start - batch.roomStart;
      this.#start = batch.roomStart;
    }
    const taken = Math.min(bytes.length, batch.roomStart + WIRE_BYTES - this.#end);
    batch.bytes.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), this.#end);
    this.#end += taken;
    return taken;
  }

  /** Goes on elsewhere in the same stream, for a part of a file. */
  skipTo(position: number): void {
    this.#start = this.batch.roomStart;
    this.#end = this.#start;
    this.position = position;
    this.ended = false;
  }

  /**
   * Decodes what has come whole.
   *
   * @param stopAt position in the stream from which no record is begun
   * @returns records now in the batch
   * @throws UndercroftError `flow.argus.format` when the stream does not begin as one
   */
  next(stopAt = Number.POSITIVE_INFINITY): number {
    const { batch } = this;
    batch.count = 0;
    this.#spill.at = batch.roomStart + WIRE_BYTES;
    if (!this.#greeted && !this.#greet()) return 0;
    while (batch.count < batch.capacity && this.#end - this.#start >= 4 && !this.ended) {
      if (this.position >= stopAt) {
        this.ended = true;
        break;
      }
      const words = batch.view.getUint16(this.#start + 2);
      if (words === 0) {
        this.#advance(4);
        continue;
      }
      if (this.#end - this.#start < words * 4) break;
      this.#record.at(batch, batch.address(batch.count));
      if (!decodeRecord(this.#record, batch.view, this.#start, words, this.#spill)) {
        this.ended = true;
        break;
      }
      batch.count += 1;
      this.#advance(words * 4);
    }
    return batch.count;
  }

  /** @returns false while its first record has not come whole */
  #greet(): boolean {
    const { view } = this.batch;
    const at = this.#start;
    if (this.pending < 16) return false;
    const cookie = view.getUint32(at + 8);
    if (view.getUint8(at) >> 4 !== RECORD_MANAGEMENT || (cookie !== COOKIE_V3 && cookie !== COOKIE_V5)) {
      throw argusError('format', 'not a stream of Argus records (version 3 or 5)');
    }
    if (this.pending < MANAGEMENT_BYTES) return false;
    this.#greeted = true;
    return true;
  }

  #advance(bytes: number): void {
    this.#start += bytes;
    this.position += bytes;
  }
}
