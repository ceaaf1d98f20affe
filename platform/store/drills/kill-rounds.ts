/** What both kill drills stand on: a writer killed again and again on the same state, which is looked at each time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DrillOptions, DrillResult } from './drill.ts';
import { type Random, seeded } from './random.ts';

/** After so many rounds the state begins anew, so that the check stays quick. */
const ROUNDS_A_STATE = 10;

export interface KillDrill {
  readonly name: string;
  /** What is acknowledged, for the log. */
  readonly writes: string;
  /** @returns the lines the writer said before it was killed */
  killedWriter(dataDir: string, seed: number, random: Random): Promise<readonly string[]>;
  /** Whether a line acknowledges a write. */
  acknowledges(line: string): boolean;
  /** @returns what is not as it was said */
  check(dataDir: string, said: readonly string[]): Promise<readonly string[]>;
}

export async function killRounds(options: DrillOptions, drill: KillDrill): Promise<DrillResult> {
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
      const lines = await drill.killedWriter(dataDir, options.seed * 100_000 + round, random);
      said.push(...lines);
      acknowledged += lines.filter((line) => drill.acknowledges(line)).length;
      const wrong = await drill.check(dataDir, said);
      failures.push(...wrong.map((text) => `round ${round}: ${text}`));
      if ((round + 1) % 50 === 0) {
        options.log(`${drill.name}: ${round + 1} rounds, ${acknowledged} acknowledged ${drill.writes}`);
      }
    }
  } finally {
    if (dataDir !== '') await rm(dataDir, { recursive: true, force: true });
  }
  options.log(
    `${drill.name}: ${options.rounds} rounds, ${acknowledged} acknowledged ${drill.writes}, ${failures.length} failures`,
  );
  return { rounds: options.rounds, failures };
}
