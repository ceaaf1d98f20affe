import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { captureFolder } from '@undercroft/packet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProgramIo } from '../../program.ts';
import { readRecords } from '../read/source.ts';
import { encoded, greeting, sequencesOf } from '../testing/stream.ts';
import { argusRecords, hasTool, recordsOf, runTool } from '../testing/tools.ts';
import { runArgus } from './argus.ts';
import { ARGUS_DEPENDENCIES } from './dependencies.ts';
import { runRadium } from './radium.ts';

const folder = captureFolder();
const capture = join(folder ?? '', 'suricata-verify/bug-3616-smtp/input.pcap');
const given = { ...ARGUS_DEPENDENCIES, systemConfig: '/nonexistent' };

let temporary: string;
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'argus-command-'));
});
afterAll(() => rm(temporary, { recursive: true }));

function io(): { io: ProgramIo; stdout: () => Buffer; stderr: () => string } {
  const chunks: Buffer[] = [];
  let errors = '';
  return {
    io: {
      stdin: Readable.from([]),
      stdout: new Writable({
        write(chunk: Buffer, _encoding, done) {
          chunks.push(Buffer.from(chunk));
          done();
        },
      }),
      stderr: new Writable({
        write(chunk: Buffer, _encoding, done) {
          errors += chunk.toString();
          done();
        },
      }),
      env: {},
      signal: new AbortController().signal,
    },
    stdout: () => Buffer.concat(chunks),
    stderr: () => errors,
  };
}

const flows = (stream: Buffer): string[] =>
  [...recordsOf(stream)]
    .filter((record) => (record[0] as number) < 0x80)
    .map((record) => Buffer.from(record).toString('hex'));

describe.skipIf(folder === null)('argus', () => {
  it.skipIf(!hasTool('argus'))(
    'writes of a capture the records that argus writes',
    async () => {
      const { io: streams, stdout } = io();
      expect(await runArgus(['-X', '-r', capture, '-w', '-'], streams, given)).toBe(0);
      expect(flows(stdout())).toEqual(flows(await argusRecords(capture)));
    },
    20_000,
  );

  it.skipIf(!hasTool('racluster'))(
    'writes files that ra and racluster read',
    async () => {
      const path = join(temporary, 'out.arg');
      expect(await runArgus(['-X', '-r', capture, '-w', path], io().io, given)).toBe(0);
      const { stdout } = await runTool('racluster', [
        '-F',
        '/dev/null',
        '-X',
        '-nn',
        '-c',
        ',',
        '-r',
        path,
        '-s',
        'proto',
        'pkts',
      ]);
      expect(stdout.toString().split('\n').length).toBeGreaterThan(4);
    },
    20_000,
  );

  it('gives each output what its filter accepts, and takes a packet expression', async () => {
    const udp = join(temporary, 'udp.arg');
    const { io: streams, stdout } = io();
    const argv = ['-X', '-r', capture, '-w', udp, 'udp', '-w', '-', '-', 'port', '53', 'or', 'icmp'];
    expect(await runArgus(argv, streams, given)).toBe(0);
    expect(flows(stdout()).length).toBe(2);
    const kept = (await sequencesOf(readRecords({ path: udp }))).filter((sequence) => sequence !== 'M');
    expect(kept.length).toBe(1);
  });

  it('reads the first packets only', async () => {
    const { io: streams, stdout } = io();
    expect(await runArgus(['-X', '-N', '2', '-r', capture, '-w', '-'], streams, given)).toBe(0);
    expect(flows(stdout()).length).toBe(1);
  });
});

describe('what cannot be done', () => {
  for (const [name, argv, text] of [
    ['a file that is not there', ['-X', '-r', '/nonexistent/x.pcap', '-w', '-'], '/nonexistent/x.pcap'],
    ['an output that cannot be opened', ['-X', '-r', capture, '-w', '/nonexistent/out'], '/nonexistent/out'],
    ['an expression that is none', ['-X', '-b', '-', 'tcp', 'port', 'zork'], 'zork'],
    ['an unknown option', ['-Q'], '-Q'],
    ['a configuration that is not there', ['-X', '-F', '/nonexistent/argus.conf'], '/nonexistent/argus.conf'],
  ] as const) {
    it(`${name} is said on standard error, with code 1`, async () => {
      const { io: streams, stderr } = io();
      expect(await runArgus(argv, streams, given)).toBe(1);
      expect(stderr()).toContain(text);
    });
  }

  it('-b prints the program of an expression', async () => {
    const { io: streams, stdout } = io();
    expect(await runArgus(['-X', '-b', '-', 'tcp', 'port', '80'], streams, given)).toBe(0);
    expect(stdout().toString()).toMatch(/^\(000\) ldh +\[12\]\n/);
  });
});

describe('radium', () => {
  it('collects from files, filters, and writes', async () => {
    const one = join(temporary, 'one.arg');
    const two = join(temporary, 'two.arg');
    const out = join(temporary, 'collected.arg');
    await writeFile(one, Buffer.concat([greeting(), encoded(1, 2)]));
    await writeFile(two, Buffer.concat([greeting(), encoded(3)]));
    const argv = ['-X', '-r', one, two, '-w', out, '-', 'src', 'port', '1', 'or', 'src', 'port', '3'];
    expect(await runRadium(argv, io().io, given)).toBe(0);
    const kept = (await sequencesOf(readRecords({ path: out }))).filter((sequence) => sequence !== 'M');
    expect(kept.sort()).toEqual([1, 3]);
    if (hasTool('ra')) {
      const { stdout } = await runTool('ra', ['-F', '/dev/null', '-X', '-nn', '-c', ',', '-r', out, '-s', 'sport']);
      expect(stdout.toString().split('\n').slice(1, 3).sort()).toEqual(['1', '3']);
    }
  });

  it('goes on when one of its sources cannot be read', async () => {
    const good = join(temporary, 'good.arg');
    const out = join(temporary, 'rest.arg');
    await writeFile(good, Buffer.concat([greeting(), encoded(7)]));
    const { io: streams, stderr } = io();
    expect(await runRadium(['-X', '-r', '/nonexistent/x', good, '-w', out], streams, given)).toBe(0);
    expect(stderr()).toContain('/nonexistent/x');
    expect((await sequencesOf(readRecords({ path: out }))).filter((sequence) => sequence !== 'M')).toEqual([7]);
  });
});

const root = process.getuid?.() === 0;
if (!root) console.info('skipped: capturing needs root');

describe.skipIf(!root || process.platform !== 'linux')('argus on an interface', () => {
  it('writes flows as they pass, and what is left when it is told to end', async () => {
    const path = join(temporary, 'live.arg');
    const stop = new AbortController();
    const { io: streams, stderr } = io();
    const argv = ['-X', '-i', 'lo', '-S', '1', '-e', '7', '-w', path, '-', 'udp', 'port', '9'];
    const running = runArgus(argv, { ...streams, signal: stop.signal }, given);
    while (!stderr().includes('started')) await new Promise((resolve) => setTimeout(resolve, 20));
    const socket = createSocket('udp4');
    for (let count = 0; count < 4; count += 1) {
      socket.send('x', 9, '127.0.0.1');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    socket.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    stop.abort();
    expect(await running).toBe(0);
    const written = await readFile(path);
    expect(flows(written).length).toBeGreaterThan(0);
    expect(written.readUInt32BE(120)).toBe(7);
    expect(flows(written)[0]).toContain('0103200300000007');
  }, 20_000);
});
