/**
 * The one stream a browser holds: follows the union of what its tabs follow, resumes by the last id after a cut, and
 * says when something may have been missed. Runs in the shared worker, or in the page where there is none.
 */
import { SseDecoder } from './sse.ts';

/** What a tab says to the connection. */
export type LiveRequest =
  | { readonly kind: 'follow'; readonly topics: readonly string[] }
  | { readonly kind: 'csrf'; readonly token: string | undefined }
  | { readonly kind: 'retry' }
  | { readonly kind: 'alive' }
  | { readonly kind: 'bye' };

/** What the connection says to a tab. `gap` means: what is shown may miss changes, fetch again. */
export type LiveMessage =
  | { readonly kind: 'event'; readonly topic: string; readonly data: unknown }
  | { readonly kind: 'status'; readonly status: LiveStatus }
  | { readonly kind: 'gap' };

export interface LiveStatus {
  readonly state: 'idle' | 'connecting' | 'live' | 'offline' | 'signed-out';
  /** Since when it is so, epoch milliseconds. */
  readonly sinceMs: number;
}

export interface LivePort {
  send(message: LiveMessage): void;
}

interface Follower {
  topics: ReadonlySet<string>;
  lastSeenMs: number;
}

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;
const SILENCE_MS = 60_000;
/** A tab that has said nothing for so long is gone. */
const FOLLOWER_TIMEOUT_MS = 3 * 60_000;
const SETTLE_MS = 30;

export interface LiveOptions {
  /** `/platform/v1/live` of this origin. */
  readonly url: string;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
}

export class LiveConnection {
  readonly #options: Required<LiveOptions>;
  readonly #followers = new Map<LivePort, Follower>();
  #status: LiveStatus;
  #csrf: string | undefined;
  #abort: AbortController | undefined;
  #connection: string | undefined;
  #sent = '';
  #lastId: string | undefined;
  #retryMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #lastByteMs = 0;

  constructor(options: LiveOptions) {
    this.#options = { fetch: (...args) => fetch(...args), now: () => Date.now(), ...options };
    this.#status = { state: 'idle', sinceMs: this.#options.now() };
  }

  /** A tab's word. Unknown ports join with it. */
  receive(port: LivePort, request: LiveRequest): void {
    const follower = this.#follower(port);
    if (request.kind === 'bye') this.#followers.delete(port);
    else if (request.kind === 'follow') follower.topics = new Set(request.topics);
    else if (request.kind === 'csrf') this.#csrf = request.token;
    else if (request.kind === 'retry') this.#reconnectNow();
    this.#dropSilent();
    this.#settle ??= setTimeout(() => {
      this.#settle = undefined;
      this.#arrange();
    }, SETTLE_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#settle);
    this.#settle = undefined;
    this.#stop();
  }

  #follower(port: LivePort): Follower {
    const known = this.#followers.get(port);
    if (known !== undefined) {
      known.lastSeenMs = this.#options.now();
      return known;
    }
    const follower = { topics: new Set<string>(), lastSeenMs: this.#options.now() };
    this.#followers.set(port, follower);
    port.send({ kind: 'status', status: this.#status });
    return follower;
  }

  #dropSilent(): void {
    const limit = this.#options.now() - FOLLOWER_TIMEOUT_MS;
    for (const [port, follower] of this.#followers) if (follower.lastSeenMs < limit) this.#followers.delete(port);
  }

  #topics(): readonly string[] {
    const topics = new Set<string>();
    for (const follower of this.#followers.values()) for (const topic of follower.topics) topics.add(topic);
    return [...topics].sort();
  }

  #arrange(): void {
    const topics = this.#topics();
    if (topics.length === 0) {
      this.#stop();
      this.#say('idle');
    } else if (this.#abort === undefined) {
      if (this.#timer === undefined) void this.#connect();
    } else if (this.#connection !== undefined && this.#sent !== topics.join(',')) {
      void this.#sendTopics(topics);
    }
  }

  #reconnectNow(): void {
    if (this.#abort !== undefined && this.#status.state === 'live') return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#retryMs = FIRST_RETRY_MS;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort?.abort();
    this.#abort = undefined;
    this.#connection = undefined;
    this.#lastId = undefined;
  }

  async #connect(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    if (this.#status.state !== 'offline') this.#say('connecting');
    const topics = this.#topics();
    this.#sent = topics.join(',');
    const search = new URLSearchParams({ topics: this.#sent });
    if (this.#lastId !== undefined) search.set('after', this.#lastId);
    let state: LiveStatus['state'] = 'offline';
    try {
      const response = await this.#options.fetch(`${this.#options.url}?${search}`, {
        headers: { accept: 'text/event-stream' },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: abort.signal,
      });
      if (response.status === 401) state = 'signed-out';
      if (response.ok && response.body !== null) await this.#read(response.body, abort);
      else await response.body?.cancel();
    } catch {
      // Refused, reset or cut: the retry below is the answer, and the status says it.
    }
    if (this.#abort !== abort) return;
    this.#abort = undefined;
    this.#connection = undefined;
    if (this.#topics().length === 0) return;
    this.#say(state);
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#connect();
      },
      this.#retryMs * (0.75 + Math.random() / 2),
    );
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  async #read(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const reader = body.getReader();
    const text = new TextDecoder();
    const decoder = new SseDecoder();
    this.#lastByteMs = this.#options.now();
    const watch = setInterval(() => {
      if (this.#options.now() - this.#lastByteMs > SILENCE_MS) void reader.cancel().catch(() => undefined);
    }, SILENCE_MS / 4);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || abort.signal.aborted) return;
        this.#lastByteMs = this.#options.now();
        for (const event of decoder.push(text.decode(value, { stream: true })))
          this.#take(event.event, event.data, event.id);
      }
    } finally {
      clearInterval(watch);
    }
  }

  #take(event: string, data: string, id: string | undefined): void {
    const value = parseJson(data);
    if (event === 'hello') {
      const resumed = this.#lastId !== undefined;
      this.#connection = (value as { connection?: string } | undefined)?.connection;
      this.#retryMs = FIRST_RETRY_MS;
      const wasOffline = this.#status.state === 'offline' || this.#status.state === 'signed-out';
      this.#say('live');
      if (wasOffline && !resumed) this.#broadcast({ kind: 'gap' });
      this.#arrange();
      return;
    }
    if (event === 'reset') {
      this.#lastId = id;
      this.#broadcast({ kind: 'gap' });
      return;
    }
    if (id !== undefined) this.#lastId = id;
    const message: LiveMessage = { kind: 'event', topic: event, data: value };
    for (const [port, follower] of this.#followers) if (follower.topics.has(event)) port.send(message);
  }

  async #sendTopics(topics: readonly string[]): Promise<void> {
    const list = topics.join(',');
    this.#sent = list;
    try {
      const response = await this.#options.fetch(`${this.#options.url}/${this.#connection}`, {
        method: 'PUT',
        credentials: 'same-origin',
        headers: {
          'content-type': 'application/json',
          ...(this.#csrf === undefined ? {} : { 'x-undercroft-csrf': this.#csrf }),
        },
        body: JSON.stringify({ topics }),
      });
      if (response.ok) return;
    } catch {
      // Falls through: a new connection asks for the topics in its address.
    }
    if (this.#sent === list) this.#abort?.abort();
  }

  #say(state: LiveStatus['state']): void {
    if (this.#status.state === state) return;
    this.#status = { state, sinceMs: this.#options.now() };
    this.#broadcast({ kind: 'status', status: this.#status });
  }

  #broadcast(message: LiveMessage): void {
    for (const port of this.#followers.keys()) port.send(message);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
