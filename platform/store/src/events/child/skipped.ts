/** Files that are listed and cannot be read: left out of queries, and said so each time. */
import { statSync } from 'node:fs';
import type { ListedFile } from './file-list.ts';
import type { Notes } from './notes.ts';

/** Then it is tried again: what could not be read may have been the machine's fault. */
const SKIP_MS = 600_000;

interface Skipped {
  readonly reason: string;
  /** Size and time of change then: a file that was put back is tried again. */
  readonly state: string;
  readonly untilMs: number;
}

export class SkippedFiles {
  readonly #files = new Map<string, Skipped>();
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  list(): { readonly path: string; readonly reason: string }[] {
    return [...this.#files].map(([path, { reason }]) => ({ path, reason }));
  }

  reasonFor(path: string): string | undefined {
    const skipped = this.#files.get(path);
    if (skipped === undefined) return undefined;
    if (skipped.state === fileState(path) && performance.now() < skipped.untilMs) return skipped.reason;
    this.#files.delete(path);
    return undefined;
  }

  skip(path: string, reason: string): void {
    this.#files.set(path, { reason, state: fileState(path), untilMs: performance.now() + SKIP_MS });
    this.#notes.log('error', { path, reason }, 'An event file cannot be read and is left out');
  }

  forget(paths: readonly string[]): void {
    for (const path of paths) this.#files.delete(path);
  }

  /** Missing or of another length than it was written with. @returns the files that are whole */
  check(files: readonly ListedFile[]): ListedFile[] {
    return files.filter((file) => {
      if (this.reasonFor(file.path) !== undefined) return false;
      const stat = statSync(file.path, { throwIfNoEntry: false });
      if (stat?.size === file.bytes) return true;
      this.skip(file.path, stat === undefined ? 'it is missing' : `it has ${stat.size} of its ${file.bytes} bytes`);
      return false;
    });
  }
}

function fileState(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'missing' : `${stat.size}:${stat.mtimeMs}`;
}
