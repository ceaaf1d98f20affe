/** What both full-disk drills stand on: a small tmpfs a round, taken away again whatever happens. */
import { execFile } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DrillOptions, DrillResult } from './drill.ts';
import { type Random, seeded } from './random.ts';

const runProgram = promisify(execFile);

export interface Filled {
  /** Writes that the full disk refused. */
  readonly refused: number;
  readonly wrong: readonly string[];
}

/**
 * @param what the name of the drill and of what is refused, for the log
 * @param fill fills the disk at that path, and looks what holds
 */
export async function onSmallDisks(
  options: DrillOptions,
  what: { readonly name: string; readonly writes: string; readonly diskMiB: number },
  fill: (disk: string, prefix: string, random: Random) => Promise<Filled>,
): Promise<DrillResult> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    options.log(`${what.name}: skipped, only root may mount the small tmpfs it needs`);
    return { rounds: 0, failures: [] };
  }
  const random = seeded(options.seed);
  const failures: string[] = [];
  let refused = 0;
  for (let round = 0; round < options.rounds; round++) {
    const disk = await mkdtemp(join(tmpdir(), 'undercroft-full-'));
    try {
      await runProgram('mount', ['-t', 'tmpfs', '-o', `size=${what.diskMiB}m`, 'tmpfs', disk]);
    } catch (error) {
      await rmdir(disk);
      options.log(`${what.name}: skipped, no tmpfs can be mounted here (${(error as Error).message.split('\n')[0]})`);
      return { rounds: 0, failures: [] };
    }
    try {
      const result = await fill(disk, `${options.seed}-${round}`, random);
      refused += result.refused;
      failures.push(...result.wrong.map((text) => `round ${round}: ${text}`));
    } finally {
      await runProgram('umount', [disk]);
      await rmdir(disk);
    }
  }
  options.log(`${what.name}: ${options.rounds} rounds, ${refused} ${what.writes} refused, ${failures.length} failures`);
  return { rounds: options.rounds, failures };
}
