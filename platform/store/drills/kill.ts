/** Kill: the writer is ended with SIGKILL at random moments, again and again on the same state. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DrillOptions, DrillResult } from './drill.ts';
import { type Random, seeded } from './random.ts';
import { checkState } from './state.ts';

export const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));
/** After so many rounds the state begins anew, so that the check stays quick. */
const ROUNDS_A_STATE = 10;
/** The longest a writer runs after its first acknowledgement. */
const MAX_RUN_MS = 250;
const CHECKPOINT_PAGES = 50;

export async function run(options: DrillOptions): Promise<DrillResult> {
  const random = seeded(options.seed);
  const failures: string[] = [];
  let dataDir = '';
  let said: string[] = [];
  let acknowledged = 0;
  try {
    for (let round = 0; round < options.rounds; round++) {
      if (round % ROUNDS_A_STATE === 0) {
        await rm(dataDir || '/nonexistent', { recursive: true, force: true });
        dataDir = await mkdtemp(join(tmpdir(), 'undercroft-kill-'));
        said = [];
      }
      const lines = await killedWriter(dataDir, options.seed * 100_000 + round, random);
      said.push(...lines);
      acknowledged += lines.length;
      const wrong = await checkState(dataDir, said);
      failures.push(...wrong.map((text) => `round ${round}: ${text}`));
      if ((round + 1) % 50 === 0) options.log(`kill: ${round + 1} rounds, ${acknowledged} acknowledged writes`);
    }
  } finally {
    if (dataDir !== '') await rm(dataDir, { recursive: true, force: true });
  }
  options.log(`kill: ${options.rounds} rounds, ${acknowledged} acknowledged writes, ${failures.length} failures`);
  return { rounds: options.rounds, failures };
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
