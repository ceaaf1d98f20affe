/** The wire's end of a feed: records in Argus' format, handed to the thread of the outputs by the chunk. */
import type { MessagePort } from 'node:worker_threads';
import { RecordEncoder } from '../argus/wire/encode.ts';
import { MAX_RECORD_BYTES } from '../argus/wire/format.ts';
import type { FlowRecord } from '../record/record.ts';
import type { FeedChunk } from './messages.ts';

const CHUNK_BYTES = 256 * 1024;
/** Chunks that may be under way; records beyond are lost for the outputs, and counted. */
const MAX_UNDER_WAY = 64;

export class RecordRelay {
  readonly #port: MessagePort;
  readonly #encoder = new RecordEncoder();
  #chunk = new Uint8Array(CHUNK_BYTES);
  #used = 0;
  #records = 0;
  #lost = 0;
  #underWay = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (chunks: number) => {
      this.#underWay -= chunks;
    });
    // What it waits for must not keep the thread alive.
    port.unref();
  }

  add(record: FlowRecord): void {
    const bytes = this.#encoder.encode(record);
    if (this.#used + bytes.length > CHUNK_BYTES) this.flush();
    if (bytes.length > Math.min(CHUNK_BYTES, MAX_RECORD_BYTES)) {
      this.#lost += 1;
      return;
    }
    this.#chunk.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#records += 1;
  }

  /** Hands over what has gathered. */
  flush(): void {
    if (this.#used === 0) return;
    if (this.#underWay >= MAX_UNDER_WAY) this.#lost += this.#records;
    else {
      const chunk: FeedChunk = { bytes: this.#chunk.subarray(0, this.#used), lost: this.#lost };
      this.#port.postMessage(chunk, [this.#chunk.buffer]);
      this.#chunk = new Uint8Array(CHUNK_BYTES);
      this.#lost = 0;
      this.#underWay += 1;
    }
    this.#used = 0;
    this.#records = 0;
  }

  close(): void {
    this.flush();
    this.#port.close();
  }
}
