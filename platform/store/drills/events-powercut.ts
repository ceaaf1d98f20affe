/**
 * Power cut: one run of the writer is recorded, then the power is cut at random points of it, with everything that
 * was not fsynced discarded, or any part of it kept, and the event store is opened on what is left.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DrillOptions, DrillResult } from './drill.ts';
import { EVENTS_WRITER } from './events-kill.ts';
import { checkEvents } from './events-state.ts';
import { choosePoints, recordTrace, replayEach, type Survival, type Trace, whyNoTrace } from './powercut/index.ts';
import { type Random, seeded } from './random.ts';

/** Points tried on one recording. */
const POINTS_A_TRACE = 40;
/** Events of a recording: as many for each point, within bounds. */
const EVENTS_A_POINT = 100;
const LEAST_EVENTS = 1_000;
const MOST_EVENTS = 3_000;

export async function run(options: DrillOptions): Promise<DrillResult> {
  const absent = await whyNoTrace();
  if (absent !== undefined) {
    options.log(`events power cut: skipped, ${absent}`);
    return { rounds: 0, failures: [] };
  }
  const random = seeded(options.seed);
  const failures: string[] = [];
  for (let done = 0; done < options.rounds; done += POINTS_A_TRACE) {
    const scratch = await mkdtemp(join(tmpdir(), 'undercroft-events-cut-'));
    const folder = await mkdtemp(join(scratch, 'state-'));
    try {
      const count = Math.min(POINTS_A_TRACE, options.rounds - done);
      const events = Math.min(MOST_EVENTS, Math.max(LEAST_EVENTS, count * EVENTS_A_POINT));
      const command = [process.execPath, EVENTS_WRITER, join(folder, 'data'), String(options.seed + done)];
      const trace = await recordTrace([...command, String(events)], folder);
      try {
        const points = pointsOf(trace, count, random);
        let round = done;
        await replayEach(
          trace,
          points,
          { random, target: join(scratch, 'cut'), survival: () => survivalOf(round++) },
          async ({ point, survival, folder: cut, said }) => {
            const wrong = await checkEvents(join(cut, 'data'), said);
            failures.push(...wrong.map((text) => `cut after operation ${point}, ${survival} kept: ${text}`));
          },
        );
        const acknowledged = trace.operations.filter((operation) => operation.kind === 'say').length;
        options.log(
          `events power cut: ${points.length} points of ${trace.operations.length} file operations, ${acknowledged} acknowledged events`,
        );
      } finally {
        await trace.discard();
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  options.log(`events power cut: ${options.rounds} rounds, ${failures.length} failures`);
  return { rounds: options.rounds, failures };
}

/** Half of them while DuckDB writes its own file: a checkpoint is the delicate moment. */
function pointsOf(trace: Trace, count: number, random: Random): number[] {
  const delicate = trace.operations.flatMap((operation, index) =>
    'path' in operation && /events\.duckdb(\.wal\.checkpoint)?$/.test(operation.path) ? [index + 1] : [],
  );
  const chosen = Math.floor(count / 2);
  return [
    ...choosePoints(trace, count - chosen, random),
    ...Array.from({ length: chosen }, () => delicate[random.below(delicate.length)] ?? 0),
  ];
}

function survivalOf(round: number): Survival {
  return round % 2 === 0 ? 'nothing' : 'some';
}
