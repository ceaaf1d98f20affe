/** Where events go in: stamped, told to subscribers at once, stored a moment later. */
import {
  badRequest,
  type Clock,
  type EventInput,
  type EventListener,
  type EventRows,
  type Events,
  type Log,
  type PlatformEvent,
  ulidSource,
} from '@undercroft/kernel';
import { BASE_EVENT } from '../classes.ts';
import type { ColumnBatch } from '../protocol.ts';
import { nearNames } from '../query/near.ts';
import type { EventRegistry } from '../registry.ts';
import { batchOfRows, rowsLength } from './rows.ts';
import { stampEvent } from './stamp.ts';
import { Subscribers } from './subscribers.ts';
import type { WriteQueue } from './write-queue.ts';

/** Classes and reasons that were warned of once; a publisher that invents names does not fill the log. */
const MAX_WARNINGS = 100;

export class EventHub {
  readonly #registry: EventRegistry;
  readonly #queue: WriteQueue<PlatformEvent>;
  readonly #rows: WriteQueue<ColumnBatch>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #subscribers: Subscribers;
  readonly #nextId = ulidSource();
  readonly #warned = new Set<string>();

  constructor(parts: {
    registry: EventRegistry;
    queue: WriteQueue<PlatformEvent>;
    rows: WriteQueue<ColumnBatch>;
    clock: Clock;
    log: Log;
  }) {
    this.#registry = parts.registry;
    this.#queue = parts.queue;
    this.#rows = parts.rows;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#subscribers = new Subscribers(parts.log);
  }

  /** One module's own entrance. */
  events(source: string): Events {
    return {
      publish: (input) => this.#publish(input, source),
      append: (input) => this.#append(input, source),
      subscribe: (listener: EventListener, filter) => this.#subscribers.add(listener, filter?.classes),
      writeRows: (rows) => this.#writeRows(rows, source),
      dropped: () => this.#queue.dropped + this.#rows.dropped,
    };
  }

  #publish(input: EventInput, source: string): void {
    try {
      const { event, length } = this.#stamp(input, this.#publishedClass(input, source), source);
      this.#queue.publish(event, length);
      this.#subscribers.tell(event);
    } catch (error) {
      this.#queue.drop(1);
      this.#warnOnce(`${source}: ${String(error)}`, { source, error: String(error) }, 'An event was not taken');
    }
  }

  async #writeRows(input: EventRows, source: string): Promise<void> {
    const batch = batchOfRows(input, this.#registry, source, this.#nextId, this.#clock);
    await this.#rows.appendMany(batch, batch.rows, rowsLength(batch));
  }

  async #append(input: EventInput, source: string): Promise<PlatformEvent> {
    if (!this.#registry.classes.has(input.class)) {
      const near = nearNames(String(input.class), this.#registry.classes.keys());
      throw badRequest(
        'events.class.unknown',
        `There is no event class ${JSON.stringify(input.class)}.`,
        near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'Declare it in the module that appends it.',
      );
    }
    const { event, length } = this.#stamp(input, input.class, source);
    const stored = this.#queue.append(event, length);
    this.#subscribers.tell(event);
    return stored;
  }

  #stamp(input: EventInput, className: string, source: string) {
    return stampEvent(input, className, source, this.#nextId, this.#clock);
  }

  #publishedClass(input: EventInput, source: string): string {
    if (this.#registry.classes.has(input.class)) return input.class;
    this.#warnOnce(
      `class ${input.class}`,
      { source, class: input.class },
      'An event of a class that no module declares is kept as base_event',
    );
    return BASE_EVENT.name;
  }

  #warnOnce(key: string, fields: object, message: string): void {
    if (this.#warned.has(key) || this.#warned.size >= MAX_WARNINGS) return;
    this.#warned.add(key);
    this.#log.warn(fields, message);
  }
}
