import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCommand } from './command-line.ts';
import { parsePerfdata } from './perfdata.ts';
import { readPlugin } from './plugin-output.ts';

const read = (stdout: string, exitCode: number | null = 0, more: { stderr?: string; signal?: string } = {}) =>
  readPlugin({ stdout, stderr: '', exitCode, ...more });

describe('parsePerfdata', () => {
  it.each([
    ['load1=0.12;5;10;0;', [{ label: 'load1', value: 0.12, uom: '', warn: '5', crit: '10', min: 0 }]],
    [
      "'/var space'=12MB;80;90;0;100",
      [{ label: '/var space', value: 12, uom: 'MB', warn: '80', crit: '90', min: 0, max: 100 }],
    ],
    ["'it''s'=1", [{ label: "it's", value: 1, uom: '' }]],
    [
      'a=U b=-1.5e3s;@10:20;~:5',
      [
        { label: 'a', value: null, uom: '' },
        { label: 'b', value: -1500, uom: 's', warn: '@10:20', crit: '~:5' },
      ],
    ],
    [
      'a=1  b=2 c=3',
      [
        { label: 'a', value: 1, uom: '' },
        { label: 'b', value: 2, uom: '' },
        { label: 'c', value: 3, uom: '' },
      ],
    ],
    [
      'rubbish a=1 =x b=50%',
      [
        { label: 'a', value: 1, uom: '' },
        { label: 'b', value: 50, uom: '%' },
      ],
    ],
    ['', []],
  ])('reads %j', (text, data) => expect(parsePerfdata(text)).toEqual(data));

  it('takes any text, and ends', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2000 }), (text) => void parsePerfdata(text)));
    const startMs = performance.now();
    parsePerfdata("'".repeat(20_000));
    parsePerfdata('a='.repeat(20_000));
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});

describe('readPlugin', () => {
  it.each([
    ['DISK OK', 0, { state: 'ok', output: 'DISK OK', longOutput: '', perfdata: [] }],
    [
      'DISK WARNING | a=1',
      1,
      { state: 'warning', output: 'DISK WARNING', perfdata: [{ label: 'a', value: 1, uom: '' }] },
    ],
    [
      'X | a=1\nline one\nline two | b=2\nc=3',
      2,
      {
        state: 'critical',
        output: 'X',
        longOutput: 'line one\nline two',
        perfdata: [{ label: 'a' }, { label: 'b' }, { label: 'c' }],
      },
    ],
    ['odd', 3, { state: 'unknown', output: 'odd' }],
    ['odd', 5, { state: 'critical', output: '(Return code of 5: out of bounds) odd' }],
    ['', 127, { state: 'critical', output: '(Return code of 127: there is no such plugin)' }],
  ])('%j and exit code %i', (stdout, code, expected) => expect(read(stdout, code)).toMatchObject(expected));

  it('says what stderr said when there is nothing else', () => {
    expect(read('', 2, { stderr: 'cannot open\n' })).toMatchObject({
      state: 'critical',
      output: '(No output on stdout) stderr: cannot open',
    });
  });

  it('calls a plugin that a signal ended unknown', () => {
    expect(read('half', null, { signal: 'SIGSEGV' })).toMatchObject({
      state: 'unknown',
      output: '(Plugin was ended by SIGSEGV)',
    });
  });
});

describe('splitCommand', () => {
  it.each([
    ['check_load -w 5,4,3', ['check_load', '-w', '5,4,3']],
    [`a "b c" 'd "e"' f\\ g ""`, ['a', 'b c', 'd "e"', 'f g', '']],
    [`a "x\\"y" 'z\\'`, ['a', 'x"y', 'z\\']],
    ['a $HOME `id`; b', ['a', '$HOME', '`id`;', 'b']],
  ])('%j', (line, words) => expect(splitCommand(line)).toEqual(words));

  it.each(['', '   ', 'a "b', "a 'b"])('refuses %j', (line) => expect(() => splitCommand(line)).toThrow());

  it('gives back every list of words that is quoted for it', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), (words) => {
        const line = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');
        expect(splitCommand(line)).toEqual(words);
      }),
    );
  });
});
