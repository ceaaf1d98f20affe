/** Kill: the writer is ended with SIGKILL at random moments, again and again on the same state. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DrillOptions, DrillResult } from './drill.ts';
import { killRounds } from './kill-rounds.ts';
import type { Random } from './random.ts';
import { checkState } from './state.ts';

export const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));
/** The longest a writer runs after its first acknowledgement. */
const MAX_RUN_MS = 250;
const CHECKPOINT_PAGES = 50;

export function run(options: DrillOptions): Promise<DrillResult> {
  return killRounds(options, {
    name: 'kill',
    writes: 'writes',
    killedWriter,
    acknowledges: () => true,
    check: checkState,
  });
}

/** @returns the lines it said before it was killed */
async function killedWriter(dataDir: string, seed: number, random: Random): Promise<readonly string[]> {
  const child = spawn(process.execPath, [WRITER, dataDir, String(seed), '0', String(CHECKPOINT_PAGES)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  // Some die while they open the stores.
  let timer = setTimeout(() => child.kill('SIGKILL'), random.below(10) === 0 ? random.below(500) : 30_000);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.once('line', () => {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), random.below(MAX_RUN_MS));
  });
  reader.on('line', (line) => lines.push(line));
  await ended;
  clearTimeout(timer);
  return lines;
}
