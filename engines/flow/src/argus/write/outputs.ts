/** All outputs of one program: each with its filter, fed with the same records and told the same about the stream. */

import type { RecordBatch } from '../../record/batch.ts';
import {
  CAUSE_START,
  CAUSE_STATUS,
  CAUSE_STOP,
  MANAGEMENT,
  MAR_CLIENTS,
  MAR_DROPPED,
  MAR_RECORDS,
} from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { RecordEncoder } from '../wire/encode.ts';
import { type StreamHead, setManagement } from '../wire/encode-management.ts';
import type { RecordFilter, RecordOutput } from './output.ts';

interface Fed {
  readonly output: RecordOutput;
  readonly filter: RecordFilter | undefined;
}

export class RecordOutputs {
  readonly head: StreamHead;
  /** Records handed in, management records not counted. */
  records = 0;
  readonly #nowUs: () => number;
  readonly #encoder = new RecordEncoder();
  readonly #managementEncoder = new RecordEncoder();
  readonly #management = new FlowRecord();
  readonly #record = new FlowRecord();
  readonly #outputs: Fed[] = [];
  #next = 0;
  #recordsReported = 0;
  #droppedReported = 0;

  /** @param nowUs microseconds since 1970 */
  constructor(head: StreamHead, nowUs: () => number) {
    this.head = head;
    this.#nowUs = nowUs;
  }

  add(output: RecordOutput, filter?: RecordFilter): void {
    this.#outputs.push({ output, filter });
  }

  get dropped(): number {
    return this.#outputs.reduce((sum, { output }) => sum + output.dropped, 0);
  }

  /** What a stream begins with: a copy, so that it may be kept. */
  greeting(): Uint8Array {
    setManagement(this.#management, CAUSE_START, this.head, this.#nowUs(), this.#next);
    return this.#managementEncoder.encode(this.#management).slice();
  }

  publish(batch: RecordBatch): void {
    for (let index = 0; index < batch.count; index += 1) this.write(this.#record.at(batch, batch.address(index)));
  }

  /** Encoded once, however many take it. */
  write(record: FlowRecord): void {
    this.records += 1;
    let bytes: Uint8Array | undefined;
    for (const { output, filter } of this.#outputs) {
      if (filter !== undefined && !filter(record)) continue;
      bytes ??= this.#encoder.encode(record);
      output.write(record, bytes);
    }
  }

  /** How it goes, since the last time: clients give up on a server that says nothing. */
  status(clients: number): void {
    this.#manage(CAUSE_STATUS, clients);
  }

  async flush(): Promise<void> {
    await Promise.all(this.#outputs.map(({ output }) => output.flush()));
  }

  /** Says that the stream ends, and waits until all is written. */
  async close(clients: number): Promise<void> {
    this.#manage(CAUSE_STOP, clients);
    const ends = await Promise.allSettled(this.#outputs.map(({ output }) => output.close()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  #manage(cause: number, clients: number): void {
    this.#next += 1;
    const record = this.#management;
    setManagement(record, cause, this.head, this.#nowUs(), this.#next);
    const { dropped, records } = this;
    record.set(MANAGEMENT + MAR_RECORDS, records - this.#recordsReported);
    record.set(MANAGEMENT + MAR_DROPPED, dropped - this.#droppedReported);
    record.set(MANAGEMENT + MAR_CLIENTS, clients);
    this.#recordsReported = records;
    this.#droppedReported = dropped;
    const bytes = this.#managementEncoder.encode(record);
    for (const { output, filter } of this.#outputs) {
      if (filter === undefined || filter(record)) output.write(record, bytes);
    }
  }
}
