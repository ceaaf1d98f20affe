/** A first-in first-out queue with a bound: what does not fit is dropped and counted, never silently. */
export class BoundedQueue<T> {
  readonly #items: (T | undefined)[];
  readonly #capacity: number;
  #head = 0;
  #size = 0;
  #dropped = 0;

  /** @param capacity most items held at once */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError(`capacity must be a whole number from 1, not ${capacity}`);
    this.#capacity = capacity;
    this.#items = [];
  }

  get size(): number {
    return this.#size;
  }

  /** Items refused or pushed out since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @returns false when the queue was full and the item was dropped */
  push(item: T): boolean {
    if (this.#size === this.#capacity) {
      this.#dropped++;
      return false;
    }
    this.#items[(this.#head + this.#size) % this.#capacity] = item;
    this.#size++;
    return true;
  }

  /** Makes room by dropping the oldest: for what is only worth having fresh. */
  pushOut(item: T): void {
    if (this.#size === this.#capacity) {
      this.shift();
      this.#dropped++;
    }
    this.push(item);
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#capacity;
    this.#size--;
    return item;
  }

  /** Takes up to `most` items, oldest first. */
  take(most: number): T[] {
    const out: T[] = [];
    while (out.length < most && this.#size > 0) out.push(this.shift() as T);
    return out;
  }
}
