import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encoded, greeting } from '../../argus/testing/stream.ts';
import { run } from '../ragraph.ts';
import { runProgram } from '../testing/program.ts';
import { textStrokes, textWidth } from './font.ts';
import { graphCommand } from './options.ts';
import { encodePng } from './png.ts';
import { rasterOf } from './raster.ts';
import { niceStep, shortNumber, ticksBetween, timeTicks } from './ticks.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ragraph-'));
});
afterAll(() => rm(folder, { recursive: true }));

const stream = Buffer.concat([greeting(), encoded(1, 2, 3, 443)]);

/** Width, height and the pixels of a PNG of ours. */
function decoded(png: Buffer): { width: number; height: number; rgb: Buffer } {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const length = png.readUInt32BE(33);
  const rows = inflateSync(png.subarray(41, 41 + length));
  const stride = width * 3;
  const rgb = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    for (let i = 0; i < stride; i += 1) {
      rgb[y * stride + i] =
        (rows[y * (stride + 1) + 1 + i] as number) + (y === 0 ? 0 : (rgb[(y - 1) * stride + i] as number));
    }
  }
  return { width, height, rgb };
}

describe('axes', () => {
  it('have steps of 1, 2 and 5', () => {
    expect([0.7, 1, 13, 300, 99_000].map((span) => niceStep(span, 5))).toEqual([0.2, 0.2, 5, 100, 20_000]);
    expect(ticksBetween(-1.5, 4, 2)).toEqual([0, 2, 4]);
  });

  it('write numbers shortly', () => {
    expect([0, 1, 999, 1000, 1_500_000, 123_456, -20_000, 0.0023].map(shortNumber)).toEqual([
      '0',
      '1',
      '999',
      '1 k',
      '1.5 M',
      '123 k',
      '-20 k',
      '2.3 m',
    ]);
  });

  it('mark round times of UTC and say each day once', () => {
    const ticks = timeTicks(1_700_006_350, 1_700_006_350 + 7200, 6);
    expect(ticks.map(({ label, day }) => `${label} ${day}`.trim())).toEqual([
      '00:00 15 Nov 2023',
      '00:30',
      '01:00',
      '01:30',
    ]);
  });
});

describe('pictures', () => {
  it('have a stroke for each letter, digit and sign of ASCII', () => {
    const unknown = JSON.stringify(textStrokes('\u2603', 10));
    for (let code = 33; code < 127; code += 1) {
      expect(JSON.stringify(textStrokes(String.fromCharCode(code), 10)), String.fromCharCode(code)).not.toBe(unknown);
    }
    expect(textWidth('888', 10)).toBeCloseTo(textWidth('111', 10));
  });

  it('are filled exactly at whole pixels and partly at their edges', () => {
    const rectangle = { kind: 'rectangle', x: 1, y: 1, width: 1.5, height: 1, fill: '#000000' } as const;
    const { rgb } = rasterOf({ width: 4, height: 3, background: '#ffffff', shapes: [rectangle] });
    const row = [4, 5, 6, 7].map((pixel) => rgb[pixel * 3]);
    expect(row).toEqual([255, 0, 128, 255]);
    expect(decoded(encodePng(4, 3, rgb)).rgb.equals(Buffer.from(rgb))).toBe(true);
  });
});

describe('ragraph', () => {
  it('takes its own options and leaves the rest to ra', () => {
    const { options, fields, rest } = graphCommand(
      'bytes dport -M 10s -r - -title T -fill -split -w x.svg -upper 5 -font big - port 80'.split(' '),
    );
    expect([options.title, options.fill, options.split, options.stack, options.path, options.upper]).toEqual([
      'T',
      false,
      false,
      true,
      'x.svg',
      5,
    ]);
    expect(fields).toEqual(['bytes', 'dport']);
    expect(rest).toEqual('-M 10s -r - - port 80'.split(' '));
  });

  it('draws an SVG with the objects and their rates', async () => {
    const path = join(folder, 'graph.svg');
    const argv = ['bytes', 'sport', '-X', '-M', '1s', '-nn', '-N', '2', '-title', 'A < B', '-w', path];
    expect((await runProgram(run, argv, stream)).code).toBe(0);
    const svg = await readFile(path, 'utf8');
    expect(svg).toContain('A &lt; B');
    expect(svg).toContain('bins of 1 s');
    expect([...svg.matchAll(/>(1|2|3|443|others)</g)].map(([, name]) => name)).toEqual(['1', '2', 'others']);
    expect(svg.match(/>800</g)?.length).toBeGreaterThan(1);
    expect(svg).not.toContain('NaN');
  });

  it('draws a PNG whose plot has its size', async () => {
    const path = join(folder, 'graph.png');
    const argv = ['spkts', 'dpkts', '-X', '-only-graph', '-width', '120', '-height', '60', '-zoom', '2', '-w', path];
    expect((await runProgram(run, argv, stream)).code).toBe(0);
    const { width, height, rgb } = decoded(await readFile(path));
    expect([width, height]).toEqual([240, 120]);
    expect(new Set(rgb).size).toBeGreaterThan(3);
  });

  it('says what it cannot draw', async () => {
    expect((await runProgram(run, ['dport', '-X'], stream)).stderr).toContain('name a metric');
    expect((await runProgram(run, ['bytes', 'nothing', '-X'], stream)).stderr).toContain('nothing is no field');
    expect((await runProgram(run, ['bytes', '-X'], greeting())).stdout.toString()).toBe('no data\n');
    expect((await runProgram(run, ['bytes', '-width', '1e9'], stream)).code).toBe(1);
  });
});
