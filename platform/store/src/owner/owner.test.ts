import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownerOf, takeOwnership } from './owner.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'undercroft-owner-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test('a second platform in the same process is refused until the first lets go', async () => {
  const first = await takeOwnership(dataDir);
  await expect(takeOwnership(dataDir)).rejects.toMatchObject({
    code: 'store.owned',
    status: 409,
    message: `${dataDir} is in use by process ${process.pid}.`,
  });
  await first.release();
  expect(await ownerOf(dataDir)).toEqual({ owned: false });
  await (await takeOwnership(dataDir)).release();
});

test('another process is named, and a killed one holds nothing', async () => {
  const script = `
    import { takeOwnership } from ${JSON.stringify(fileURLToPath(new URL('./owner.ts', import.meta.url)))};
    await takeOwnership(${JSON.stringify(dataDir)});
    console.log('owned');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await expect(takeOwnership(dataDir)).rejects.toMatchObject({
    code: 'store.owned',
    message: `${dataDir} is in use by process ${child.pid}.`,
    fix: expect.stringContaining(`kill ${child.pid}`),
  });
  expect(await ownerOf(dataDir)).toEqual({ owned: true, pid: child.pid });
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await ownerOf(dataDir)).toEqual({ owned: false });
  await (await takeOwnership(dataDir)).release();
});

test('nobody owns a folder that is not there', async () => {
  expect(await ownerOf(join(dataDir, 'nothing'))).toEqual({ owned: false });
});
