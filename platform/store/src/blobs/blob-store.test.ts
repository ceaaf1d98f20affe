import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { silentLog } from '@undercroft/kernel/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBlobStore } from './blob-store.ts';
import { checkBlobName } from './name.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'undercroft-blobs-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('bytes and streams come back as they were put, with size and checksum', async () => {
  const blobs = await openBlobStore(dataDir, silentLog);
  const bytes = Buffer.from('a report');
  expect(await blobs.put('scan/2026/report.xml', bytes)).toEqual({ sizeBytes: 8, sha256: sha256(bytes) });
  expect(await buffer(await blobs.get('scan/2026/report.xml'))).toEqual(bytes);
  const streamed = await blobs.put('scan/2026/report.xml', Readable.from([Buffer.from('one '), 'two']));
  expect(streamed).toEqual({ sizeBytes: 7, sha256: sha256(Buffer.from('one two')) });
  expect((await buffer(await blobs.get('scan/2026/report.xml'))).toString()).toBe('one two');
});

test('a list has the names that begin with the prefix', async () => {
  const blobs = await openBlobStore(dataDir, silentLog);
  for (const name of ['scan/b', 'scan/a/x', 'flow/a']) await blobs.put(name, Buffer.from(name));
  const listed = await blobs.list('scan/');
  expect(listed.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ['scan/a/x', 8],
    ['scan/b', 6],
  ]);
  expect(listed[0]?.modifiedUs).toBeGreaterThan(1e15);
  await blobs.delete('scan/b');
  expect((await blobs.list('')).map((blob) => blob.name)).toEqual(['flow/a', 'scan/a/x']);
});

test('what is not there says so', async () => {
  const blobs = await openBlobStore(dataDir, silentLog);
  await expect(blobs.get('scan/nothing')).rejects.toMatchObject({ code: 'not-found', status: 404 });
  await expect(blobs.delete('scan/nothing')).rejects.toMatchObject({ code: 'not-found', status: 404 });
});

test('a stream that breaks leaves the old content and no torn file', async () => {
  const blobs = await openBlobStore(dataDir, silentLog);
  await blobs.put('scan/a', Buffer.from('old'));
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from('new');
    throw new Error('the peer went away');
  }
  await expect(blobs.put('scan/a', Readable.from(broken()))).rejects.toThrow('the peer went away');
  expect((await buffer(await blobs.get('scan/a'))).toString()).toBe('old');
  expect(await readdir(join(dataDir, 'blobs', '.unfinished'))).toEqual([]);
});

test('what a crash left unfinished is swept and never listed', async () => {
  await mkdir(join(dataDir, 'blobs', '.unfinished'), { recursive: true });
  await writeFile(join(dataDir, 'blobs', '.unfinished', 'torn'), 'half');
  const blobs = await openBlobStore(dataDir, silentLog);
  expect(await readdir(join(dataDir, 'blobs', '.unfinished'))).toEqual([]);
  expect(await blobs.list('')).toEqual([]);
});

describe('names', () => {
  test.each(['scan/a', 'scan/2026-11/r_1.xml', 'flow/a+b@c=d'])('%s is one', (name) => {
    expect(() => checkBlobName(name)).not.toThrow();
  });

  test.each([
    '',
    'a',
    '/a/b',
    'a/',
    'a//b',
    '../a',
    'a/..',
    'a/../b',
    'a/.hidden',
    'a\\b/c',
    'a/b\0',
    'a/ü',
    `a/${'x'.repeat(201)}`,
  ])('%j is none', (name) => {
    expect(() => checkBlobName(name)).toThrow(expect.objectContaining({ code: 'store.blob-name', status: 400 }));
  });

  test('none that passes leaves the folder', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        try {
          checkBlobName(name);
        } catch {
          return;
        }
        const root = '/data/blobs';
        expect(join(root, name)).toBe(`${root}/${name}`);
      }),
    );
  });
});
