/**
 * Live messages to every open stream. A message is put into words once, however many read it; nobody waits for a
 * slow reader; what was sent in the last moments is kept, for streams that come back.
 */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Clock, type LiveStream, type Log, type Principal, unavailable } from '@undercroft/kernel';
import { Interest } from './interest.ts';
import { Listener } from './listener.ts';
import { type Message, MessageRing } from './ring.ts';

export const MAX_KEPT_MESSAGES = 16_384;
export const MAX_KEPT_BYTES = 8_388_608;
const MAX_COLD_TOPICS = 10_000;
const HEARTBEAT = Buffer.from(': alive\n\n');

export interface LiveStats {
  readonly listeners: number;
  readonly topics: number;
  readonly sent: number;
  /** Queues that ran over, their readers told to start again. */
  readonly resets: number;
}

export interface OpenOptions {
  readonly principal: Principal;
  readonly topics: readonly string[];
  readonly denied: readonly string[];
  readonly lastId: string | undefined;
  readonly isStillSignedIn: () => Promise<boolean>;
  readonly open: () => ServerResponse;
}

export class LiveHub implements LiveStream {
  readonly bootId = randomBytes(4).toString('hex');
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #maxListeners: () => number;
  readonly #listeners = new Map<string, Listener>();
  readonly #byTopic = new Map<string, Set<Listener>>();
  readonly #ring = new MessageRing(MAX_KEPT_MESSAGES, MAX_KEPT_BYTES);
  readonly #interest: Interest;
  /** Topics that nobody followed for a while: what was sent up to this number is not kept. */
  readonly #coldUntil = new Map<string, number>();
  /** The same for topics that are not in the map. */
  #allColdUntil = 0;
  #seq = 0;
  #flushing = false;
  #resets = 0;
  readonly #dirty = new Set<Listener>();

  constructor(options: { readonly clock: Clock; readonly log: Log; readonly maxListeners: () => number }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#maxListeners = options.maxListeners;
    this.#interest = new Interest(options.clock, (topic) => this.#markCold(topic));
  }

  send(topic: string, data: unknown, options: { readonly key?: string; readonly tenant?: string } = {}): void {
    this.#seq += 1;
    if (!this.#interest.has(topic)) {
      this.#markCold(topic);
      return;
    }
    const frame = Buffer.from(
      `id: ${this.#idOf(this.#seq)}\nevent: ${topic}\ndata: ${JSON.stringify(data ?? null)}\n\n`,
    );
    const message: Message = { seq: this.#seq, topic, key: options.key, tenant: options.tenant, frame };
    this.#ring.push(message);
    for (const listener of this.#byTopic.get(topic) ?? []) {
      if (!mayRead(listener.principal, message)) continue;
      listener.push(message);
      this.#touch(listener);
    }
  }

  /** Whether what is sent to this topic is read or kept: if not, data need not be prepared. */
  wants(topic: string): boolean {
    return this.#interest.has(topic);
  }

  followed(prefix?: string): ReadonlySet<string> {
    return this.#interest.topics(prefix);
  }

  onInterest(prefix: string, listener: (topic: string, followed: boolean) => void): () => void {
    return this.#interest.watch(prefix, listener);
  }

  /** Opens a stream. @throws UndercroftError `http.live-full` (503) */
  open(options: OpenOptions): string {
    if (this.#listeners.size >= this.#maxListeners()) {
      throw unavailable(
        'http.live-full',
        `There are ${this.#listeners.size} live streams open already.`,
        'Close some, or raise `http.limits.liveConnections`.',
      );
    }
    const id = randomBytes(9).toString('base64url');
    const listener = new Listener({
      id,
      principal: options.principal,
      response: options.open(),
      isStillSignedIn: options.isStillSignedIn,
      resetFrame: () => this.#resetFrame('slow'),
      nowMs: () => this.#clock.monotonicMs(),
    });
    this.#listeners.set(id, listener);
    listener.onEnd(() => this.#forget(listener));
    const missed = this.#missed(options.lastId, options.topics);
    const startId = Array.isArray(missed) ? options.lastId : this.#idOf(this.#seq);
    const hello = { connection: id, bootId: this.bootId, topics: options.topics, denied: options.denied };
    listener.pushFrame(Buffer.from(`id: ${startId}\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`));
    if (missed === 'gone') listener.pushFrame(this.#resetFrame('gone'));
    else if (missed !== 'fresh') {
      for (const message of missed) if (mayRead(listener.principal, message)) listener.push(message);
    }
    this.#follow(listener, options.topics);
    listener.flush();
    return id;
  }

  /** Changes what a stream follows. @returns false when there is no such stream of this principal */
  change(id: string, principal: Principal, topics: readonly string[]): boolean {
    const listener = this.#listeners.get(id);
    if (listener === undefined || listener.principal.accessor !== principal.accessor) return false;
    this.#follow(listener, topics);
    return true;
  }

  heartbeat(): void {
    for (const listener of this.#listeners.values()) listener.heartbeat(HEARTBEAT);
  }

  /** Ends streams whose session or token has ended; drops topics that are no longer allowed. */
  async recheck(allows: (principal: Principal, topic: string) => boolean): Promise<void> {
    const verdicts = new Map<string, Promise<boolean>>();
    for (const listener of [...this.#listeners.values()]) {
      const { accessor } = listener.principal;
      const verdict = verdicts.get(accessor) ?? listener.isStillSignedIn();
      verdicts.set(accessor, verdict);
      if (!(await verdict)) {
        this.#log.debug({ connection: listener.id, accessor }, 'live stream ended with its session');
        listener.end();
      } else {
        const kept = [...listener.topics].filter((topic) => allows(listener.principal, topic));
        if (kept.length < listener.topics.size) this.#follow(listener, kept);
      }
    }
  }

  stats(): LiveStats {
    const running = [...this.#listeners.values()].reduce((sum, listener) => sum + listener.overruns, 0);
    return {
      listeners: this.#listeners.size,
      topics: this.#byTopic.size,
      sent: this.#seq,
      resets: this.#resets + running,
    };
  }

  close(): void {
    this.#interest.close();
    for (const listener of this.#listeners.values()) listener.end();
  }

  /** What a stream that comes back has missed. `fresh` if it is new, `gone` if that is no longer known. */
  #missed(lastId: string | undefined, topics: readonly string[]): readonly Message[] | 'fresh' | 'gone' {
    if (lastId === undefined || lastId === '') return 'fresh';
    const [, boot, number] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(lastId) ?? [];
    const seq = Number(number);
    if (boot !== this.bootId || seq > this.#seq) return 'gone';
    if (topics.some((topic) => seq < this.#coldSeq(topic))) return 'gone';
    const wanted = new Set(topics);
    return this.#ring.after(seq)?.filter((message) => wanted.has(message.topic)) ?? 'gone';
  }

  #coldSeq(topic: string): number {
    return Math.max(this.#coldUntil.get(topic) ?? 0, this.#allColdUntil);
  }

  #markCold(topic: string): void {
    this.#coldUntil.set(topic, this.#seq);
    if (this.#coldUntil.size <= MAX_COLD_TOPICS) return;
    this.#coldUntil.clear();
    this.#allColdUntil = this.#seq;
  }

  #follow(listener: Listener, topics: readonly string[]): void {
    const wanted = new Set(topics);
    for (const topic of wanted) if (!listener.topics.has(topic)) this.#join(listener, topic);
    for (const topic of listener.topics) if (!wanted.has(topic)) this.#leave(listener, topic);
    listener.topics = wanted;
  }

  #join(listener: Listener, topic: string): void {
    const listeners = this.#byTopic.get(topic) ?? new Set();
    listeners.add(listener);
    this.#byTopic.set(topic, listeners);
    this.#interest.join(topic);
  }

  #leave(listener: Listener, topic: string): void {
    const listeners = this.#byTopic.get(topic);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#byTopic.delete(topic);
    this.#interest.leave(topic);
  }

  #forget(listener: Listener): void {
    this.#listeners.delete(listener.id);
    this.#dirty.delete(listener);
    this.#resets += listener.overruns;
    this.#follow(listener, []);
  }

  /** Messages of one turn of the event loop go out together. */
  #touch(listener: Listener): void {
    this.#dirty.add(listener);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      for (const dirty of this.#dirty) dirty.flush();
      this.#dirty.clear();
    });
  }

  #idOf(seq: number): string {
    return `${this.bootId}-${seq}`;
  }

  #resetFrame(reason: 'slow' | 'gone'): Buffer {
    return Buffer.from(`id: ${this.#idOf(this.#seq)}\nevent: reset\ndata: ${JSON.stringify({ reason })}\n\n`);
  }
}

function mayRead(principal: Principal, message: Message): boolean {
  return message.tenant === undefined || message.tenant === principal.tenant;
}
