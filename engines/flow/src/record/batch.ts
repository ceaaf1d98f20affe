/** Records that come together: what the flow table sends, what a stream of records is read into. */
import { RECORD_BYTES } from './layout.ts';
import { type RecordMemory, recordMemory } from './record.ts';

/** Valid until the next one is asked for: a producer uses its memory again. */
export interface RecordBatch extends RecordMemory {
  readonly count: number;
  /** @returns where record `index` lies, in bytes: for `FlowRecord.at(batch, batch.address(index))` */
  address(index: number): number;
}

/** A batch with memory of its own: records first, then room for the bytes they point at. */
export class OwnedBatch implements RecordBatch {
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly capacity: number;
  /** Where the room behind the records begins and ends, in bytes. */
  readonly roomStart: number;
  readonly roomEnd: number;
  count = 0;

  /** @param roomBytes a multiple of 4 */
  constructor(capacity: number, roomBytes: number) {
    const buffer = new ArrayBuffer(capacity * RECORD_BYTES + roomBytes);
    const memory = recordMemory(buffer);
    this.words = memory.words;
    this.floats = memory.floats;
    this.bytes = memory.bytes;
    this.view = new DataView(buffer);
    this.capacity = capacity;
    this.roomStart = capacity * RECORD_BYTES;
    this.roomEnd = buffer.byteLength;
  }

  address(index: number): number {
    return index * RECORD_BYTES;
  }
}
