/**
 * `npm run drill [-- --rounds N] [--seed N] [--only NAME]`: kills, cuts the power of, fills the disk of and turns the
 * clock of what keeps state, and looks whether everything acknowledged is still there. Exit code 1 if anything is not.
 */
import { parseArgs } from 'node:util';
import type { Drill } from './drill.ts';

const DRILLS: Readonly<Record<string, () => Promise<Drill>>> = {
  'control-kill': () => import('../../platform/store/drills/kill.ts'),
  'control-power-cut': () => import('../../platform/store/drills/power-cut.ts'),
  'control-full-disk': () => import('../../platform/store/drills/full-disk.ts'),
  'events-kill': () => import('../../platform/store/drills/events-kill.ts'),
  'events-full-disk': () => import('../../platform/store/drills/events-full-disk.ts'),
  'events-power-cut': () => import('../../platform/store/drills/events-powercut.ts'),
  'platform-kill': () => import('./platform-kill.ts'),
};

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const rounds = Number(values.rounds);
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
if (
  !Number.isInteger(rounds) ||
  rounds < 1 ||
  !Number.isInteger(seed) ||
  (values.only !== undefined && DRILLS[values.only] === undefined)
) {
  console.error(`usage: npm run drill -- [--rounds N] [--seed N] [--only ${Object.keys(DRILLS).join('|')}]`);
  process.exit(64);
}

let failed = false;
for (const [name, load] of Object.entries(DRILLS)) {
  if (values.only !== undefined && values.only !== name) continue;
  const startMs = performance.now();
  const { run } = await load();
  const result = await run({ rounds, seed, log: (line) => console.log(`  ${line}`) });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(`${name}: ${result.rounds} rounds, ${result.failures.length} failures, ${seconds} s (seed ${seed})`);
  for (const failure of result.failures) console.log(`  ${failure}`);
  failed ||= result.failures.length > 0;
}
process.exit(failed ? 1 : 0);
