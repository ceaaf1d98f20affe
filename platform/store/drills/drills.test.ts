/** Short runs of the drills; `npm run drill` makes long ones. */
import { expect, test } from 'vitest';
import type { DrillOptions, DrillResult } from './drill.ts';
import { run as fullDisk } from './full-disk.ts';
import { run as kill } from './kill.ts';
import { run as powerCut } from './power-cut.ts';

test.each<[string, number, (options: DrillOptions) => Promise<DrillResult>]>([
  ['kill', 4, kill],
  ['power cut', 24, powerCut],
  ['full disk', 3, fullDisk],
])('%s: nothing acknowledged is lost', async (_name, rounds, run) => {
  const lines: string[] = [];
  const result = await run({ rounds, seed: 11, log: (line) => lines.push(line) });
  if (result.rounds === 0) process.stderr.write(`${lines.join('\n')}\n`);
  expect(result.failures).toEqual([]);
});
