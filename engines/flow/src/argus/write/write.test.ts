import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PROTOCOL } from '../../record/layout.ts';
import { UdpStream } from '../net/udp.ts';
import { readRecords } from '../read/source.ts';
import { flow, HEAD, sequencesOf } from '../testing/stream.ts';
import { FileOutput, StreamOutput } from './file.ts';
import { RecordOutputs } from './outputs.ts';
import { parseUdpUrl, UdpOutput } from './udp.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'argus-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

const outputsNow = (): RecordOutputs => new RecordOutputs(HEAD, () => HEAD.startUs);

it('files are appended to, each by its filter, with a management record before and after', async () => {
  const [all, tcp] = [join(folder, 'all'), join(folder, 'tcp')];
  for (const round of [0, 10]) {
    const outputs = outputsNow();
    const options = { greeting: () => outputs.greeting(), monotonicMs: () => 0 };
    outputs.add(await FileOutput.open(all, options));
    outputs.add(await FileOutput.open(tcp, options), (record) => record.get(PROTOCOL) === 6);
    outputs.write(flow(round + 1, 17));
    outputs.write(flow(round + 2, 6));
    await outputs.close(0);
  }
  expect(await sequencesOf(readRecords({ path: all }))).toEqual(['M', 1, 2, 'M', 'M', 11, 12, 'M']);
  expect((await sequencesOf(readRecords({ path: tcp }))).filter((sequence) => sequence !== 'M')).toEqual([2, 12]);
});

it('a file that is moved away is begun anew', async () => {
  let nowMs = 0;
  const outputs = outputsNow();
  const path = join(folder, 'flows');
  outputs.add(await FileOutput.open(path, { greeting: () => outputs.greeting(), monotonicMs: () => nowMs }));
  outputs.write(flow(1));
  await outputs.flush();
  await rename(path, `${path}.1`);
  outputs.write(flow(2));
  await outputs.flush();
  nowMs += 1500;
  outputs.write(flow(3));
  await outputs.close(0);
  expect(await sequencesOf(readRecords({ path: `${path}.1` }))).toEqual(['M', 1, 2]);
  expect(await sequencesOf(readRecords({ path }))).toEqual(['M', 3, 'M']);
});

it('an error of the disk comes out, and later records are counted as dropped', async () => {
  const outputs = outputsNow();
  outputs.add(await FileOutput.open('/dev/full', { greeting: () => new Uint8Array(), monotonicMs: () => 0 }));
  outputs.write(flow(1));
  await expect(outputs.flush()).rejects.toMatchObject({ code: 'ENOSPC' });
  outputs.write(flow(2));
  expect(outputs.dropped).toBe(1);
  await expect(outputs.close(0)).rejects.toMatchObject({ code: 'ENOSPC' });
});

it('a stream gets the same', async () => {
  const stream = new PassThrough();
  const outputs = outputsNow();
  outputs.add(new StreamOutput(stream, outputs.greeting()));
  outputs.write(flow(1));
  await outputs.close(0);
  stream.end();
  expect(await sequencesOf(readRecords({ path: '-' }, stream))).toEqual(['M', 1, 'M']);
});

it('datagrams hold a record each, and are read from any sender', async () => {
  const stream = await UdpStream.bind('127.0.0.1', 0);
  const stop = new AbortController();
  const got = sequencesOf(stream.read(stop.signal));
  const outputs = outputsNow();
  outputs.add(await UdpOutput.open('127.0.0.1', stream.port, outputs.greeting()));
  for (let sequence = 1; sequence <= 20; sequence += 1) outputs.write(flow(sequence));
  await outputs.close(0);
  const nonsense = createSocket('udp4');
  nonsense.send('nonsense', stream.port, '127.0.0.1');
  nonsense.close();
  await once(nonsense, 'close');
  await new Promise((resolve) => setTimeout(resolve, 300));
  stop.abort();
  expect(await got).toEqual(['M', ...Array.from({ length: 20 }, (_, index) => index + 1), 'M']);
});

it('addresses of datagrams have a port of their own or 561', () => {
  expect(parseUdpUrl('argus-udp://224.0.20.21')).toEqual({ host: '224.0.20.21', port: 561 });
  expect(parseUdpUrl('udp://[::1]:99')).toEqual({ host: '::1', port: 99 });
  expect(parseUdpUrl('/tmp/file')).toBeUndefined();
});

it('what is written is whole records', async () => {
  const path = join(folder, 'bytes');
  const outputs = outputsNow();
  outputs.add(await FileOutput.open(path, { greeting: () => outputs.greeting(), monotonicMs: () => 0 }));
  for (let sequence = 0; sequence < 5000; sequence += 1) outputs.write(flow(sequence));
  await outputs.close(0);
  const bytes = await readFile(path);
  let records = 0;
  for (let at = 0; at < bytes.length; at += bytes.readUInt16BE(at + 2) * 4) records += 1;
  expect(records).toBe(5002);
});
