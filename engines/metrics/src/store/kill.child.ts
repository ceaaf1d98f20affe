/** Writes seconds as fast as told and says each one that was taken, until it is killed. */
import { silentLog } from '@undercroft/kernel/testing';
import { MetricsStore } from './store.ts';
import { batch, chart, KEEP } from './testing.ts';

const [folder, from] = process.argv.slice(2) as [string, string];
let nowS = Number(from);
const store = await MetricsStore.open({ folder, log: silentLog, nowS: () => nowS, retention: KEEP });
const charts = [chart('system.cpu', ['user', 'system'])];
process.send?.({ opened: nowS });
for (let first = true; ; first = false) {
  nowS++;
  await store.write(batch(nowS, [nowS % 1000, 7], first ? charts : undefined, Number(from) % 1_000_000));
  process.send?.({ second: nowS });
  if (nowS % 50 === 0) await store.tend();
  await new Promise((resolve) => setTimeout(resolve, 1));
}
