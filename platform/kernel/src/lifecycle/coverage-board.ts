import type { Coverage, CoverageLine } from '../services/coverage.ts';

const MAX_LINES = 200;

/** The lines of what is watched and what is not; the last report of a feature stands. */
export class CoverageBoard implements Coverage {
  readonly #lines = new Map<string, CoverageLine>();
  readonly #listeners = new Set<(line: CoverageLine) => void>();

  report(line: CoverageLine): void {
    const before = this.#lines.get(line.feature);
    if (before === undefined && this.#lines.size >= MAX_LINES) return;
    if (before !== undefined && before.state === line.state && before.text === line.text && before.fix === line.fix)
      return;
    this.#lines.set(line.feature, line);
    for (const listener of this.#listeners) listener(line);
  }

  lines(): readonly CoverageLine[] {
    return [...this.#lines.values()];
  }

  subscribe(listener: (line: CoverageLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
