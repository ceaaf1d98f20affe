import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSecretBox, secretBox } from './secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undercroft-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what is sealed opens again under its name, and under no other', () => {
  const box = secretBox(new Uint8Array(32).fill(7));
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, text) => {
      const sealed = box.seal(name, text);
      expect(box.open(name, sealed)).toBe(text);
      expect(() => box.open(`${name}x`, sealed)).toThrow(expect.objectContaining({ code: 'alerts.secret' }));
    }),
  );
});

test('no ciphertext whatever throws anything else', () => {
  const box = secretBox(new Uint8Array(32).fill(7));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (sealed) => {
      expect(() => box.open('x', sealed)).toThrow(expect.objectContaining({ code: 'alerts.secret' }));
    }),
  );
});

test('the key is made once, by whoever comes first, for this user alone', async () => {
  const boxes = await Promise.all([openSecretBox(folder), openSecretBox(folder), openSecretBox(folder)]);
  const sealed = boxes[0].seal('a', 'secret');
  for (const box of [...boxes, await openSecretBox(folder)]) expect(box.open('a', sealed)).toBe('secret');
  expect(statSync(join(folder, 'keys', 'alerts.key')).mode & 0o777).toBe(0o600);
});

test('a damaged key is said to be damaged', async () => {
  await openSecretBox(folder);
  writeFileSync(join(folder, 'keys', 'alerts.key'), 'short');
  await expect(openSecretBox(folder)).rejects.toMatchObject({ code: 'alerts.key' });
});
