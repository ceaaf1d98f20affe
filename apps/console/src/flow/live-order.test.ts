import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, CLEARLY_MORE, type LiveRow, SILENT_WINDOWS } from './live-order.ts';
import type { LiveConversation } from './types.ts';

const talk = (source: string, rate: number): LiveConversation => ({
  source,
  destination: 'd',
  port: 1,
  protocol: 'tcp',
  application: null,
  bitsPerSecondOut: rate,
  bitsPerSecondIn: 0,
  packetsPerSecond: 1,
  state: 'CON',
});
const names = (rows: readonly LiveRow[]) => rows.map(({ conversation }) => conversation.source).join('');

describe('conversations that are watched', () => {
  it('keep their places while their rates are alike', () => {
    let rows = advance([], [talk('a', 100), talk('b', 95), talk('c', 90)], false);
    rows = advance(rows, [talk('c', 105), talk('b', 104), talk('a', 95)], false);
    expect(names(rows)).toBe('abc');
  });

  it('let a clearly larger one go where it belongs at once', () => {
    let rows = advance([], [talk('a', 100), talk('b', 95), talk('c', 90)], false);
    rows = advance(rows, [talk('n', 900), talk('a', 100), talk('b', 95), talk('c', 90)], false);
    expect(names(rows)).toBe('nabc');
  });

  it('do not move for one burst that is not clearly more on the mean', () => {
    let rows = advance([], [talk('a', 100), talk('b', 90)], false);
    rows = advance(rows, [talk('b', 130), talk('a', 100)], false);
    expect(names(rows)).toBe('ab');
  });

  it('stay for a while when they fall silent, then go', () => {
    let rows = advance([], [talk('a', 100), talk('b', 90)], false);
    for (let i = 0; i < SILENT_WINDOWS; i++) rows = advance(rows, [talk('b', 90)], false);
    expect(rows.map((row) => [row.conversation.source, row.silentWindows])).toContainEqual(['a', SILENT_WINDOWS]);
    expect(names(advance(rows, [talk('b', 90)], false))).toBe('b');
  });

  it('neither move nor go while somebody is at one of them', () => {
    let rows = advance([], [talk('a', 100), talk('b', 90)], false);
    for (let i = 0; i < 8; i++) rows = advance(rows, [talk('n', 9000)], true);
    expect(names(rows)).toBe('abn');
  });

  it('are never out of order by more than what is clear', () => {
    const window = fc.uniqueArray(fc.record({ name: fc.constantFrom(...'abcdefghij'), rate: fc.nat(10_000) }), {
      selector: ({ name }) => name,
    });
    fc.assert(
      fc.property(fc.array(window, { maxLength: 12 }), (windows) => {
        let rows: readonly LiveRow[] = [];
        for (const one of windows)
          rows = advance(
            rows,
            one.map(({ name, rate }) => talk(name, rate)),
            false,
          );
        expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
        for (const [at, row] of rows.entries()) {
          const above = rows[at - 1];
          if (above !== undefined) expect(row.weight).toBeLessThanOrEqual(CLEARLY_MORE * above.weight + 1e-9);
        }
      }),
      { numRuns: 60 },
    );
  });
});
