/** The pages read last, by bytes. */
import type { Page } from './group.ts';

/** A page costs this much beside its bytes and indexes. */
const OVERHEAD_BYTES = 300;

export class PageCache {
  readonly #limitBytes: number;
  /** In the order of use, oldest first. */
  readonly #pages = new Map<string, Page>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Page | undefined {
    const page = this.#pages.get(key);
    if (page === undefined) return undefined;
    this.#pages.delete(key);
    this.#pages.set(key, page);
    return page;
  }

  put(key: string, page: Page): void {
    if (this.#pages.has(key)) return;
    this.#pages.set(key, page);
    this.#bytes += size(page);
    for (const [oldest, old] of this.#pages) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#pages.delete(oldest);
      this.#bytes -= size(old);
    }
  }
}

function size(page: Page): number {
  return page.bytes.length + page.ids.length * 8 + OVERHEAD_BYTES;
}
