/** A map that forgets what nobody has asked for in a while, without a time for each entry. */

export class Generations<Key, Value> {
  readonly #maxEntries: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();
  /** Entries that went before their time. */
  dropped = 0;

  /** @param maxEntries of both generations together */
  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** What is asked for is young again. */
  get(key: Key): Value | undefined {
    const found = this.#young.get(key);
    if (found !== undefined || this.#old.size === 0) return found;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.#young.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    this.#old.delete(key);
    this.#young.set(key, value);
    if (this.#young.size * 2 <= this.#maxEntries) return;
    this.dropped += this.#old.size;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** Time has passed: what is old goes, what is young is old. */
  turn(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
