/** The sensor's side of the threads that read the wire: starts them, passes on what they say, ends them. */
import { Thread } from '../thread.ts';
import type { FromWire, ToWire, WireOptions } from './messages.ts';

export interface WireHandlers {
  message(message: FromWire): void;
  /** The thread has ended by itself. */
  ended(error: Error): void;
}

export class Wire {
  readonly #thread: Thread<FromWire, ToWire>;

  constructor(options: WireOptions, handlers: WireHandlers) {
    const script = new URL('./worker.ts', import.meta.url);
    const transfer = options.feed === undefined ? [] : [options.feed];
    this.#thread = new Thread(
      { script, name: 'flow wire', data: options, transfer },
      {
        message: (message) => {
          if (message.kind === 'failed') this.#thread.expectEnd();
          handlers.message(message);
        },
        ended: handlers.ended,
      },
    );
  }

  taken(rows: number): void {
    this.#thread.tell({ kind: 'taken', rows });
  }

  /** Lets it hand over what it holds. */
  stop(): Promise<void> {
    return this.#thread.stop({ kind: 'stop' });
  }
}
