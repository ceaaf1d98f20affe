import { UndercroftError } from '@undercroft/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPorts, parsePorts } from './ports.ts';

describe('ports', () => {
  it.each([
    ['22', [22]],
    ['80,22,22', [22, 80]],
    ['8000-8002', [8000, 8001, 8002]],
    ['-3', [1, 2, 3]],
    ['65534-', [65534, 65535]],
    ['ssh,T:443', [22, 443]],
  ])('reads %j', (text, ports) => expect(parsePorts(text)).toEqual(ports));

  it('takes - for all', () => expect(parsePorts('-').length).toBe(65_535));

  it.each(['', '70000', '9-3', 'nosuchservice', '1;2', 'U:53'])('refuses %j', (text) =>
    expect(() => parsePorts(text)).toThrow(UndercroftError),
  );

  it('reads back every list it writes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 50 }), (ports) => {
        const sorted = [...ports].sort((a, b) => a - b);
        expect(parsePorts(formatPorts(sorted))).toEqual(sorted);
      }),
    );
  });

  it('throws nothing but its own error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parsePorts(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UndercroftError);
        }
      }),
    );
  });
});
