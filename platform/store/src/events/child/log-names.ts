/**
 * DuckDB syncs its log at each commit, but never the name of a new log, and each checkpoint begins one. A commit is
 * durable once the name is too: before it is acknowledged, and before a file goes that only an older state needs.
 */
import { statSync } from 'node:fs';
import { syncFolder } from '../../files/durable.ts';
import { LOG_FILES } from './database.ts';

export class LogNames {
  #durable = '';

  /** After each commit. */
  async sync(): Promise<void> {
    const identities = LOG_FILES.map(identity).join();
    if (identities === this.#durable) return;
    await syncFolder('.');
    this.#durable = identities;
  }
}

function identity(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino}:${stat.birthtimeNs}`;
}
