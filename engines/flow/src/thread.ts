/** A thread of the sensor: started with its data, told things, heard, ended within a deadline. */
import { type TransferListItem, Worker } from 'node:worker_threads';

/** Below the deadline that a module has for its stop. */
const STOP_MS = 3_000;
const MAX_HEAP_MIB = 128;

export interface ThreadOptions {
  readonly script: URL;
  readonly name: string;
  readonly data: unknown;
  readonly transfer?: readonly TransferListItem[];
}

export interface ThreadHandlers<From> {
  message(message: From): void;
  /** The thread has ended by itself. */
  ended(error: Error): void;
}

export class Thread<From, To> {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #expected = false;

  constructor({ script, name, data, transfer = [] }: ThreadOptions, handlers: ThreadHandlers<From>) {
    this.#worker = new Worker(script, {
      workerData: data,
      name,
      transferList: [...transfer],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
    this.#worker.on('message', (message: From) => handlers.message(message));
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('error', (error) => {
      this.#expected = true;
      handlers.ended(error as Error);
    });
    this.#worker.on('exit', (code) => {
      if (!this.#expected) handlers.ended(new Error(`the thread "${name}" ended (${code})`));
    });
  }

  tell(message: To, transfer: readonly TransferListItem[] = []): void {
    this.#worker.postMessage(message, [...transfer]);
  }

  /** It has said why it cannot go on: its end is no news. */
  expectEnd(): void {
    this.#expected = true;
  }

  /** @param message asks it to end, and lets it hand over what it holds */
  async stop(message: To): Promise<void> {
    this.#expected = true;
    this.tell(message);
    const timer = setTimeout(() => void this.#worker.terminate(), STOP_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}
