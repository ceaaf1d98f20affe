/** Those who see every event as it comes. */
import type { EventListener, Log, PlatformEvent } from '@undercroft/kernel';

export class Subscribers {
  readonly #listeners = new Set<{
    readonly listener: EventListener;
    readonly classes: ReadonlySet<string> | undefined;
  }>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  add(listener: EventListener, classes: readonly string[] | undefined): () => void {
    const entry = { listener, classes: classes === undefined ? undefined : new Set(classes) };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** One that throws harms nobody else. */
  tell(event: PlatformEvent): void {
    for (const { listener, classes } of this.#listeners) {
      if (classes !== undefined && !classes.has(event.class)) continue;
      try {
        listener(event);
      } catch (error) {
        this.#log.error({ error: String(error), class: event.class }, 'A subscriber of events failed');
      }
    }
  }
}
