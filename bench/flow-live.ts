/**
 * The sensor's own thread on a veth pair in a network namespace of its own: `node bench/flow-live.ts [seconds]`. Three
 * loads: small packets of many flows at 300,000 a second; mixed sizes at 1 Gbit/s; a flood of a million SYNs, each of
 * another key, while eight ordinary flows go on, whose records must add up. Prints what was sent, seen, dropped, CPU of
 * the thread and memory; beside it argus, where it is installed, on the same load. Needs root.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CaptureCounters, columnValue, type EventColumn, type EventRows } from '../platform/kernel/src/index.ts';
import { FrameSender, findInterface, MAX_FRAMES, type NetworkInterface } from '../sources/packet/src/capture/index.ts';
import { runInNamespace } from './flow/namespace.ts';

const SELF = fileURLToPath(import.meta.url);
const FLOOD_KEYS = 1_000_000;
const ORDINARY_FLOWS = 8;
const ORDINARY_RATE = 800;
const SETTLE_MS = 1_500;
const MIB = 1024 * 1024;

type Load = 'small' | 'mixed' | 'flood' | 'ordinary';
/** Packets a second of each, by so many processes: one sends 200,000 to 450,000 a second where it has a core. */
const LOADS: Record<Load, { readonly rate: number; readonly senders: number }> = {
  small: { rate: 300_000, senders: 2 },
  mixed: { rate: 170_000, senders: 2 },
  flood: { rate: 300_000, senders: 2 },
  ordinary: { rate: ORDINARY_RATE, senders: 1 },
};

interface Sent {
  readonly packets: number;
  readonly bytes: number;
}

const [role = '', ...rest] = process.argv.slice(2);
if (role === '--send') send(rest[0] as Load, Number(rest[1]), Number(rest[2]), Number(rest[3]));
else if (role === '--run') await run(Number(rest[0]));
else runInNamespace(SELF, ['--run', role === '' ? 5 : Number(role)]);

async function run(seconds: number): Promise<void> {
  const hasArgus = spawnSync('argus', ['-h']).error === undefined;
  for (const load of ['small', 'mixed', 'flood'] as const) {
    print(`\n${load}`, '');
    await ours(load, seconds);
    if (hasArgus) await argus(load, seconds);
  }
}

async function ours(load: Load, seconds: number): Promise<void> {
  const { Wire } = await import('../engines/flow/src/wire/wire.ts');
  let counters: readonly CaptureCounters[] = [];
  let rows = 0;
  let opened: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const ordinary = new Map<number, number>();
  const rssBefore = rss();
  const wire = new Wire(
    {
      interfaces: ['far'],
      filter: '',
      promiscuous: false,
      intervalS: 5,
      maxFlows: 200_000,
      ringMiB: 16,
      origin: 'bench',
      inspect: false,
      places: [],
    },
    {
      message(message) {
        if (message.kind === 'interface') opened();
        if (message.kind === 'counters') counters = message.counters;
        if (message.kind !== 'rows') return;
        rows += message.rows.rows;
        addOrdinary(message.rows, ordinary);
        wire.taken(message.rows.rows);
      },
      ended: (error) => {
        throw error;
      },
    },
  );
  await ready;
  await sleep(300);
  const rssReady = rss();
  const cpuBefore = threadCpuS();
  const sent = await sendAll(load, seconds);
  const rssLoaded = rss();
  const cpuS = threadCpuS() - cpuBefore;
  await wire.stop();
  const [seen] = counters;
  if (seen === undefined) throw new Error('nothing was counted');
  report('undercroft', sent, seen.packets, seen.dropped, cpuS);
  print(
    '  records',
    `${rows} rows of ${seen.records} records; ${seen.merged} summed up, ${seen.recordsLost} lost, ${seen.evicted} evicted`,
  );
  print(
    '  memory',
    `${mib(rssBefore)} before, ${mib(rssReady)} ready, ${mib(rssLoaded)} loaded, ${mib(rss())} after its end`,
  );
  if (load === 'flood') {
    const right = [...ordinary.values()].reduce((sum, packets) => sum + packets, 0);
    print('  ordinary flows', `${right} packets in ${ordinary.size} flows of ${sent.ordinary} in ${ORDINARY_FLOWS}`);
  }
}

async function argus(load: Load, seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'flow-live-'));
  const file = join(folder, 'argus');
  const child = spawn('argus', ['-X', '-F', '/dev/null', '-i', 'far', '-w', file], { stdio: 'ignore' });
  await sleep(2_000);
  const before = processCpuS(child.pid as number);
  const sent = await sendAll(load, seconds);
  const cpuS = processCpuS(child.pid as number) - before;
  const memory = rss(child.pid as number);
  child.kill('SIGINT');
  await Promise.race([once(child, 'exit'), sleep(30_000)]);
  child.kill('SIGKILL');
  const counted = spawnSync('racount', ['-F', '/dev/null', '-r', file], { encoding: 'utf8' }).stdout;
  const packets = Number(/sum\s+\d+\s+(\d+)/.exec(counted)?.[1] ?? 0);
  report('argus', sent, packets, sent.packets - packets, cpuS);
  print('  memory', `${mib(memory)} loaded`);
  rmSync(folder, { recursive: true });
}

/** @returns what was sent, the flood with its ordinary flows */
async function sendAll(load: Load, seconds: number): Promise<Sent & { readonly ordinary: number }> {
  const span = load === 'flood' ? FLOOD_KEYS / LOADS.flood.rate : seconds;
  const loads: Load[] = load === 'flood' ? ['flood', 'ordinary'] : [load];
  const sent = await Promise.all(
    loads.map(async (each) => {
      const { rate, senders } = LOADS[each];
      const parts = await Promise.all(
        Array.from({ length: senders }, (_, index) => sendElsewhere(each, rate / senders, span, index)),
      );
      return parts.reduce((a, b) => ({ packets: a.packets + b.packets, bytes: a.bytes + b.bytes }));
    }),
  );
  await sleep(SETTLE_MS);
  const all = sent.reduce((a, b) => ({ packets: a.packets + b.packets, bytes: a.bytes + b.bytes }));
  return { ...all, ordinary: sent[1]?.packets ?? 0 };
}

async function sendElsewhere(load: Load, rate: number, seconds: number, index: number): Promise<Sent> {
  const child = spawn(process.execPath, [SELF, '--send', load, String(rate), String(seconds), String(index)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answer = '';
  for await (const text of child.stdout) answer += text;
  return JSON.parse(answer) as Sent;
}

function send(load: Load, rate: number, seconds: number, index: number): void {
  const near = findInterface('near') as NetworkInterface;
  const total = Math.round(rate * seconds);
  const perSender = load === 'ordinary' ? ORDINARY_FLOWS : MAX_FRAMES;
  // A sender's frames stay the same: new keys need new senders.
  const senders = Array.from({ length: load === 'flood' ? Math.ceil(total / perSender) : 1 }, (_, group) => {
    const frames = Array.from({ length: perSender }, (_, n) => frame(load, index, group * perSender + n));
    return { sender: new FrameSender(near, frames), bytes: frames.reduce((sum, each) => sum + each.length, 0) };
  });
  let packets = 0;
  let bytes = 0;
  let turn = 0;
  const start = performance.now();
  while (packets < total) {
    if (packets >= ((performance.now() - start) / 1000) * rate) continue;
    const next = senders[turn++ % senders.length] as (typeof senders)[number];
    packets += next.sender.send();
    bytes += next.bytes;
  }
  process.stdout.write(JSON.stringify({ packets, bytes }));
}

/** Frame `n` of a sender. */
function frame(load: Load, sender: number, n: number): Uint8Array {
  const sizes = load === 'mixed' ? [60, 60, 590, 1514, 1514] : [60];
  const bytes = Buffer.alloc(sizes[n % sizes.length] as number);
  bytes.write('020000000002020000000001080045000000', 'hex');
  bytes.writeUInt16BE(bytes.length - 14 - (bytes.length === 60 ? 6 : 0), 16);
  const isTcp = load === 'flood' || n % 3 !== 0;
  bytes.write(isTcp ? '40064006' : '40114006', 22, 'hex');
  const [from, to] = {
    small: [0x0a00, 0x0a80],
    mixed: [0x0a10, 0x0a90],
    flood: [0x0b00, 0xc0a8],
    ordinary: [0x0a09, 0x0a99],
  }[load] as [number, number];
  bytes.writeUInt32BE(from * 65_536 + sender * 0x80_0000 + (load === 'ordinary' ? 1 : n), 26);
  bytes.writeUInt32BE(to * 65_536 + 1, 30);
  bytes.writeUInt16BE(1024 + (n % 60_000), 34);
  bytes.writeUInt16BE(load === 'flood' ? 80 : 443, 36);
  if (isTcp) bytes.write(load === 'flood' ? '00000001000000005002ffff' : '00000001000000015010ffff', 38, 'hex');
  else bytes.writeUInt16BE(bytes.length - 34, 38);
  return bytes;
}

/** Packets of the ordinary flows by their source port. */
function addOrdinary({ rows, columns }: EventRows, into: Map<number, number>): void {
  const value = (name: string, row: number) => columnValue(columns[name] as EventColumn, row);
  for (let row = 0; row < rows; row++) {
    if (value('src_endpoint.ip', row) !== '10.9.0.1') continue;
    const port = Number(value('src_endpoint.port', row));
    into.set(port, (into.get(port) ?? 0) + Number(value('traffic.packets_out', row)));
  }
}

function report(name: string, sent: Sent, seen: number, dropped: number, cpuS: number): void {
  const share = ((seen / sent.packets) * 100).toFixed(2);
  print(name, `sent ${sent.packets} (${mib(sent.bytes)}), seen ${seen} (${share} %), dropped ${dropped}`);
  print('  CPU', `${cpuS.toFixed(2)} s, ${(seen / Math.max(cpuS, 0.01) / 1e6).toFixed(2)} M packets per CPU second`);
}

/** All threads but this one. */
function threadCpuS(): number {
  const whole = process.cpuUsage();
  const own = process.threadCpuUsage();
  return (whole.user + whole.system - own.user - own.system) / 1e6;
}

function processCpuS(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function rss(pid: number | 'self' = 'self'): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`;
}

function print(what: string, result: string): void {
  process.stdout.write(`${what.padEnd(18)} ${result}\n`);
}
