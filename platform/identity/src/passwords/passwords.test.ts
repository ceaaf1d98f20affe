import { describe, expect, it } from 'vitest';
import { checkPassword, PasswordHasher } from './hash.ts';
import { lockUs } from './lockout.ts';

const FAST = { memoryKib: 64, passes: 1, parallelism: 1 };

describe('passwords', () => {
  it('are PHC strings of Argon2id, verified with the parameters they were made with', async () => {
    const old = new PasswordHasher(FAST);
    const stored = await old.hash('correct horse battery');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    const today = new PasswordHasher({ ...FAST, passes: 2 });
    expect(await today.verify('correct horse battery', stored)).toBe(true);
    expect(await today.verify('Correct horse battery', stored)).toBe(false);
    expect([old.isOutdated(stored), today.isOutdated(stored)]).toEqual([false, true]);
  });

  it('that are stored wrongly are never right', async () => {
    const hasher = new PasswordHasher(FAST);
    const made = await hasher.hash('password');
    expect(await hasher.verify('password', made)).toBe(true);
    for (const broken of ['', '$argon2id$', made.replace('argon2id', 'argon2i'), made.slice(0, -40), `${made}$`])
      expect(await hasher.verify('password', broken)).toBe(false);
  });

  it('compose their characters, so that one keyboard types what another does', async () => {
    const hasher = new PasswordHasher(FAST);
    expect(await hasher.verify('pa\u0073sw\u00f6rd long', await hasher.hash('passwo\u0308rd long'))).toBe(true);
  });

  it('of a user that does not exist are never right and take as long', async () => {
    const hasher = new PasswordHasher();
    const stored = await hasher.hash('correct horse battery');
    await hasher.verify('warm up', undefined);
    const time = async (of: string | undefined) => {
      const startMs = performance.now();
      for (let i = 0; i < 5; i++) expect(await hasher.verify('wrong', of)).toBe(false);
      return performance.now() - startMs;
    };
    const [known, unknown] = [await time(stored), await time(undefined)];
    expect(unknown / known).toBeGreaterThan(0.3);
    expect(unknown / known).toBeLessThan(3.3);
  });

  it('are hashed two at a time; those that wait are limited', async () => {
    const hasher = new PasswordHasher({ ...FAST, memoryKib: 1024 });
    const results = await Promise.allSettled(Array.from({ length: 70 }, () => hasher.hash('x')));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(4);
    expect(refused[0]?.reason).toMatchObject({ code: 'identity.busy', status: 503 });
  });

  it.each([
    ['eleven char', false],
    ['twelve chars', true],
    ['\u{1F600}'.repeat(11), false],
    ['\u{1F600}'.repeat(12), true],
    ['aaaaaaaaaaaa', true],
    ['x'.repeat(1024), true],
    ['x'.repeat(1025), false],
  ])('%s: %s', (password, good) => {
    const check = () => checkPassword(password);
    if (good) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'identity.password' }));
  });
});

it('locks grow from 2 s to 15 minutes, later for a user than for one address', () => {
  const seconds = (kind: 'user' | 'user-ip') =>
    [4, 5, 6, 7, 14, 15, 29, 30, 31, 1000].map((failures) => lockUs(kind, failures) / 1e6);
  expect(seconds('user-ip')).toEqual([0, 2, 4, 8, 900, 900, 900, 900, 900, 900]);
  expect(seconds('user')).toEqual([0, 0, 0, 0, 0, 0, 0, 2, 4, 900]);
});
