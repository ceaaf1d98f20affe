/** Files of NetFlow and IPFIX messages, one after another: what `-r cisco:file` names, and `.ipfix` files. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UndercroftError } from '@undercroft/kernel';
import { OwnedBatch, type RecordBatch } from '../record/batch.ts';
import { RECORD_WORDS } from '../record/layout.ts';
import { ExporterState } from './language/exporter.ts';
import { NetflowDecoder } from './language/message.ts';
import { MessageSplitter } from './language/splitter.ts';

const BATCH_RECORDS = 4096;
const READ_BYTES = 64 * 1024;

export interface FlowFileOptions {
  /** What is counted of the file; made if absent. */
  readonly exporter?: ExporterState;
  /** Standard input, for a path of `-`. */
  readonly stdin?: Readable;
}

/**
 * The records of a file of NetFlow 1, 5, 7, 9 or IPFIX messages, as they were told: one-way ones are not joined.
 *
 * @param path of the file, gzip or not; `-` reads standard input
 * @returns batches, each good until the next is asked for
 * @throws UndercroftError `flow.netflow.open` when it cannot be read, `flow.netflow.format` when it begins with no message
 */
export async function* readFlowFile(path: string, options: FlowFileOptions = {}): AsyncGenerator<RecordBatch> {
  const exporter = options.exporter ?? new ExporterState();
  const decoder = new NetflowDecoder();
  const splitter = new MessageSplitter();
  const batches = new BatchFiller();
  const take = (message: Uint8Array) => decoder.decode(message, exporter, (record) => batches.add(record));
  let isFirst = true;
  try {
    for await (const chunk of await open(path, options.stdin)) {
      for (let from = 0; from < chunk.length; from += READ_BYTES) {
        splitter.push(chunk.subarray(from, from + READ_BYTES), take);
        yield* batches.full();
      }
      if (isFirst && splitter.broken) {
        throw new UndercroftError('flow.netflow.format', `${path}: holds no messages of NetFlow or IPFIX`);
      }
      isFirst = false;
    }
  } catch (error) {
    if (error instanceof UndercroftError) throw error;
    throw new UndercroftError('flow.netflow.open', `${path}: ${(error as Error).message}`, { cause: error });
  }
  splitter.push(new Uint8Array(0), take, true);
  if (splitter.lostBytes > 0) exporter.counters.malformed++;
  yield* batches.full();
  yield* batches.rest();
}

async function open(path: string, stdin: Readable | undefined): Promise<AsyncIterable<Uint8Array>> {
  if (path === '-') return (stdin ?? process.stdin) as AsyncIterable<Uint8Array>;
  const head: Uint8Array[] = [];
  for await (const chunk of createReadStream(path, { end: 1 })) head.push(chunk as Uint8Array);
  const [first, second] = Buffer.concat(head);
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  if (first !== 0x1f || second !== 0x8b) return file as AsyncIterable<Uint8Array>;
  const unpacked = createGunzip();
  pipeline(file, unpacked, () => {});
  return unpacked as AsyncIterable<Uint8Array>;
}

/** Messages give more records than a batch may have place for: as many batches as they need. */
class BatchFiller {
  readonly #full: OwnedBatch[] = [];
  readonly #free: OwnedBatch[] = [];
  #open = new OwnedBatch(BATCH_RECORDS, 0);

  add(record: { readonly words: Uint32Array; readonly base: number }): void {
    if (this.#open.count === this.#open.capacity) {
      this.#full.push(this.#open);
      this.#open = this.#free.pop() ?? new OwnedBatch(BATCH_RECORDS, 0);
      this.#open.count = 0;
    }
    const words = record.words.subarray(record.base, record.base + RECORD_WORDS);
    this.#open.words.set(words, this.#open.count * RECORD_WORDS);
    this.#open.count++;
  }

  *full(): Generator<RecordBatch> {
    for (let batch = this.#full.shift(); batch !== undefined; batch = this.#full.shift()) {
      yield batch;
      this.#free.push(batch);
    }
  }

  *rest(): Generator<RecordBatch> {
    if (this.#open.count > 0) yield this.#open;
  }
}
