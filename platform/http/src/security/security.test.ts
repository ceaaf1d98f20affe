import { ManualClock } from '@undercroft/kernel/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostPolicy } from './hosts.ts';
import { addressKey, MAX_BUCKETS, RateLimit } from './rate.ts';

const passes = (run: () => void): boolean => {
  try {
    run();
    return true;
  } catch {
    return false;
  }
};

describe('hosts', () => {
  const policy = hostPolicy({
    listenHost: '127.0.0.1',
    publicUrl: 'https://watch.example.org',
    allowedHosts: ['Undercroft.lan'],
  });

  test.each([
    '127.0.0.1:7600',
    'localhost',
    'LOCALHOST:80',
    '[::1]:7600',
    '10.1.2.3',
    'watch.example.org',
    'undercroft.lan.',
    'a.localhost:1',
  ])('%s is ours', (host) => expect(passes(() => policy.checkHost(host))).toBe(true));

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '',
    'a b',
    'localhost:99999999',
    '[::1',
    'user@localhost',
  ])('%s is not', (host) => expect(passes(() => policy.checkHost(host))).toBe(false));

  test('no text whatever breaks the check', () => {
    fc.assert(fc.property(fc.string(), (host) => passes(() => policy.checkHost(host)) || true));
  });

  test('an origin must be the host that was asked, or the public address', () => {
    const host = '127.0.0.1:7600';
    expect(passes(() => policy.checkOrigin({ host, origin: 'http://127.0.0.1:7600' }))).toBe(true);
    expect(passes(() => policy.checkOrigin({ host, origin: 'https://watch.example.org' }))).toBe(true);
    expect(passes(() => policy.checkOrigin({ host }))).toBe(true);
    expect(passes(() => policy.checkOrigin({ host, 'sec-fetch-site': 'same-origin' }))).toBe(true);
    for (const origin of [
      'http://127.0.0.1:7601',
      'http://localhost:7600',
      'null',
      'file://',
      'http://watch.example.org',
      'x',
    ]) {
      expect(
        passes(() => policy.checkOrigin({ host, origin })),
        origin,
      ).toBe(false);
    }
    expect(passes(() => policy.checkOrigin({ host, 'sec-fetch-site': 'cross-site' }))).toBe(false);
  });
});

describe('rates', () => {
  test('a bucket gives its burst, then fills at its rate', async () => {
    const clock = new ManualClock();
    const limit = new RateLimit(clock, () => ({ perS: 2, burst: 3 }));
    expect([limit.take('a'), limit.take('a'), limit.take('a'), limit.take('a')]).toEqual([0, 0, 0, 500]);
    expect(limit.take('b')).toBe(0);
    await clock.advance(500);
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 500]);
  });

  test('memory is bounded: the key unused for longest is forgotten', () => {
    const limit = new RateLimit(new ManualClock(), () => ({ perS: 1, burst: 1 }));
    limit.take('first');
    expect(limit.take('first')).toBeGreaterThan(0);
    for (let count = 0; count < MAX_BUCKETS; count += 1) limit.take(`k${count}`);
    expect(limit.take('first')).toBe(0);
  });

  test('an IPv6 client is its /64, however it is written', () => {
    expect(addressKey('192.0.2.1')).toBe('192.0.2.1');
    expect(addressKey('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
    expect(addressKey('2001:db8:1:2::6')).toBe('2001:db8:1:2');
    expect(addressKey('2001:db8::6')).toBe('2001:db8:0:0');
    expect(addressKey('::1')).toBe('0:0:0:0');
  });
});
