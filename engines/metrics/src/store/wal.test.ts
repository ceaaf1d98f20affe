import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWal, WalEncoder } from './wal.ts';

function rowsOf(bytes: Uint8Array): { slot: number; values: number[] }[] {
  const rows: { slot: number; values: number[] }[] = [];
  readWal(Buffer.from(bytes), (_ids, slot, values) =>
    rows.push({ slot, values: [...values].map((value) => value + 0) }),
  );
  return rows;
}

describe('the write-ahead log', () => {
  const value = fc.oneof(fc.constant(Number.NaN), fc.constant(0), fc.double(), fc.integer());
  const table = fc
    .integer({ min: 1, max: 20 })
    .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 20 }));

  it('reads back every row', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const encoder = new WalEncoder();
        const ids = Uint32Array.from(rows[0] ?? [], (_, i) => i * 7);
        const bytes = Buffer.concat(rows.map((row, slot) => encoder.encode(1, ids, slot, Float64Array.from(row))));
        const expected = rows.map((values, slot) => ({ slot, values: values.map((value) => value + 0) }));
        expect(rowsOf(bytes)).toEqual(expected);
      }),
    );
  });

  it('stops at a torn or damaged record, with all before it', () => {
    const encoder = new WalEncoder();
    const ids = Uint32Array.of(1, 2);
    const records = [0, 1, 2].map((slot) => encoder.encode(1, ids, slot, Float64Array.of(slot, 5)));
    const bytes = Buffer.concat(records);
    expect(rowsOf(bytes.subarray(0, bytes.length - 1))).toHaveLength(2);
    bytes[bytes.length - 2]! ^= 1;
    expect(rowsOf(bytes)).toHaveLength(2);
  });

  it('throws on no bytes whatever', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void rowsOf(bytes)));
  });
});
