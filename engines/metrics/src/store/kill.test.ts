import { fork } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { query } from '../query/query.ts';
import { StoreBench } from './testing.ts';

const ROUNDS = 4;
const START = 1_700_000_100;
/** Lets a child write until it has written `count` seconds, kills it, and says which second it spoke of last. */
async function writeAndKill(folder: string, fromS: number, count: number): Promise<number> {
  const child = fork(new URL('./kill.child.ts', import.meta.url), [folder, String(fromS)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  let lastS = 0;
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  child.on('message', (message: { second?: number }) => {
    if (message.second === undefined) return;
    lastS = message.second;
    if (lastS - fromS >= count) child.kill('SIGKILL');
  });
  await ended;
  return lastS;
}

describe('a killed store', () => {
  let bench: StoreBench;
  afterEach(async () => {
    await bench.store?.close();
    bench.remove();
  });

  it('has all that it acknowledged after each kill', { timeout: 60_000 }, async () => {
    bench = new StoreBench(START);
    let fromS = START;
    for (let round = 0; round < ROUNDS; round++) {
      const lastS = await writeAndKill(bench.folder, fromS, 330 + round * 97);
      bench.nowS = lastS;
      const store = await bench.open();
      const { series } = await query(
        store,
        { charts: ['system.cpu'], dimensions: ['user'], fromS: fromS + 1, toS: lastS + 1 },
        lastS,
      );
      const values = series[0]!.values;
      const expected = Array.from(values, (_, i) => (fromS + 1 + i) % 1000);
      expect(values).toEqual(expected);
      await store.close();
      fromS = lastS;
    }
    await bench.open();
  });
});
