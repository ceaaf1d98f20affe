import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureFolder } from '@undercroft/packet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runArgus } from '../../argus/command/argus.ts';
import { ARGUS_DEPENDENCIES } from '../../argus/command/dependencies.ts';
import { hasTool, runTool } from '../../argus/testing/tools.ts';
import { run as ragrep } from '../ragrep.ts';
import { run as rahisto } from '../rahisto.ts';
import { run as rastrip } from '../rastrip.ts';
import { runProgram } from '../testing/program.ts';
import { classRule, Histogram } from './histogram.ts';

const captures = captureFolder();
const capture = join(captures ?? '', 'suricata-verify/bug-3616-smtp/input.pcap');
const PLAIN = ['-F', '/dev/null', '-X'];

let folder: string;
let source: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rahisto-'));
  source = join(folder, 'in.arg');
  if (captures === null) return;
  const given = { ...ARGUS_DEPENDENCIES, systemConfig: '/nonexistent' };
  const options = ['-X', '-A', '-J', '-m', '-U', '64', '-r', capture, '-w', source];
  await runProgram((argv, io) => runArgus(argv, io, given), options);
});
afterAll(() => rm(folder, { recursive: true }));

describe('classes', () => {
  it('are asked for by number, range and kind', () => {
    expect(classRule('10')).toEqual({ classes: 10, isLogarithmic: false });
    expect(classRule('10:0-75u')?.range?.[1]).toBeCloseTo(75e-6);
    expect(classRule('4L:1-10K')).toEqual({ classes: 4, isLogarithmic: true, range: [1, 10_000] });
    for (const text of ['', '0', '5:9-1', '5L:0-9', '5-9']) expect(classRule(text)).toBeNull();
  });

  it('hold each value once', () => {
    const histogram = new Histogram();
    for (const value of [1, 10, 10, 99, 100, 5000, Number.NaN]) histogram.add(value);
    const { classes, summary } = histogram.tell({ classes: 4, isLogarithmic: true, range: [1, 10_000] }, false);
    expect(classes.map(({ count }) => count)).toEqual([1, 3, 1, 1]);
    expect(summary).toMatchObject({ count: 6, median: 54.5, mode: 10, min: 1, max: 5000 });
    const { classes: outer } = histogram.tell({ classes: 1, isLogarithmic: false, range: [10, 100] }, true);
    expect(outer.map(({ number, count }) => [number, count])).toEqual([
      [0, 1],
      [1, 3],
      [2, 2],
    ]);
  });
});

const run = (name: string, argv: readonly string[]): Promise<string> =>
  runTool(name, [...PLAIN, ...argv]).then(({ stdout }) => stdout.toString());

describe.skipIf(captures === null)('beside the real ones', () => {
  // rahisto computes the mean in single precision, and of an odd number of values takes the one behind the median.
  it.skipIf(!hasTool('rahisto'))(
    'rahisto has the same classes',
    async () => {
      const argv = ['-H', 'bytes', '5:0-2K', '-r', source];
      const ours = (await runProgram(rahisto, [...PLAIN, ...argv])).stdout.toString();
      const theirs = await run('rahisto', argv);
      const classesOf = (text: string): string => text.slice(text.indexOf(' Class'));
      expect(classesOf(ours)).toBe(classesOf(theirs));
      expect(ours.split('  stddev')[0]?.slice(0, 20)).toBe(theirs.slice(0, 20));
    },
    20_000,
  );

  it.skipIf(!hasTool('rastrip'))(
    'rastrip leaves the same',
    async () => {
      const shown = [
        '-nn',
        '-c',
        ',',
        '-r',
        '-',
        '-s',
        'saddr',
        'smac',
        'bytes',
        'sttl',
        'suser:9',
        'inode',
        'state',
        'senc',
        'sjit',
        '-',
        'not',
        'man',
      ];
      for (const modes of [[], ['-M', '+mac'], ['-M', '-suser', '-M', '-net']]) {
        const argv = [...modes, '-r', source, '-w', '-'];
        const ours = await runProgram(rastrip, [...PLAIN, ...argv]);
        const theirs = await runTool('rastrip', [...PLAIN, ...argv]);
        const [one, other] = await Promise.all(
          [ours.stdout, theirs.stdout].map((stream) => runTool('ra', [...PLAIN, ...shown], stream)),
        );
        expect(one?.stdout.toString(), modes.join(' ')).toBe(other?.stdout.toString());
      }
    },
    20_000,
  );

  it.skipIf(!hasTool('ragrep'))(
    'ragrep finds the same',
    async () => {
      const argv = ['-e', 'd:220', '-nn', '-r', source];
      expect((await runProgram(ragrep, [...PLAIN, ...argv])).stdout.toString()).toBe(await run('ragrep', argv));
    },
    20_000,
  );

  it('ragrep counts, turns round and tells by its code', async () => {
    const counted = async (...argv: string[]) => runProgram(ragrep, ['-X', '-c', ...argv, '-r', source]);
    const yes = Number((await counted('-e', 'EHLO')).stdout);
    const no = Number((await counted('-v', '-e', 'EHLO')).stdout);
    expect([yes, yes + no]).toEqual([1, 5]);
    expect((await counted('-i', '-e', 'ehlo')).stdout.toString()).toBe('1\n');
    expect((await counted('-e', 'zzzz')).code).toBe(1);
  });
});
