/** One end of a link: calls of services in both directions over one ordered stream. */
import type { Duplex } from 'node:stream';
import { UndercroftError, unavailable } from '../errors.ts';
import { LONG_CALLS } from '../services/index.ts';
import { encodeFrame, FrameReader } from './frame.ts';

/** Calls in flight and bytes unsent: past them a caller is refused instead of memory growing. */
const MAX_CALLS = 10_000;
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 60_000;

export interface PeerHandlers {
  /** Answers a call of the other side. */
  call(service: string, method: string, args: readonly unknown[]): Promise<unknown>;
  /** Takes a message that wants no answer. */
  tell(topic: string, data: unknown): void;
  closed(error: Error | undefined): void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

type Message =
  | { readonly k: 'call'; readonly id: number; readonly s: string; readonly m: string; readonly a: readonly unknown[] }
  | { readonly k: 'ok'; readonly id: number; readonly v: unknown }
  | {
      readonly k: 'error';
      readonly id: number;
      readonly e: { readonly code: string; readonly message: string; readonly fix?: string; readonly status: number };
    }
  | { readonly k: 'tell'; readonly t: string; readonly d: unknown };

export class Peer {
  readonly #stream: Duplex;
  readonly #handlers: PeerHandlers;
  readonly #pending = new Map<number, Pending>();
  readonly #reader = new FrameReader();
  #nextId = 1;
  #closed = false;
  #dropped = 0;

  constructor(stream: Duplex, handlers: PeerHandlers) {
    this.#stream = stream;
    this.#handlers = handlers;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', (error) => this.#end(error));
    stream.on('close', () => this.#end(undefined));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Messages told but not sent because the other side did not read. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @param timeoutMs infinite: until the link ends */
  call(
    service: string,
    method: string,
    args: readonly unknown[],
    timeoutMs = timeoutOf(service, method),
  ): Promise<unknown> {
    if (this.#closed)
      return Promise.reject(unavailable('service.absent', `The process that provides ${service} is not connected.`));
    if (this.#pending.size >= MAX_CALLS || this.#stream.writableLength > MAX_UNSENT_BYTES) {
      return Promise.reject(unavailable('service.busy', `The process that provides ${service} does not keep up.`));
    }
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const late = (): void => {
        this.#pending.delete(id);
        reject(unavailable('service.timeout', `${service}.${method} did not answer within ${timeoutMs} ms.`));
      };
      const timer = Number.isFinite(timeoutMs) ? setTimeout(late, timeoutMs) : undefined;
      timer?.unref();
      this.#pending.set(id, { resolve, reject, timer });
      try {
        this.#send({ k: 'call', id, s: service, m: method, a: args });
      } catch (error) {
        this.#settle(id)?.reject(error as Error);
      }
    });
  }

  /** @returns false when it was dropped because the other side does not read */
  tell(topic: string, data: unknown): boolean {
    if (this.#closed || this.#stream.writableLength > MAX_UNSENT_BYTES) {
      this.#dropped++;
      return false;
    }
    this.#send({ k: 'tell', t: topic, d: data });
    return true;
  }

  close(): void {
    this.#stream.end();
  }

  #send(message: Message): void {
    this.#stream.write(encodeFrame(message));
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#reader.push(chunk)) this.#handle(message as Message);
    } catch (error) {
      this.#stream.destroy(error as Error);
    }
  }

  #handle(message: Message): void {
    switch (message?.k) {
      case 'call':
        void this.#answer(message.id, message.s, message.m, message.a);
        break;
      case 'ok':
        this.#settle(message.id)?.resolve(message.v);
        break;
      case 'error': {
        const { code, message: text, fix, status } = message.e;
        this.#settle(message.id)?.reject(
          new UndercroftError(code, text, { status, ...(fix === undefined ? {} : { fix }) }),
        );
        break;
      }
      case 'tell':
        this.#handlers.tell(message.t, message.d);
        break;
      default:
        throw new UndercroftError('kernel.link.frame', 'The link sent a message of an unknown kind.');
    }
  }

  async #answer(id: number, service: string, method: string, args: readonly unknown[]): Promise<void> {
    let answer: Message;
    try {
      answer = { k: 'ok', id, v: (await this.#handlers.call(service, method, args)) ?? null };
    } catch (error) {
      answer = { k: 'error', id, e: describe(error) };
    }
    if (this.#closed) return;
    try {
      this.#send(answer);
    } catch (error) {
      this.#send({ k: 'error', id, e: describe(error) });
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    return pending;
  }

  #end(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const id of [...this.#pending.keys()])
      this.#settle(id)?.reject(
        unavailable('service.absent', 'The link to the other process ended before it answered.'),
      );
    this.#handlers.closed(error);
  }
}

function timeoutOf(service: string, method: string): number {
  return LONG_CALLS.includes(`${service}/${method}`) ? Number.POSITIVE_INFINITY : DEFAULT_TIMEOUT_MS;
}

function describe(error: unknown): { code: string; message: string; fix?: string; status: number } {
  if (error instanceof UndercroftError) {
    return {
      code: error.code,
      message: error.message,
      status: error.status,
      ...(error.fix === undefined ? {} : { fix: error.fix }),
    };
  }
  return { code: 'kernel.internal', message: (error as Error)?.message ?? String(error), status: 500 };
}
