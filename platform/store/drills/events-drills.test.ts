/** Short runs of the event store's drills; `npm run drill` makes long ones. */
import { expect, test } from 'vitest';
import type { DrillOptions, DrillResult } from './drill.ts';
import { run as fullDisk } from './events-full-disk.ts';
import { run as kill } from './events-kill.ts';
import { run as powerCut } from './events-powercut.ts';

test.each<[string, number, (options: DrillOptions) => Promise<DrillResult>]>([
  ['kill', 3, kill],
  ['power cut', 4, powerCut],
  ['full disk', 1, fullDisk],
])(
  'events, %s: nothing acknowledged is lost',
  async (_name, rounds, run) => {
    const lines: string[] = [];
    const result = await run({ rounds, seed: 11, log: (line) => lines.push(line) });
    if (result.rounds === 0) process.stderr.write(`${lines.join('\n')}\n`);
    expect(result.failures).toEqual([]);
  },
  60_000,
);
