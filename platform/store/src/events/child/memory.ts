/** DuckDB's memory limit is shared by new rows, moves and queries: whoever finds none left waits for the others. */
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_WAIT_MS = 100;
const TRIES = 5;

export function isOutOfMemory(error: unknown): boolean {
  return /out of memory|could not allocate block|failed to (pin|offload) (data )?block/i.test(String(error));
}

/** @param work leaves nothing behind when it fails */
export async function withMemory<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === TRIES || !isOutOfMemory(error)) throw error;
      await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
    }
  }
}
