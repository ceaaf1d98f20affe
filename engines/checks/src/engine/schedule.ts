/** Which check is due next: a binary heap by due time, with the order of adding between equals. */

interface Entry {
  readonly id: string;
  readonly dueMs: number;
  readonly order: number;
}

export class Schedule {
  readonly #heap: Entry[] = [];
  /** The entry that counts for an id; older ones in the heap are passed over. */
  readonly #current = new Map<string, Entry>();
  #order = 0;

  get size(): number {
    return this.#current.size;
  }

  /** Sets, or moves, when a check is due. */
  set(id: string, dueMs: number): void {
    const entry = { id, dueMs, order: this.#order++ };
    this.#current.set(id, entry);
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    if (this.#heap.length > 64 && this.#heap.length > this.#current.size * 4) this.#rebuild();
  }

  delete(id: string): void {
    this.#current.delete(id);
  }

  dueMs(id: string): number | undefined {
    return this.#current.get(id)?.dueMs;
  }

  /** When the earliest is due. */
  nextMs(): number | undefined {
    this.#dropStale();
    return this.#heap[0]?.dueMs;
  }

  /** Takes the earliest one that is due by now. */
  take(nowMs: number): string | undefined {
    this.#dropStale();
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.#removeFirst();
    this.#current.delete(first.id);
    return first.id;
  }

  #dropStale(): void {
    for (let first = this.#heap[0]; first !== undefined && this.#current.get(first.id) !== first; first = this.#heap[0])
      this.#removeFirst();
  }

  #removeFirst(): void {
    const last = this.#heap.pop() as Entry;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rebuild(): void {
    this.#heap.splice(0, this.#heap.length, ...this.#current.values());
    for (let i = this.#heap.length >> 1; i >= 0; i--) this.#sink(i);
  }

  #rise(from: number): void {
    for (let i = from; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(from: number): void {
    for (let i = from; ; ) {
      const left = 2 * i + 1;
      const smaller = left + 1 < this.#heap.length && this.#before(left + 1, left) ? left + 1 : left;
      if (smaller >= this.#heap.length || !this.#before(smaller, i)) return;
      this.#swap(i, smaller);
      i = smaller;
    }
  }

  #before(a: number, b: number): boolean {
    const x = this.#heap[a] as Entry;
    const y = this.#heap[b] as Entry;
    return x.dueMs < y.dueMs || (x.dueMs === y.dueMs && x.order < y.order);
  }

  #swap(a: number, b: number): void {
    const entry = this.#heap[a] as Entry;
    this.#heap[a] = this.#heap[b] as Entry;
    this.#heap[b] = entry;
  }
}

/** Where in its interval a check has its place: the same after every restart, so that they never all run at once. */
export function phaseMs(id: string, intervalMs: number): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16_777_619);
  return (hash >>> 0) % intervalMs;
}
