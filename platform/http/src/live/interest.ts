/**
 * Which topics somebody follows. Interest lasts a little longer than its last follower, so that a stream that breaks
 * and comes back finds what was sent meanwhile.
 */
import type { Clock } from '@undercroft/kernel';

export const LINGER_MS = 15_000;

interface Watcher {
  readonly prefix: string;
  readonly tell: (topic: string, followed: boolean) => void;
}

export class Interest {
  readonly #followers = new Map<string, number>();
  readonly #leaving = new Map<string, () => void>();
  readonly #watchers = new Set<Watcher>();
  readonly #clock: Clock;
  /** Called when a topic is no longer kept. */
  readonly #onCold: (topic: string) => void;

  constructor(clock: Clock, onCold: (topic: string) => void) {
    this.#clock = clock;
    this.#onCold = onCold;
  }

  has(topic: string): boolean {
    return this.#followers.has(topic);
  }

  topics(prefix = ''): ReadonlySet<string> {
    return new Set([...this.#followers.keys()].filter((topic) => topic.startsWith(prefix)));
  }

  watch(prefix: string, tell: Watcher['tell']): () => void {
    const watcher: Watcher = { prefix, tell };
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  join(topic: string): void {
    const count = this.#followers.get(topic);
    this.#followers.set(topic, (count ?? 0) + 1);
    this.#leaving.get(topic)?.();
    this.#leaving.delete(topic);
    if (count === undefined) this.#tell(topic, true);
  }

  leave(topic: string): void {
    const count = (this.#followers.get(topic) ?? 1) - 1;
    this.#followers.set(topic, count);
    if (count > 0) return;
    this.#leaving.set(
      topic,
      this.#clock.after(LINGER_MS, () => {
        this.#leaving.delete(topic);
        this.#followers.delete(topic);
        this.#onCold(topic);
        this.#tell(topic, false);
      }),
    );
  }

  close(): void {
    for (const cancel of this.#leaving.values()) cancel();
    this.#leaving.clear();
  }

  #tell(topic: string, followed: boolean): void {
    for (const { prefix, tell } of this.#watchers) if (topic.startsWith(prefix)) tell(topic, followed);
  }
}
