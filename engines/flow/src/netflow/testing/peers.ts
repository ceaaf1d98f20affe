/** The real tools on loopback: nfcapd collects, nfdump prints, softflowd exports, tshark dissects. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export function hasTool(name: string): boolean {
  return (
    spawnSync('sh', ['-c', `command -v ${name}`], { env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } })
      .status === 0
  );
}

const ENVIRONMENT = { ...process.env, TZ: 'UTC', PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'undercroft-flow-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

export interface Nfcapd {
  readonly port: number;
  /** Ends it. @returns what it has collected, as nfdump prints it */
  stop(): Promise<{ readonly lines: string[]; readonly sequenceErrors: number }>;
}

/** Starts nfcapd and waits until it listens. */
export async function startNfcapd(): Promise<Nfcapd> {
  const port = await freePort();
  const folder = temporaryFolder();
  const options = ['-b', '127.0.0.1', '-p', String(port), '-w', folder.path, '-t', '3600', '-B', '4000000'];
  const child = spawn('nfcapd', options, { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const listening = new Promise<void>((resolve) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Startup')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
  });
  await Promise.race([listening, sleep(5_000)]);
  return {
    port,
    async stop() {
      await sleep(300);
      await end(child);
      const files = readdirSync(folder.path).filter((name) => /^nfcapd\.2/.test(name));
      const lines = files.flatMap((name) => nfdumpLines(join(folder.path, name)));
      folder.remove();
      return { lines, sequenceErrors: Number(/Sequence Errors: (\d+)/.exec(said)?.[1] ?? -1) };
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

interface NfdumpFlow {
  readonly type: string;
  readonly proto: number;
  readonly src4_addr?: string;
  readonly src6_addr?: string;
  readonly dst4_addr?: string;
  readonly dst6_addr?: string;
  readonly src_port?: number;
  readonly dst_port?: number;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
  readonly in_packets: number;
  readonly in_bytes: number;
  readonly out_packets?: number;
  readonly out_bytes?: number;
  readonly first: string;
  readonly last: string;
  readonly tcp_flags?: string;
}

/** A file of nfcapd in the form of `line` of records.ts, sorted. */
export function nfdumpLines(file: string): string[] {
  const text = execFileSync('nfdump', ['-r', file, '-o', 'json'], { env: ENVIRONMENT, maxBuffer: 1 << 28 }).toString();
  if (!text.includes('{')) return [];
  const flows = JSON.parse(text.replace(/,\s*\]\s*$/, ']')) as NfdumpFlow[];
  return flows
    .filter((flow) => flow.type === 'FLOW')
    .map(nfdumpLine)
    .sort();
}

function nfdumpLine(flow: NfdumpFlow): string {
  // Of IPFIX with uptimes nfdump 1.7.1 takes the first for the last.
  const [first, last] = [flow.first, flow.last].map((time) => Date.parse(`${time}Z`)).sort((one, other) => one - other);
  const isIcmp = flow.icmp_type !== undefined;
  return [
    flow.proto,
    plain(flow.src4_addr ?? flow.src6_addr ?? ''),
    isIcmp ? '' : (flow.src_port ?? 0),
    plain(flow.dst4_addr ?? flow.dst6_addr ?? ''),
    isIcmp ? `${flow.icmp_type}.${flow.icmp_code}` : (flow.dst_port ?? 0),
    flow.in_packets,
    flow.in_bytes,
    flow.out_packets ?? 0,
    flow.out_bytes ?? 0,
    first,
    last,
    flagBits(flow.tcp_flags ?? ''),
  ].join(',');
}

function plain(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

function flagBits(text: string): number {
  return [...text].reduce((bits, letter, index) => (letter === '.' ? bits : bits | (0x80 >>> index)), 0);
}

/** @param options after the file's and the collector's: `-v`, `9`, ... */
export async function runSoftflowd(capture: string, port: number, options: readonly string[]): Promise<void> {
  const folder = temporaryFolder();
  const files = ['-c', 'none', '-p', join(folder.path, 'pid')];
  const child = spawn('softflowd', ['-r', capture, '-n', `127.0.0.1:${port}`, '-d', '-a', ...files, ...options], {
    env: ENVIRONMENT,
    stdio: 'ignore',
  });
  await once(child, 'exit');
  folder.remove();
}

/** argus' records of a capture. @returns the file */
export async function runArgus(capture: string, file: string): Promise<string> {
  const child = spawn('argus', ['-X', '-F', '/dev/null', '-r', capture, '-w', file], {
    env: ENVIRONMENT,
    stdio: 'ignore',
  });
  await once(child, 'exit');
  return file;
}

/** nfpcapd's flows of a capture, in the form of `line` of records.ts, sorted. */
export function nfpcapdLines(capture: string): string[] {
  const folder = temporaryFolder();
  spawnSync('nfpcapd', ['-r', capture, '-w', folder.path], { env: ENVIRONMENT });
  const lines = readdirSync(folder.path)
    .filter((name) => /^nfcapd\.\d/.test(name))
    .flatMap((name) => nfdumpLines(join(folder.path, name)));
  folder.remove();
  return lines.sort();
}
