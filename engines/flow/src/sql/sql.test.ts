import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { captureFolder } from '@undercroft/packet/testing';
import { findPostgres, type PostgresServer, startPostgres } from '@undercroft/store/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argusRecords, hasTool, raPrints, recordsOf } from '../argus/testing/tools.ts';
import type { Program } from '../program.ts';
import { run as ra } from '../ra/ra.ts';
import { run as racluster } from '../ra/racluster.ts';
import { run as rasql } from './rasql.ts';
import { run as rasqlinsert } from './rasqlinsert.ts';

const found = await findPostgres();
const captures = captureFolder();
const reason =
  'absent' in found ? found.absent : captures === null ? 'no captures here' : hasTool('argus') ? '' : 'no argus';
if (reason !== '') console.info(`skipped: ${reason}`);

const CAPTURES = [
  'zeek/wikipedia.pcap',
  'suricata-verify/bug-3616-smtp/input.pcap',
  'ndpi/default/pcap/anyconnect-vpn.pcap',
  'ndpi/default/pcap/dns_fragmented.pcap',
  'ndpi/default/pcap/rtp.pcapng',
];
const MANAGEMENT_TYPE = 8;

interface Outcome {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

let server: PostgresServer;
let address = '';

async function runProgram(
  program: Program,
  argv: readonly string[],
  stdin: Buffer = Buffer.alloc(0),
): Promise<Outcome> {
  const stdout: Buffer[] = [];
  const stderr = new PassThrough();
  const code = await program(argv, {
    stdin: Readable.from(stdin.length === 0 ? [] : [stdin], { objectMode: false }),
    stdout: new Writable({
      write(chunk: Buffer, _encoding, done) {
        stdout.push(chunk);
        done();
      },
    }),
    stderr,
    env: { TZ: 'UTC', PGPASSWORD: server.password },
    signal: new AbortController().signal,
  });
  return { code, stdout: Buffer.concat(stdout), stderr: String(stderr.read() ?? '') };
}

async function ask<Row>(text: string): Promise<Row[]> {
  const client = new Client({ connectionString: address.replace('@', `:${server.password}@`) });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows as Row[];
}

const flowsOf = (stream: Uint8Array): string[] =>
  [...recordsOf(stream)]
    .filter((record) => (record[0] as number) >> 4 !== MANAGEMENT_TYPE)
    .map((record) => Buffer.from(record).toString('hex'));

const withoutGreeting = (text: string): string[] => text.split('\n').filter((line) => !line.includes(',man,'));

describe.skipIf(reason !== '')('an archive in PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgres('bin' in found ? found.bin : '');
    address = await server.emptyDatabase();
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
  });

  it('gives back every record byte for byte, and the real ra prints the same of them', async () => {
    for (const [index, capture] of CAPTURES.entries()) {
      const records = await argusRecords(join(captures ?? '', capture), ['-A', '-J', '-R', '-Z', '-m', '-U', '64']);
      const table = `${address}/flows${index}`;
      const put = await runProgram(rasqlinsert, ['-X', '-r', '-', '-w', table, '-s', '+smac', '+suser:64'], records);
      expect(put).toMatchObject({ code: 0, stderr: '' });
      const got = await runProgram(rasql, ['-X', '-r', table, '-w', '-']);
      expect(flowsOf(got.stdout)).toEqual(flowsOf(records));
      expect(withoutGreeting(await raPrints(got.stdout))).toEqual(withoutGreeting(await raPrints(records)));
      const printed = await runProgram(rasql, ['-X', '-nn', '-r', table, '-', 'udp']);
      const wanted = await runProgram(ra, ['-X', '-nn', '-r', '-', '-', 'udp'], records);
      expect(printed.stdout.toString()).toBe(wanted.stdout.toString());
    }
  }, 60_000);

  it('has columns of the right types', async () => {
    const records = await argusRecords(join(captures ?? '', CAPTURES[0] as string), ['-m']);
    const columns = ['stime', 'dur', 'proto', 'saddr', 'sport', 'daddr', 'dport', 'pkts', 'bytes', 'smac', 'sttl'];
    await runProgram(rasqlinsert, ['-X', '-r', '-', '-w', `${address}/typed`, '-s', ...columns], records);
    const [row] = await ask<Record<string, unknown>>(
      `SELECT count(*) AS records, sum(bytes) AS bytes, min(stime) AS first, count(DISTINCT saddr) AS sources
       FROM typed WHERE saddr << '141.142.0.0/16' AND dport = 80 AND sttl = 64 AND smac IS NOT NULL`,
    );
    const printed = await runProgram(
      ra,
      [
        '-X',
        '-nn',
        '-u',
        '-c',
        ',',
        '-r',
        '-',
        '-s',
        'stime',
        'bytes',
        '-',
        'src',
        'net',
        '141.142.0.0/16',
        'and',
        'dst',
        'port',
        '80',
      ],
      records,
    );
    const lines = printed.stdout
      .toString()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number));
    expect(row).toMatchObject({
      records: String(lines.length),
      bytes: String(lines.reduce((sum, [, bytes]) => sum + (bytes as number), 0)),
      sources: '1',
    });
    expect(Number(row?.['first'])).toBe(Math.floor(Math.min(...lines.map(([time]) => (time as number) * 1000))));
  });

  it('asks the database for the time that -t names', async () => {
    const records = await argusRecords(join(captures ?? '', CAPTURES[2] as string));
    await runProgram(rasqlinsert, ['-X', '-r', '-', '-w', `${address}/timed`], records);
    const [first] = await ask<{ s: string }>('SELECT extract(epoch FROM min(stime)) AS s FROM timed');
    const range = `${Math.floor(Number(first?.s)) + 20}+30s`;
    const got = await runProgram(rasql, ['-X', '-nn', '-r', `${address}/timed`, '-t', range]);
    const wanted = await runProgram(ra, ['-X', '-nn', '-r', '-', '-t', range], records);
    expect(got.stdout.toString()).toBe(wanted.stdout.toString());
    expect(got.stdout.toString().split('\n').length).toBeGreaterThan(5);
  });

  it('merges records of one key as racluster does, over several runs', async () => {
    const records = await argusRecords(join(captures ?? '', CAPTURES[2] as string));
    const table = `${address}/cache`;
    const keys = ['-M', 'cache', '-m', 'saddr', 'daddr', 'proto'];
    const flows = flowsOf(records).map((hex) => Buffer.from(hex, 'hex'));
    const greeting = records.subarray(0, 128);
    const middle = flows.length >> 1;
    for (const half of [flows.slice(0, middle), flows.slice(middle)]) {
      const put = await runProgram(
        rasqlinsert,
        ['-X', '-r', '-', '-w', table, ...keys],
        Buffer.concat([greeting, ...half]),
      );
      expect(put).toMatchObject({ code: 0, stderr: '' });
    }
    const columns = [
      '-X',
      '-nn',
      '-c',
      ',',
      '-s',
      'saddr',
      'daddr',
      'proto',
      'spkts',
      'dpkts',
      'sbytes',
      'dbytes',
      'trans',
    ];
    const sorted = (text: Buffer): string[] => text.toString().trim().split('\n').slice(1).sort();
    const got = await runProgram(rasql, [...columns, '-r', table]);
    const wanted = await runProgram(racluster, [...columns, '-m', 'saddr', 'daddr', 'proto', '-r', '-'], records);
    expect(sorted(got.stdout)).toEqual(sorted(wanted.stdout));
  });

  it('replaces what has the same key where records are not merged', async () => {
    const records = await argusRecords(join(captures ?? '', CAPTURES[1] as string));
    const table = `${address}/replaced`;
    for (let run = 0; run < 2; run++)
      await runProgram(rasqlinsert, ['-X', '-r', '-', '-w', table, '-m', 'srcid', 'seq'], records);
    const [row] = await ask<{ rows: string; sequences: string }>(
      'SELECT count(*) AS rows, count(DISTINCT seq) AS sequences FROM replaced',
    );
    expect(row?.rows).toBe(row?.sequences);
  });

  it('has a table for each span of time, and reads them all', async () => {
    const records = await argusRecords(join(captures ?? '', CAPTURES[2] as string));
    const table = `${address}/flows_%Y%m%d_%H%M%S`;
    const put = await runProgram(rasqlinsert, ['-X', '-r', '-', '-w', table, '-M', 'time', '10s'], records);
    expect(put).toMatchObject({ code: 0, stderr: '' });
    const tables = await ask<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '^flows_[0-9_]+$' ORDER BY 1",
    );
    expect(tables.length).toBeGreaterThan(2);
    const got = await runProgram(rasql, ['-X', '-r', table, '-w', '-']);
    expect(flowsOf(got.stdout).sort()).toEqual(flowsOf(records).sort());
  });

  it('says what is wrong, and never a password', async () => {
    const wrong = address.replace('undercroft@', 'undercroft:secret@');
    const refused = await runProgram(rasqlinsert, ['-X', '-r', '-', '-w', `${wrong}/flows`]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('PGPASSWORD');
    expect(refused.stderr).not.toContain('secret');
    const absent = await runProgram(rasql, ['-X', '-r', `${address}/nothing`]);
    expect(absent).toMatchObject({ code: 1 });
    expect(absent.stderr).toContain('no such table');
    const nowhere = await runProgram(rasql, ['-X', '-r', 'postgresql://undercroft@127.0.0.1:1/postgres/flows']);
    expect(nowhere).toMatchObject({ code: 1 });
  });
});
