import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@undercroft/kernel/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPlatform } from '../testing/platform.ts';
import { bootKeyPath, openBootKey } from './boot-key.ts';
import { Keyring } from './keyring.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'undercroft-keys-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

describe('the boot key', () => {
  it('is made once, readable by its user only', async () => {
    const key = await openBootKey(dataDir, silentLog);
    expect(key).toHaveLength(32);
    expect(await openBootKey(dataDir, silentLog)).toEqual(key);
    expect((await stat(bootKeyPath(dataDir))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'keys'))).mode & 0o077).toBe(0);
  });

  it('that others may read is closed to them again, with a warning', async () => {
    await openBootKey(dataDir, silentLog);
    await chmod(bootKeyPath(dataDir), 0o644);
    const warnings: string[] = [];
    await openBootKey(dataDir, { ...silentLog, warn: (_, message) => void warnings.push(message) });
    expect(warnings).toEqual(['the boot key was readable by others; its mode is 0600 again']);
    expect((await stat(bootKeyPath(dataDir))).mode & 0o777).toBe(0o600);
  });

  it('that is torn is refused and left as it is', async () => {
    await openBootKey(dataDir, silentLog);
    await writeFile(bootKeyPath(dataDir), 'short');
    await expect(openBootKey(dataDir, silentLog)).rejects.toMatchObject({ code: 'identity.boot-key' });
    expect(await readFile(bootKeyPath(dataDir), 'utf8')).toBe('short');
  });

  it('of another installation is refused at start, until it is accepted', async () => {
    const store = { dataDir };
    const ownerToken = 'the-first-token-of-the-owner';
    await (await startPlatform({ store, config: { ownerToken } })).stop();
    await rm(bootKeyPath(dataDir));
    await expect(startPlatform({ store })).rejects.toMatchObject({ code: 'identity.boot-key' });
    const platform = await startPlatform({ store, config: { acceptNewBootKey: true } });
    expect((await platform.call('GET', '/session', { token: ownerToken })).status).toBe(401);
    expect((await platform.identity.signInLink()).firstRun).toBe(true);
    await platform.stop();
  });
});

describe('the keyring', () => {
  const keyring = new Keyring(Buffer.alloc(32, 7));

  it('opens what it sealed, and nothing that was changed or is of another purpose or place', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), fc.nat(), (plain, context, at) => {
        const sealed = keyring.seal('totp', plain, context);
        expect(Buffer.compare(keyring.open('totp', sealed, context), plain)).toBe(0);
        const bytes = Buffer.from(sealed, 'base64url');
        bytes[at % bytes.length]! ^= 1;
        const refused = expect.objectContaining({ code: 'identity.sealed-value' });
        expect(() => keyring.open('totp', bytes.toString('base64url'), context)).toThrow(refused);
        expect(() => keyring.open('totp', sealed, `${context}x`)).toThrow(refused);
        expect(() => keyring.open('link', sealed, context)).toThrow(refused);
        expect(() => new Keyring(Buffer.alloc(32, 8)).open('totp', sealed, context)).toThrow(refused);
      }),
      { numRuns: 50 },
    );
    expect(() => keyring.open('totp', '', '')).toThrow(expect.objectContaining({ code: 'identity.sealed-value' }));
  });

  it('hashes the same text differently by purpose and key', () => {
    const hashes = [
      keyring.hash('token', 'a'),
      keyring.hash('session', 'a'),
      new Keyring(Buffer.alloc(32, 8)).hash('token', 'a'),
    ];
    expect(new Set(hashes).size).toBe(3);
    expect(keyring.hash('token', 'a')).toBe(hashes[0]);
  });
});
