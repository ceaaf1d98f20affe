import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteSink, ByteSource, FormatError } from './bytes.ts';
import { ColumnCodec } from './codec.ts';

const codec = new ColumnCodec();

function roundTrip(values: readonly number[]): { back: number[]; bytes: number } {
  const sink = new ByteSink(16);
  codec.encode(Float64Array.from(values), sink);
  const source = new ByteSource(sink.take());
  const out = new Float64Array(values.length);
  codec.decode(source, out);
  expect(source.position).toBe(sink.length);
  return { back: [...out], bytes: sink.length };
}

const anyNumber = fc.oneof(
  fc.constant(Number.NaN),
  fc.constant(0),
  fc.integer({ min: -1000, max: 1000 }),
  fc.maxSafeInteger(),
  fc.integer({ min: -10_000_000, max: 10_000_000 }).map((n) => n / 1000),
  fc.double({ noNaN: true }),
);

describe('a column of samples', () => {
  it('comes back exactly, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { maxLength: 400 }), (values) => {
        expect(roundTrip(values).back).toEqual(values.map((value) => value + 0));
      }),
      { numRuns: 400 },
    );
  });

  it('comes back exactly when it moves in steps of any size', () => {
    const walk = fc
      .tuple(fc.integer({ min: 0, max: 40 }), fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 300 }))
      .map(([shift, steps]) => {
        let at = 0;
        return steps.map((step) => {
          at += step * 2 ** shift;
          return Math.abs(at) > 2 ** 50 ? 0 : at;
        });
      });
    fc.assert(
      fc.property(walk, (values) => {
        expect(roundTrip(values).back).toEqual(values.map((value) => value + 0));
      }),
    );
  });

  it('takes three bytes when it never changes, and few more for gaps', () => {
    expect(roundTrip(new Array(300).fill(0)).bytes).toBe(2);
    expect(roundTrip(new Array(300).fill(12.5)).bytes).toBe(3);
    expect(roundTrip([...new Array(100).fill(1), ...new Array(200).fill(Number.NaN)]).bytes).toBe(5);
    expect(roundTrip(new Array(300).fill(Number.NaN)).bytes).toBe(1);
  });

  it('keeps a rare spike aside instead of widening all', () => {
    const quiet = new Array(300).fill(0);
    quiet[77] = 123_456.7;
    expect(roundTrip(quiet).bytes).toBeLessThan(30);
  });

  it('throws nothing but its own error on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 300 }), (bytes, count) => {
        try {
          codec.decode(new ByteSource(bytes), new Float64Array(count));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
