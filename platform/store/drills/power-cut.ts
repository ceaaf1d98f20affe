/**
 * Power cut: one run of the writer is recorded, then the power is cut at random points of it, with everything that
 * was not fsynced discarded, or any part of it kept, and the stores are opened on what is left.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DrillOptions, DrillResult } from './drill.ts';
import { WRITER } from './kill.ts';
import { choosePoints, recordTrace, replayEach, type Survival, whyNoTrace } from './powercut/index.ts';
import { seeded } from './random.ts';
import { checkState } from './state.ts';

/** Points tried on one recording. */
const POINTS_A_TRACE = 60;
const UNITS_A_TRACE = 300;
/** Small, so that a recording holds several checkpoints. */
const CHECKPOINT_PAGES = 80;

export async function run(options: DrillOptions): Promise<DrillResult> {
  const absent = await whyNoTrace();
  if (absent !== undefined) {
    options.log(`power cut: skipped, ${absent}`);
    return { rounds: 0, failures: [] };
  }
  const random = seeded(options.seed);
  const failures: string[] = [];
  for (let done = 0; done < options.rounds; done += POINTS_A_TRACE) {
    const scratch = await mkdtemp(join(tmpdir(), 'undercroft-cut-'));
    const folder = await mkdtemp(join(scratch, 'state-'));
    try {
      const units = String(UNITS_A_TRACE);
      const command = [process.execPath, WRITER, join(folder, 'data'), String(options.seed + done), units];
      const trace = await recordTrace([...command, String(CHECKPOINT_PAGES)], folder);
      try {
        const points = choosePoints(trace, Math.min(POINTS_A_TRACE, options.rounds - done), random);
        let round = done;
        await replayEach(
          trace,
          points,
          { random, target: join(scratch, 'cut'), survival: () => survivalOf(round++) },
          async ({ point, survival, folder: cut, said }) => {
            const wrong = await checkState(join(cut, 'data'), said);
            failures.push(...wrong.map((text) => `cut after operation ${point}, ${survival} kept: ${text}`));
          },
        );
        const saidUnits = trace.operations.filter((operation) => operation.kind === 'say').length;
        options.log(
          `power cut: ${points.length} points of ${trace.operations.length} file operations, ${saidUnits} acknowledged writes`,
        );
      } finally {
        await trace.discard();
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  options.log(`power cut: ${options.rounds} rounds, ${failures.length} failures`);
  return { rounds: options.rounds, failures };
}

function survivalOf(round: number): Survival {
  return round % 2 === 0 ? 'nothing' : 'some';
}
