import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { createLog } from './pino-log.ts';
import { Secret } from './secret.ts';

it('writes no secret, by type or by the name of its field', async () => {
  const lines: string[] = [];
  const log = await createLog({
    level: 'info',
    format: 'json',
    base: { role: 'server' },
    destination: { write: (line: string) => void lines.push(line) },
  });
  log.info(
    { value: new Secret('hunter2'), deep: [{ Authorization: 'Bearer hunter2', password: 'hunter2' }], port: 22 },
    'signed in',
  );
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    level: 'info',
    role: 'server',
    msg: 'signed in',
    port: 22,
    value: '[secret]',
    deep: [{ Authorization: '[secret]', password: '[secret]' }],
  });
  expect(lines.join()).not.toContain('hunter2');
});

it('keeps a secret from JSON, templates and inspection', () => {
  const secret = new Secret('hunter2');
  expect([JSON.stringify({ secret }), `${secret}`, inspect({ secret })].join()).not.toContain('hunter2');
  expect(secret.reveal()).toBe('hunter2');
});
