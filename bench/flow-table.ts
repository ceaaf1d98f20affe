/**
 * The flow table beside argus: `node bench/flow-table.ts [packets]`. First a capture of mixed traffic, at least 1
 * GB: read, decoded, made to flows, once with the records counted only and once written to an argus file, as argus
 * itself does beside it. Then a flood of a million SYNs, each of another key: what a flow costs in memory, and what
 * is let go when the table is limited. Prints CPU seconds (ours without Node's start of half a second), packets per
 * CPU second, memory and ratios. Argus is left out where it is not installed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runArgus } from '../engines/flow/src/argus/command/argus.ts';
import { ARGUS_DEPENDENCIES } from '../engines/flow/src/argus/command/dependencies.ts';
import { type FlowCounts, FlowTable } from '../engines/flow/src/table/flow-table.ts';
import { ARGUS_SETTINGS } from '../engines/flow/src/table/settings.ts';
import { openCapture } from '../sources/packet/src/index.ts';
import { writeFlood, writeMixed } from './flow/mixed-capture.ts';

const SELF = fileURLToPath(import.meta.url);
const PACKETS = 2_170_000;
const FLOWS_AT_ONCE = 5_000;
const PACKETS_PER_S = 10_000;
const FLOOD_KEYS = 1_000_000;
const FLOOD_PER_S = 200_000;
const FLOOD_LIMIT = 100_000;
const AIM = 2.5;
const MIB = 1024 * 1024;
/** Of the kernel's clock in /proc. */
const TICKS_PER_S = 100;
const LOOK_EVERY_MS = 20;

interface Used {
  readonly cpuS: number;
  readonly mostBytes: number;
}

type Ours = Used & { readonly counts: FlowCounts };

const started = process.cpuUsage();
const [role = String(PACKETS), ...rest] = process.argv.slice(2);
if (role === '--count') await count(rest[0] as string, Number(rest[1]));
else if (role === '--write') await write(rest[0] as string, rest[1] as string);
else await main(Number(role));

async function main(packets: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'undercroft-bench-'));
  try {
    const mixed = join(folder, 'mixed.pcap');
    const flood = join(folder, 'flood.pcap');
    const out = join(folder, 'out.argus');
    writeMixed(mixed, { packets, flowsAtOnce: FLOWS_AT_ONCE, packetsPerSecond: PACKETS_PER_S });
    writeFlood(flood, FLOOD_KEYS, FLOOD_PER_S);

    console.log(`${packets.toLocaleString('en')} packets, ${(statSync(mixed).size / 1e9).toFixed(2)} GB`);
    const counted = await ours<Ours>('--count', mixed, '0');
    const written = await ours<Used>('--write', mixed, out);
    const theirs = await argus(mixed, out);
    say('ours, records counted', packets, counted, theirs);
    say('ours, records written', packets, written, theirs);
    if (theirs !== null) {
      say('argus, records written', packets, theirs, null);
      console.log(`aim: ${AIM} times argus`);
    }

    console.log(`\n${FLOOD_KEYS.toLocaleString('en')} SYNs of as many keys`);
    const open = await ours<Ours>('--count', flood, '0');
    const limited = await ours<Ours>('--count', flood, String(FLOOD_LIMIT));
    const argusFlood = await argus(flood, out);
    say('ours', FLOOD_KEYS, open, argusFlood);
    tell(open.counts);
    say(`ours, ${FLOOD_LIMIT.toLocaleString('en')} at most`, FLOOD_KEYS, limited, argusFlood);
    tell(limited.counts);
    if (argusFlood !== null) {
      say('argus', FLOOD_KEYS, argusFlood, null);
      console.log(`  ${Math.round(argusFlood.mostBytes / FLOOD_KEYS)} bytes of the process a flow`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function say(name: string, packets: number, used: Used, than: Used | null): void {
  const ratio = than === null ? '' : `, ${(than.cpuS / used.cpuS).toFixed(2)} times argus`;
  const rate = (packets / used.cpuS / 1e6).toFixed(2);
  const memory = `${Math.round(used.mostBytes / MIB)} MiB`;
  console.log(`${name.padEnd(26)} ${used.cpuS.toFixed(2)} CPU s, ${rate} Mpps, ${memory}${ratio}`);
}

function tell(counts: FlowCounts): void {
  const most = counts.flowsMost.toLocaleString('en');
  const bytes = Math.round(counts.memoryBytes / counts.flowsMost);
  console.log(`  ${most} flows at most, ${bytes} bytes each with index and buffers`);
  console.log(`  let go early: ${counts.evictedSingle} flows of one packet, ${counts.evictedOther} others`);
  console.log(`  ${counts.recordsSent} records, ${counts.recordsLost} lost`);
}

/** Runs this file as a process of its own, so that its CPU time and memory are its own. */
async function ours<T>(...argv: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [SELF, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}`);
  return JSON.parse(text) as T;
}

async function argus(path: string, out: string): Promise<Used | null> {
  if (spawnSync('argus', ['-h'], { stdio: 'ignore' }).error !== undefined) return null;
  rmSync(out, { force: true });
  const child = spawn('argus', ['-X', '-F', '/dev/null', '-r', path, '-w', out], { stdio: 'ignore' });
  let used: Used = { cpuS: 0, mostBytes: 0 };
  const timer = setInterval(() => {
    used = usedBy(child) ?? used;
  }, LOOK_EVERY_MS);
  await once(child, 'exit');
  clearInterval(timer);
  return used;
}

/** @returns null when the process has ended */
function usedBy({ pid }: ChildProcess): Used | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const most = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    if (most === null) return null;
    return { cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S, mostBytes: Number(most[1]) * 1024 };
  } catch {
    return null;
  }
}

async function count(path: string, maxFlows: number): Promise<void> {
  const table = new FlowTable({ ...ARGUS_SETTINGS, maxFlows });
  let records = 0;
  const onRecords = (batch: { readonly count: number }): void => {
    records += batch.count;
  };
  for await (const block of openCapture(path)) table.addBlock(block, onRecords);
  table.finish(onRecords);
  const counts = table.counts();
  if (records !== counts.recordsSent) throw new Error(`${records} records of ${counts.recordsSent}`);
  console.log(JSON.stringify({ ...usedHere(), counts }));
}

async function write(path: string, out: string): Promise<void> {
  rmSync(out, { force: true });
  const io = {
    stdin: Readable.from([]),
    stdout: process.stdout,
    stderr: process.stderr,
    env: {},
    signal: new AbortController().signal,
  };
  process.exitCode = await runArgus(['-X', '-F', '/dev/null', '-r', path, '-w', out], io, {
    ...ARGUS_DEPENDENCIES,
    systemConfig: '/nonexistent',
  });
  console.log(JSON.stringify(usedHere()));
}

/** Since the sources were read: what Node needs to start does not grow with the packets. */
function usedHere(): Used {
  const { user, system } = process.cpuUsage(started);
  return { cpuS: (user + system) / 1e6, mostBytes: process.resourceUsage().maxRSS * 1024 };
}
