import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testMessage } from '../../engine/message.ts';
import { desktopChannel } from './channel.ts';

const MESSAGE = { ...testMessage('id', 'default', 'ana', 0), subject: '--version' };
const folder = mkdtempSync(join(tmpdir(), 'undercroft-desktop-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('says why it is not there', async () => {
  const none = desktopChannel({ env: { PATH: '/nowhere' } });
  expect(none.unavailable()).toContain('notify-send is not installed');
  await expect(none.send(MESSAGE, {}, { signal: AbortSignal.timeout(1000) })).rejects.toMatchObject({ final: true });
});

test('hands the message over as arguments, never as options', async () => {
  const out = join(folder, 'out');
  writeFileSync(join(folder, 'notify-send'), `#!/bin/sh\nprintf '%s\\n' "$@" > ${out}\n`);
  chmodSync(join(folder, 'notify-send'), 0o755);
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  expect(desktopChannel({ env }).unavailable()).toContain('no session bus');
  const desktop = desktopChannel({ env: { ...env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' } });
  expect(desktop.unavailable()).toBeUndefined();
  await desktop.send(MESSAGE, {}, { signal: AbortSignal.timeout(5000) });
  expect(readFileSync(out, 'utf8').split('\n').slice(0, 4)).toEqual([
    '--app-name=Undercroft',
    '--urgency=normal',
    '--',
    '--version',
  ]);
});
