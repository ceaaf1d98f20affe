import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascii, ByteCursor } from './bytes.ts';
import { KeyedLines, PairedLines } from './keyed.ts';
import { simplePattern } from './pattern.ts';

describe('a simple pattern', () => {
  it.each([
    ['/var*', '/var/lib', true],
    ['!/run !/run/* *', '/run/lock', false],
    ['!/run !/run/* *', '/runway', true],
    ['*nfs*', 'fuse.nfs4', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'ac', false],
    ['aa*aa', 'aaa', false],
    ['', 'anything', false],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(simplePattern(pattern)(text)).toBe(expected);
  });
});

describe('numbers read from bytes', () => {
  it('are what the text says', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        expect(new ByteCursor(ascii(`  ${number} rest`)).number()).toBe(number);
      }),
    );
    expect(new ByteCursor(ascii('5.64')).number()).toBeCloseTo(5.64, 12);
    expect(new ByteCursor(ascii('x')).number()).toBeNaN();
    expect(new ByteCursor(ascii('1F90')).hex()).toBe(8080);
  });

  it('never leave the buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 60 }), (bytes, length) => {
        const cursor = new ByteCursor(bytes, length);
        for (let i = 0; i < 80 && !cursor.done; i++) {
          cursor.number();
          cursor.hex();
          cursor.word();
          if (i % 3 === 0) cursor.skipLine();
        }
        expect(cursor.position).toBeLessThanOrEqual(Math.max(bytes.length, length));
      }),
    );
  });
});

describe('keyed lines', () => {
  it('find names wherever they are, and again when lines move', () => {
    const lines = new KeyedLines(['MemFree', 'SwapFree', 'Absent']);
    const read = (text: string) => [...lines.parse(ascii(text), text.length)];
    expect(read('MemTotal: 5 kB\nMemFree:   12 kB\nSwapFree: 3 kB\n')).toEqual([12, 3, Number.NaN]);
    expect(read('MemTotal: 5 kB\nMemFree:   13 kB\nSwapFree: 3 kB\n')).toEqual([13, 3, Number.NaN]);
    expect(read('SwapFree: 4 kB\nNew: 1\nMemFree: 7 kB\n')).toEqual([7, 4, Number.NaN]);
    expect(read('')).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('take any bytes', () => {
    const keyed = new KeyedLines(['a', 'b']);
    const paired = new PairedLines(['Tcp.a', 'Ip.b']);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        keyed.parse(bytes, bytes.length);
        paired.parse(bytes, bytes.length);
      }),
    );
  });

  it('read names over values', () => {
    const paired = new PairedLines(['Tcp.CurrEstab', 'Udp.NoPorts', 'Tcp.Absent']);
    const text = 'Tcp: RtoMin MaxConn CurrEstab\nTcp: 200 -1 7\nUdp: InDatagrams NoPorts\nUdp: 99 5\n';
    expect([...paired.parse(ascii(text), text.length)]).toEqual([7, 5, Number.NaN]);
  });
});
