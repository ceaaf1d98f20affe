import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testMessage } from '../../engine/message.ts';
import { scriptChannel } from './channel.ts';

const MESSAGE = {
  ...testMessage('01K5QJ3V7N8Y2M4X6Z0A1B2C3D', 'default', 'ana', 0),
  subject: '$(touch /tmp/never) "quoted"',
};
const folder = mkdtempSync(join(tmpdir(), 'undercroft-script-'));
chmodSync(folder, 0o777);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}
const run = (command: readonly string[], timeoutS = 5, options = {}): Promise<void> =>
  scriptChannel({ allowed: [folder], ...options }).send(
    MESSAGE,
    { command, timeoutS },
    { signal: AbortSignal.timeout(10_000) },
  );

test('gets the message on its input and in its environment, nothing through a shell', async () => {
  const out = join(folder, 'out');
  await run([script('keep', 'cat > "$1"; env >> "$1"; echo "$2" >> "$1"'), out, '; rm -rf /']);
  const text = readFileSync(out, 'utf8');
  expect(JSON.parse(text.split('}')[0]?.concat('}') ?? '')).toEqual(MESSAGE);
  expect(text).toContain('UNDERCROFT_KIND=test');
  expect(text).toContain('UNDERCROFT_SUBJECT=$(touch /tmp/never) "quoted"');
  expect(text).toContain('; rm -rf /');
  expect(text).not.toContain('HOME=');
});

test.each([
  ['exit 1', true, 'exited with 1'],
  ['echo gone wrong >&2; exit 3', true, 'gone wrong'],
  ['exit 75', false, 'exited with 75'],
  ['kill -9 $$', false, 'SIGKILL'],
])('%s is an error (final: %s)', async (body, final, message) => {
  await expect(run([script('fails', body)])).rejects.toMatchObject({
    final,
    message: expect.stringContaining(message),
  });
});

test('one that takes too long is killed with all that it has started', async () => {
  const late = join(folder, 'late');
  const path = script('slow', `(sleep 2; touch ${late}) & sleep 30`);
  await expect(run([path], 1)).rejects.toMatchObject({
    final: false,
    message: expect.stringContaining('longer than 1 s'),
  });
  await new Promise((done) => setTimeout(done, 1500));
  expect(existsSync(late)).toBe(false);
});

test('only what the configuration names may be run', async () => {
  const path = script('fine', 'exit 0');
  await run([path]);
  for (const command of ['/bin/true', 'true', `${folder}/../../bin/true`, `${folder}-other/x`]) {
    await expect(run([command]), command).rejects.toMatchObject({
      final: true,
      message: expect.stringContaining('allowed'),
    });
  }
  expect(scriptChannel({ allowed: [] }).unavailable()).toContain('alerts.scripts.allowed');
});

test.skipIf(process.getuid?.() !== 0)('runs as the configured user (needs root)', async () => {
  const out = join(folder, 'who-it-was');
  await run([script('who', 'id -u > "$1"; id -G >> "$1"'), out], 5, { uid: 65_534, gid: 65_534 });
  expect(readFileSync(out, 'utf8')).toBe('65534\n65534\n');
});
