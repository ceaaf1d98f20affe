import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SplitTime, unitsPerSecond } from './pcapng-time.ts';

it('splits times of every unit exactly', () => {
  const time = new SplitTime();
  const units = fc.oneof(
    fc.nat(18),
    fc.nat(62).map((power) => power | 0x80),
  );
  fc.assert(
    fc.property(
      units,
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      (tsresol, count, offsetS) => {
        const perSecond = unitsPerSecond(tsresol);
        time.set(Number(count >> 32n), Number(count & 0xffffffffn), { perSecond, offsetS });
        const divisor = BigInt(perSecond);
        expect(time.seconds).toBe(Number(BigInt.asUintN(32, count / divisor + BigInt(offsetS))));
        expect(time.nanoseconds).toBe(Number(((count % divisor) * 1_000_000_000n) / divisor));
      },
    ),
  );
});
