import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureFileError } from '../block.ts';
import { openCapture } from '../capture.ts';
import { inFolder, memory, pcapHead, readAll, record } from '../testing.ts';

const RECORDS = Array.from({ length: 2000 }, (_, index) =>
  record(true, 1_700_000_000 + index, 0, Buffer.alloc(1000, String(index * 7919))),
);
const WHOLE = Buffer.concat([pcapHead(true, 0xa1b2c3d4), ...RECORDS]);

describe.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('%s', (_, compress) => {
  it('is read, also in many pieces', async () => {
    const pieces: Buffer[] = [];
    for (let at = 0; at < WHOLE.length; at += 300_000) pieces.push(compress(WHOLE.subarray(at, at + 300_000)));
    const { packets, capture } = await readAll(memory(...pieces));
    expect(packets).toHaveLength(2000);
    expect(packets[1999]?.timeS).toBe(1_700_001_999);
    expect(capture.warningCount).toBe(0);
  });

  it('that is cut gives what is there and says so', async () => {
    const bytes = compress(WHOLE);
    const { packets, capture } = await readAll(memory(bytes.subarray(0, Math.floor(bytes.length * 0.7))));
    expect(packets.length).toBeGreaterThan(500);
    expect(packets.length).toBeLessThan(2000);
    expect(capture.warnings.map(({ kind }) => kind)).toContain('compression');
  });

  it('with garbage inside says so and ends', async () => {
    const bytes = compress(WHOLE);
    const middle = bytes.length >> 1;
    bytes.fill(0x5a, middle, middle + 200);
    const { capture } = await readAll(memory(bytes, Buffer.from('and more')));
    expect(capture.warnings.map(({ kind }) => kind)).toContain('compression');
  });

  it('with any damage is read or refused', async () => {
    const whole = compress(WHOLE.subarray(0, 200_000));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), async (at, change) => {
        const bytes = Buffer.concat([whole, whole]);
        bytes.set(change, at);
        try {
          expect((await readAll(memory(bytes))).packets.length).toBeLessThanOrEqual(400);
        } catch (error) {
          expect(error).toBeInstanceOf(CaptureFileError);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is left in the middle without leftovers', async () => {
    for await (const block of openCapture(memory(compress(WHOLE)))) {
      expect(block.packets).toBeGreaterThan(0);
      break;
    }
  });
});

it('passes over skippable frames of zstd', async () => {
  const skippable = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from('hello')]);
  const { packets } = await readAll(memory(skippable, zstdCompressSync(WHOLE), skippable));
  expect(packets).toHaveLength(2000);
});

it.each(['bzip2', 'xz', 'lz4', 'gzip', 'zstd'])(
  'reads what the real %s writes, by its bytes and not its name',
  async (tool) => {
    if (spawnSync(tool, ['--version']).error !== undefined) return;
    await inFolder(async (folder) => {
      const path = join(folder, 'capture.txt');
      writeFileSync(path, execFileSync(tool, ['-c'], { input: WHOLE, maxBuffer: 1e8 }));
      const { packets, capture } = await readAll(path);
      expect(packets).toHaveLength(2000);
      expect(capture.warningCount).toBe(0);
    });
  },
);

it('says which tool it lacks', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    const bytes = Buffer.concat([Buffer.from('BZh91AY&SY'), Buffer.alloc(100)]);
    await expect(readAll({ name: 'x.bz2', bytes })).rejects.toMatchObject({
      code: 'capture.format',
      message: expect.stringContaining('bzip2 is needed to read it and is not installed'),
    });
  } finally {
    process.env['PATH'] = path;
  }
});

it('goes on with a file that grows, until it is told to end', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'growing.pcap');
    writeFileSync(path, WHOLE.subarray(0, 24 + 1016 + 10));
    const end = new AbortController();
    const counts: number[] = [];
    for await (const block of openCapture(path, { follow: true, signal: end.signal, pollMs: 5 })) {
      counts.push(block.packets);
      if (counts.length === 1) appendFileSync(path, WHOLE.subarray(24 + 1016 + 10, 24 + 3 * 1016 + 5));
      if (counts.length === 2) end.abort();
    }
    expect(counts).toEqual([1, 2]);
  });
});

it('can be left while more is awaited', async () => {
  async function* stream() {
    yield gzipSync(WHOLE.subarray(0, 1_000_000)).subarray(0, -20);
    await new Promise(() => undefined);
  }
  for await (const block of openCapture({ name: 'stream', stream: stream() })) {
    expect(block.packets).toBeGreaterThan(0);
    break;
  }
});

it('reads standard input as it comes', async () => {
  const script = `
    const { openCapture } = await import(${JSON.stringify(fileURLToPath(new URL('../capture.ts', import.meta.url)))});
    for await (const block of openCapture('-')) process.stdout.write(block.packets + ' ');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  let answer = '';
  child.stdin.write(WHOLE.subarray(0, 24 + 2 * 1016));
  for await (const text of child.stdout) {
    if (answer === '') child.stdin.end(WHOLE.subarray(24 + 2 * 1016, 24 + 5 * 1016));
    answer += text;
  }
  expect(answer).toBe('2 3 ');
});
