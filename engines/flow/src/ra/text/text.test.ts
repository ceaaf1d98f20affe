import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeIpv4, writeIpv6 } from './address.ts';
import { Cell } from './cell.ts';
import { fixedText, scaledWhole } from './float.ts';
import { addressNumber } from './parse-address.ts';
import { strftime } from './strftime.ts';
import { localToEpoch, UTC, zoneOf } from './zone.ts';

/** The decimal digits of a double, rounded half to even, by whole numbers alone. */
function exactly(value: number, digits: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  const power = BigInt((exponent === 0 ? 1 : exponent) - 1075);
  let above = mantissa * 10n ** BigInt(digits);
  let below = 1n;
  if (power >= 0n) above <<= power;
  else below <<= -power;
  let whole = above / below;
  const rest = (above % below) * 2n;
  if (rest > below || (rest === below && whole % 2n === 1n)) whole += 1n;
  const text = whole.toString().padStart(digits + 1, '0');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return sign + (digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`);
}

describe('fixedText', () => {
  it('rounds as printf does', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
        fc.integer({ min: 0, max: 9 }),
        (value, digits) => {
          expect(fixedText(value, digits)).toBe(exactly(value, digits));
        },
      ),
    );
    expect([0.5, 1.5, 2.5, -0.5].map((value) => fixedText(value, 0))).toEqual(['0', '2', '2', '-0']);
    expect(fixedText(0.125, 2)).toBe('0.12');
  });

  it('has a fast way that only answers when it is sure', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 0, max: 1e9 }), fc.integer({ min: 0, max: 6 }), (value, digits) => {
        const whole = scaledWhole(value, digits);
        if (whole >= 0)
          expect(String(whole)).toBe(
            exactly(value, digits)
              .replace('.', '')
              .replace(/^0+(?=\d)/, ''),
          );
      }),
    );
  });
});

describe('addresses', () => {
  const written = (bytes: Uint8Array, write: typeof writeIpv4): string => {
    const cell = new Cell();
    cell.start(64);
    write(cell, bytes, 0);
    return Buffer.from(cell.bytes.subarray(0, cell.length)).toString();
  };

  it('come back from their text', () => {
    const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        expect(addressNumber(written(bytes, writeIpv4))).toBe(number(bytes));
      }),
    );
    const halves = fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(halves, (list) => {
        const bytes = Uint8Array.from(list);
        expect(addressNumber(written(bytes, writeIpv6))).toBe(number(bytes));
      }),
    );
    expect(addressNumber('fe80::1%eth0')).toBeNull();
  });
});

describe('times', () => {
  it('are those of their zone', () => {
    expect(strftime('%Y-%m-%d %H:%M:%S %j %a %b', 1_700_000_000, UTC)).toBe('2023-11-14 22:13:20 318 Tue Nov');
    const vienna = zoneOf('Europe/Vienna');
    expect(strftime('%H:%M', 1_700_000_000, vienna)).toBe('23:13');
    expect(zoneOf('UTC+3').offsetS(0)).toBe(-3 * 3600);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (second) => {
        const local = second + vienna.offsetS(second);
        expect(Math.abs(localToEpoch(vienna, local) - second)).toBeLessThanOrEqual(3600);
      }),
    );
  });
});
