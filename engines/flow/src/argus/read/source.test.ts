import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encoded, greeting, sequencesOf } from '../testing/stream.ts';
import { hasTool, runTool } from '../testing/tools.ts';
import { decodeChunk, parseSource, readRecords } from './source.ts';
import { StreamDecoder } from './stream-decoder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'argus-read-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, ...parts: readonly Uint8Array[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, Buffer.concat(parts));
  return path;
}

const read = (text: string): Promise<(number | 'M')[]> => sequencesOf(readRecords(parseSource(text)));

describe('a file of records', () => {
  it('may be several, one behind another, with zero words between records and a torn end', async () => {
    const path = await file(
      'plain',
      greeting(),
      encoded(1, 2),
      Buffer.alloc(8),
      encoded(3),
      greeting(),
      encoded(4),
      encoded(5).subarray(0, 30),
    );
    expect(await read(path)).toEqual(['M', 1, 2, 3, 'M', 4]);
  });

  it('may be longer than a batch and than the memory for its bytes', async () => {
    const many = Array.from({ length: 9000 }, (_, index) => index + 1);
    expect(await read(await file('long', greeting(), encoded(...many)))).toEqual(['M', ...many]);
  });

  it('may be packed by gzip, also when it is torn', async () => {
    const packed = gzipSync(Buffer.concat([greeting(), encoded(1, 2, 3)]));
    expect(await read(await file('whole.gz', packed))).toEqual(['M', 1, 2, 3]);
    const random = Array.from({ length: 4000 }, (_, index) => index * 7919);
    const long = gzipSync(Buffer.concat([greeting(), encoded(...random)]));
    const torn = await read(await file('torn', long.subarray(0, long.length - 100)));
    expect(torn.length).toBeGreaterThan(1000);
    expect(torn.slice(1)).toEqual(random.slice(0, torn.length - 1));
  });

  for (const program of ['bzip2', 'xz']) {
    it.skipIf(!hasTool(program))(`may be packed by ${program}`, async () => {
      const { stdout } = await runTool(program, ['-c'], Buffer.concat([greeting(), encoded(1, 2)]));
      expect(await read(await file(`packed-${program}`, stdout))).toEqual(['M', 1, 2]);
    });
  }

  it('is read in part, from one byte to another', async () => {
    const one = encoded(1).length;
    const path = await file('part', greeting(), encoded(1, 2, 3, 4));
    expect(await read(`${path}::${128 + one}`)).toEqual(['M', 2, 3, 4]);
    expect(await read(`${path}::${128 + one}:${128 + 3 * one}`)).toEqual(['M', 2, 3]);
    const packed = await file('part.gz', gzipSync(Buffer.concat([greeting(), encoded(1, 2, 3, 4)])));
    expect(await read(`${packed}::${128 + one}:${128 + 3 * one}`)).toEqual(['M', 2, 3]);
  });

  it('comes from standard input byte by byte', async () => {
    const bytes = Buffer.concat([greeting(), encoded(1, 2)]);
    const stdin = Readable.from([...bytes].map((byte) => Buffer.from([byte])));
    expect(await sequencesOf(readRecords({ path: '-' }, stdin))).toEqual(['M', 1, 2]);
  });

  it('is refused when it does not begin as one, or is not there', async () => {
    const wrong = greeting();
    wrong.writeUInt32BE(0xe5617acb, 8);
    await expect(read(await file('wrong', wrong, encoded(1)))).rejects.toMatchObject({ code: 'flow.argus.format' });
    await expect(read(await file('text', Buffer.alloc(200, 'x')))).rejects.toMatchObject({ code: 'flow.argus.format' });
    await expect(read(join(folder, 'none'))).rejects.toMatchObject({ code: 'flow.argus.open' });
  });

  it('ends at a record of a kind that nobody reads', async () => {
    const index = Buffer.from([0x23, 0x10, 0, 1]);
    expect(await read(await file('index', greeting(), encoded(1), index, encoded(2)))).toEqual(['M', 1]);
  });

  it('with any bytes changed gives records or its own error, and never more than it holds', () => {
    const whole = Buffer.concat([greeting(), encoded(1, 2, 3, 4, 5, 6)]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        fc.nat(whole.length),
        (changes, length) => {
          const bytes = Buffer.from(whole.subarray(0, length));
          for (const [at, value] of changes) if (at < length) bytes[at] = value;
          const decoder = new StreamDecoder();
          let records = 0;
          try {
            for (const batch of decodeChunk(decoder, bytes)) records += batch.count;
          } catch (error) {
            expect(error).toMatchObject({ code: 'flow.argus.format' });
          }
          expect(records).toBeLessThanOrEqual(length / 4);
          expect(decoder.pending).toBeLessThanOrEqual(length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
