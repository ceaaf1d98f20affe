/** Files that no longer count, kept on disk until nobody reads them any more. */
import { rmSync } from 'node:fs';
import { inStore } from './paths.ts';

export class RetiredFiles {
  readonly #readers = new Set<number>();
  readonly #files: { readonly path: string; readonly at: number }[] = [];
  #now = 0;

  /** A reader takes its list of files after this. @returns to be called when it has read */
  reading(): () => void {
    const reader = ++this.#now;
    this.#readers.add(reader);
    return () => {
      this.#readers.delete(reader);
      this.#remove();
    };
  }

  /** After the commit that took them off the list. */
  retire(paths: readonly string[]): void {
    const at = ++this.#now;
    for (const path of paths) this.#files.push({ path, at });
    this.#remove();
  }

  #remove(): void {
    const oldestReader = Math.min(...this.#readers, Number.POSITIVE_INFINITY);
    const kept = this.#files.filter((file) => file.at > oldestReader);
    for (const file of this.#files) if (!kept.includes(file)) rmSync(inStore(file.path), { force: true });
    this.#files.splice(0, this.#files.length, ...kept);
  }
}
