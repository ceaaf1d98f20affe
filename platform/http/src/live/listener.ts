/** One open stream: what it follows, and a bounded queue of what its socket does not take yet. */
import type { ServerResponse } from 'node:http';
import type { Principal } from '@undercroft/kernel';
import type { Message } from './ring.ts';

export const MAX_QUEUED_MESSAGES = 2000;
export const MAX_QUEUED_BYTES = 1_048_576;
/** What the socket may hold before messages are queued (and may be replaced) here. */
const SOCKET_BYTES = 65_536;
const MAX_STALLED_MS = 60_000;

export interface ListenerOptions {
  readonly id: string;
  readonly principal: Principal;
  readonly response: ServerResponse;
  /** Authenticates it again, as the request that opened it. */
  readonly isStillSignedIn: () => Promise<boolean>;
  /** What is sent in place of a queue that ran over. */
  readonly resetFrame: () => Buffer;
  readonly nowMs: () => number;
}

export class Listener {
  readonly id: string;
  readonly principal: Principal;
  readonly isStillSignedIn: () => Promise<boolean>;
  topics: ReadonlySet<string> = new Set();
  /** Times its queue ran over. */
  overruns = 0;
  readonly #response: ServerResponse;
  readonly #resetFrame: () => Buffer;
  readonly #nowMs: () => number;
  /** In the order of sending; by topic and key, or by a number where all are kept. */
  readonly #queue = new Map<string | number, Buffer>();
  #queuedBytes = 0;
  #nextPlace = 0;
  #stalledSinceMs: number | undefined;

  constructor(options: ListenerOptions) {
    this.id = options.id;
    this.principal = options.principal;
    this.isStillSignedIn = options.isStillSignedIn;
    this.#response = options.response;
    this.#resetFrame = options.resetFrame;
    this.#nowMs = options.nowMs;
    this.#response.on('drain', () => this.flush());
  }

  /** Calls back when the stream has ended for whatever reason. */
  onEnd(listener: () => void): void {
    this.#response.once('close', listener);
  }

  /** Queues a message; one with the same topic and key that still waits is replaced. */
  push(message: Message): void {
    this.#enqueue(message.key === undefined ? this.#nextPlace++ : `${message.topic}\n${message.key}`, message.frame);
  }

  /** Queues what is no message: a greeting, a reset. */
  pushFrame(frame: Buffer): void {
    this.#enqueue(this.#nextPlace++, frame);
  }

  /** Hands the queue to the socket, unless that has enough. @returns false if it had to wait */
  flush(): boolean {
    if (this.#response.writableLength >= SOCKET_BYTES) {
      this.#stalledSinceMs ??= this.#nowMs();
      return false;
    }
    this.#stalledSinceMs = undefined;
    if (this.#queue.size === 0) return true;
    const frames = [...this.#queue.values()];
    this.#clear();
    const [only] = frames;
    this.#response.write(frames.length === 1 && only !== undefined ? only : Buffer.concat(frames));
    return true;
  }

  /** A comment that keeps proxies from closing the stream; ends one whose reader is stuck for good. */
  heartbeat(comment: Buffer): void {
    if (this.#stalledSinceMs !== undefined && this.#nowMs() - this.#stalledSinceMs > MAX_STALLED_MS) {
      this.#response.destroy();
    } else if (this.flush()) this.#response.write(comment);
  }

  end(): void {
    this.flush();
    this.#response.end();
  }

  #enqueue(place: string | number, frame: Buffer): void {
    const before = this.#queue.get(place);
    if (before !== undefined) {
      this.#queue.delete(place);
      this.#queuedBytes -= before.length;
    }
    this.#queue.set(place, frame);
    this.#queuedBytes += frame.length;
    if (this.#queue.size <= MAX_QUEUED_MESSAGES && this.#queuedBytes <= MAX_QUEUED_BYTES) return;
    this.#clear();
    this.overruns += 1;
    const reset = this.#resetFrame();
    this.#queue.set(this.#nextPlace++, reset);
    this.#queuedBytes = reset.length;
  }

  #clear(): void {
    this.#queue.clear();
    this.#queuedBytes = 0;
  }
}
