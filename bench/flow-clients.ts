/**
 * The ra clients beside argus-client: `node bench/flow-clients.ts [records]`. A file of flow records as argus writes
 * them: ra prints a part of it in its default columns, chooses some of it by a filter, racluster gathers all of it by
 * pairs of addresses (200,000 of them) and writes that, rasort orders all of it by bytes. Prints CPU seconds (ours with Node's start),
 * records a CPU second and the ratio. The peers are left out where they are not installed.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RecordEncoder } from '../engines/flow/src/argus/wire/encode.ts';
import type { Program } from '../engines/flow/src/program.ts';
import { greetingRecord } from '../engines/flow/src/ra/io/greeting.ts';
import * as layout from '../engines/flow/src/record/layout.ts';
import { FlowRecord, recordMemory } from '../engines/flow/src/record/record.ts';

const SELF = fileURLToPath(import.meta.url);
const RECORDS = 5_000_000;
const PRINTED_SHARE = 5;
const PIECE_BYTES = 4 * 1024 * 1024;
const MAX_RECORD_BYTES = 2048;
const PAIRS = 200_000;
const HOSTS = 60_000;
const SERVERS = 2_000;
const START_S = 1_700_000_000;
const RECORDS_PER_S = 1_000;
const TCP = 6;
const UDP = 17;
const PORTS = [443, 80, 53, 22, 25, 8080, 123, 3306];
const PROGRAMS: Readonly<Record<string, () => Promise<{ readonly run: Program }>>> = {
  ra: () => import('../engines/flow/src/ra/ra.ts'),
  racluster: () => import('../engines/flow/src/ra/racluster.ts'),
  rasort: () => import('../engines/flow/src/ra/rasort.ts'),
};

const [role = String(RECORDS), ...rest] = process.argv.slice(2);
if (role === '--run') await runOurs(rest[0] as string, rest.slice(1));
else main(Number(role));

async function runOurs(name: string, argv: readonly string[]): Promise<void> {
  const { run } = await (PROGRAMS[name] as (typeof PROGRAMS)[string])();
  const { stdin, stdout, stderr, env } = process;
  process.exitCode = await run(argv, { stdin, stdout, stderr, env, signal: new AbortController().signal });
}

function main(records: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'undercroft-bench-'));
  try {
    const all = join(folder, 'all.argus');
    const some = join(folder, 'some.argus');
    const few = Math.ceil(records / PRINTED_SHARE);
    writeRecords(all, records);
    writeRecords(some, few);
    console.log(`${records.toLocaleString('en')} records, ${(statSync(all).size / 1e6).toFixed(0)} MB`);
    compare('ra, default columns', few, ['ra', '-nn', '-r', some]);
    compare('ra, a filter', records, ['ra', '-nn', '-r', all, '-', 'host 10.0.0.1 and udp']);
    const out = join(folder, 'out.argus');
    const gather = compare(
      'racluster -m saddr daddr',
      records,
      ['racluster', '-m', 'saddr', 'daddr', '-r', all, '-w', out],
      out,
    );
    const sort = compare('rasort -m bytes', records, ['rasort', '-m', 'bytes', '-r', all, '-w', out], out);
    if (gather !== null && sort !== null) {
      console.log(
        `racluster and rasort together: ${(gather[0] + sort[0]).toFixed(1)} s, theirs ${(gather[1] + sort[1]).toFixed(1)} s`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param out written anew by both @returns CPU seconds of ours and theirs, null without a peer */
function compare(title: string, records: number, words: readonly string[], out?: string): [number, number] | null {
  const [name = '', ...argv] = words;
  const plain = ['-X', '-F', '/dev/null', ...argv];
  const ours = cpuSeconds([process.execPath, SELF, '--run', name, ...plain], out);
  const speed = (seconds: number): string => `${(records / seconds / 1000).toFixed(0)} k/s`;
  const isThere = spawnSync('which', [name]).status === 0;
  const theirs = isThere ? cpuSeconds([name, ...plain], out) : null;
  const peer =
    theirs === null
      ? 'argus-client is not installed'
      : `theirs ${theirs.toFixed(2)} s (${speed(theirs)}), ${(theirs / ours).toFixed(2)} times as fast`;
  console.log(`${title}: ours ${ours.toFixed(2)} s (${speed(ours)}), ${peer}`);
  return theirs === null ? null : [ours, theirs];
}

/** What a command and its children take, user and system. */
function cpuSeconds(words: readonly string[], out?: string): number {
  if (out !== undefined) rmSync(out, { force: true });
  const { stdout } = spawnSync('sh', ['-c', '"$@" > /dev/null 2>&1; times', 'sh', ...words], { encoding: 'utf8' });
  const children = stdout.trim().split('\n').at(-1) ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

/** Flows of many hosts to few servers, most of them TCP, one after another in time. */
function writeRecords(path: string, count: number): void {
  const record = new FlowRecord().at(recordMemory(new ArrayBuffer(layout.RECORD_BYTES)), 0);
  const encoder = new RecordEncoder();
  const piece = Buffer.alloc(PIECE_BYTES);
  const file = openSync(path, 'w');
  try {
    writeSync(file, greetingRecord());
    let used = 0;
    for (let index = 0; index < count; index += 1) {
      fill(record, index);
      const bytes = encoder.encode(record);
      if (used + MAX_RECORD_BYTES > PIECE_BYTES) {
        writeSync(file, piece, 0, used);
        used = 0;
      }
      piece.set(bytes, used);
      used += bytes.length;
    }
    writeSync(file, piece, 0, used);
  } finally {
    closeSync(file);
  }
}

function fill(record: FlowRecord, index: number): void {
  const random = Math.imul(index + 1, 0x9e3779b1) >>> 0;
  const other = Math.imul(random ^ (random >>> 15), 0x85ebca6b) >>> 0;
  const isTcp = random % 4 !== 0;
  record.words.fill(0);
  record.set(layout.KIND, layout.KIND_FLOW);
  let has = layout.HAS_TRANSPORT | layout.HAS_FLOW | layout.HAS_TIME | layout.HAS_METRIC | layout.HAS_APP_BYTES;
  has |= layout.HAS_IP | layout.HAS_MAC;
  if (isTcp) has |= layout.HAS_NETWORK;
  record.set(layout.HAS, has >>> 0);
  record.set(layout.CAUSE, layout.CAUSE_STATUS);
  record.set(layout.SEQUENCE, index);
  record.set(layout.FLOW_TYPE, layout.FLOW_IPV4);
  record.set(layout.PROTOCOL, isTcp ? TCP : UDP);
  const pair = Math.imul((random % PAIRS) + 1, 0x27d4eb2f) >>> 0;
  record.set(layout.SOURCE_ADDRESS, address(0x0a000000 + (pair % HOSTS)));
  record.set(layout.DESTINATION_ADDRESS, address(0xc0000000 + ((pair >>> 8) % SERVERS) * 77));
  record.set(layout.SOURCE_PORT, 1024 + (other % 60_000));
  record.set(layout.DESTINATION_PORT, PORTS[random % PORTS.length] as number);
  const start = START_S + Math.floor(index / RECORDS_PER_S);
  for (const word of [layout.START_S, layout.SOURCE_START_S, layout.DESTINATION_START_S]) {
    record.set(word, start);
    record.set(word + 1, (index % RECORDS_PER_S) * 1e6);
    record.set(word + 2, start + (random % 5));
    record.set(word + 3, (index % RECORDS_PER_S) * 1e6 + (other % 1000) * 1000);
  }
  record.set(layout.TIME_HAS, 0xf);
  record.setWide(layout.SOURCE_PACKETS, 2 + (random % 30));
  record.setWide(layout.DESTINATION_PACKETS, 2 + (other % 30));
  record.setWide(layout.SOURCE_BYTES, 120 + (random % 30_000));
  record.setWide(layout.DESTINATION_BYTES, 120 + (other % 300_000));
  record.setWide(layout.SOURCE_APP_BYTES, random % 30_000);
  record.setWide(layout.DESTINATION_APP_BYTES, other % 300_000);
  if (!isTcp) return;
  record.set(layout.NET_KIND, layout.NET_TCP);
  record.set(layout.TCP_STATUS, 7);
}

function address(number: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number >>> 0);
  return bytes.readUInt32LE();
}
