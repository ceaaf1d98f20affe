/** Flow exports (NetFlow, IPFIX, sFlow) as one of radium's sources. */

import { Collector } from '../../netflow/collector.ts';
import { OwnedBatch } from '../../record/batch.ts';
import { EXTRA_BYTES, RECORD_BYTES, SOURCE_DATA_AT } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { argusError } from '../errors.ts';
import type { RecordInput } from './input.ts';

const BATCH_RECORDS = 4096;
const DEFAULT_PORT = 9996;
/** How often it is told that records were dropped. */
const TELL_MS = 10_000;

/** @param address `host:port`; the host may be empty or `any` */
export function exportInput(address: string): RecordInput {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d{1,5}))?$/.exec(address);
  if (match === null) throw argusError('option', `${JSON.stringify(address)} is no address to listen on`);
  const host = (match[1] as string).replace(/^\[|\]$/g, '');
  const port = match[2] === undefined ? DEFAULT_PORT : Number(match[2]);
  return {
    name: `flow exports on ${host || 'any'}:${port}`,
    async *read(signal, onTrouble) {
      const queue = new ExportQueue();
      const collector = new Collector((record) => queue.add(record), {
        host: host === '' || host === 'any' ? '::' : host,
        netflowPort: port,
        nowMs: () => Date.now(),
      });
      await collector.start();
      const stop = (): void => queue.wake();
      signal.addEventListener('abort', stop, { once: true });
      let told = 0;
      const tell = setInterval(() => {
        if (queue.dropped > told) onTrouble(`${queue.dropped - told} records were dropped`);
        told = queue.dropped;
      }, TELL_MS);
      try {
        while (!signal.aborted) {
          const batch = await queue.take();
          if (batch.count > 0) yield batch;
        }
      } finally {
        clearInterval(tell);
        signal.removeEventListener('abort', stop);
        await collector.stop();
      }
    },
  };
}

/** Two batches: one is filled while the other is read. */
class ExportQueue {
  /** Records that came while both were full. */
  dropped = 0;
  #filling = new OwnedBatch(BATCH_RECORDS, 0);
  #reading = new OwnedBatch(BATCH_RECORDS, 0);
  #wake: (() => void) | undefined;

  /** Copies the record; exports have no bytes of their own beside it. */
  add(record: FlowRecord): void {
    const batch = this.#filling;
    if (batch.count >= batch.capacity) {
      this.dropped += 1;
      return;
    }
    const from = record.base * 4;
    const to = batch.address(batch.count);
    batch.bytes.set(record.bytes.subarray(from, from + RECORD_BYTES), to);
    for (let word = SOURCE_DATA_AT; word <= EXTRA_BYTES; word += 1) batch.words[to / 4 + word] = 0;
    batch.count += 1;
    this.wake();
  }

  wake(): void {
    this.#wake?.();
  }

  /** Resolves with what has come, or with nothing when it was woken. */
  async take(): Promise<OwnedBatch> {
    if (this.#filling.count === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const taken = this.#filling;
    this.#filling = this.#reading;
    this.#filling.count = 0;
    this.#reading = taken;
    return taken;
  }
}
