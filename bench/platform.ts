/**
 * The daemon as a whole: `node bench/platform.ts [--seconds N]`. Time from start to the first answer and the first
 * sample, then what all processes use while nobody asks: percent of one core and proportional set size, with the event
 * store open. Beside it netdata, where it is installed. Needs Linux.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BIN, descendants, freePort, startPlatform } from '../test/e2e/platform.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const seconds = Number(values.seconds);
const TICKS_PER_S = 100;

const port = await freePort();
const startMs = performance.now();
const starting = startPlatform({ port });
const firstAnswerMs = await answered(`http://127.0.0.1:${port}/platform/v1/health`);
const platform = await starting;
const firstSampleMs = await sampled();
console.log(`start to first answer       ${(firstAnswerMs / 1000).toFixed(2)} s`);
console.log(`start to first sample       ${(firstSampleMs / 1000).toFixed(2)} s`);
// The event store opens with its first event.
await platform.api('POST', '/checks/undercroft/run');
const ours = await measure('undercroft', platform.process);
await platform.stop();
platform.remove();

const help = median(Array.from({ length: 9 }, () => timed(process.execPath, [BIN, '--help'])));
const version = median(Array.from({ length: 9 }, () => timed(process.execPath, [BIN, '--version'])));
console.log(`--help ${help.toFixed(0)} ms, --version ${version.toFixed(0)} ms (medians of 9)`);

if (spawnSync('netdata', ['-V']).status === 0) {
  const folder = mkdtempSync(join(tmpdir(), 'netdata-bench-'));
  const args = ['-D', '-i', '127.0.0.1', '-p', String(await freePort()), '-W', 'set', 'global', 'run as user', 'root'];
  for (const name of ['cache', 'lib', 'log']) args.push('-W', 'set', 'directories', name, folder);
  const netdata = spawn('netdata', args, { stdio: 'ignore' });
  const theirs = await measure('netdata', netdata);
  netdata.kill();
  rmSync(folder, { recursive: true, force: true });
  console.log(
    `ratio to netdata: cpu ${(ours.cpu / theirs.cpu).toFixed(2)}, memory ${(ours.mb / theirs.mb).toFixed(2)}`,
  );
} else console.log('netdata is not installed: no comparison');

async function measure(name: string, process: ChildProcess): Promise<{ cpu: number; mb: number }> {
  // What a start costs is not what running costs.
  await sleep(20_000);
  const family = (): number[] => [process.pid as number, ...descendants(process.pid as number)];
  const before = family().reduce((sum, pid) => sum + ticks(pid), 0);
  const fromMs = performance.now();
  await sleep(seconds * 1000);
  const after = family().reduce((sum, pid) => sum + ticks(pid), 0);
  const cpu = (((after - before) / TICKS_PER_S) * 100_000) / (performance.now() - fromMs);
  const parts = family().map((pid) => ({
    pid,
    kb: pss(pid),
    name: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 4).join(' '),
  }));
  const mb = parts.reduce((sum, part) => sum + part.kb, 0) / 1024;
  console.log(
    `${name} idle over ${seconds} s: ${cpu.toFixed(2)} % of a core, ${mb.toFixed(0)} MB proportional set size in ${parts.length} processes`,
  );
  for (const part of parts) console.log(`  ${(part.kb / 1024).toFixed(0).padStart(5)} MB  ${part.name.slice(0, 100)}`);
  return { cpu, mb };
}

async function answered(url: string): Promise<number> {
  for (;;) {
    try {
      await fetch(url);
      return performance.now() - startMs;
    } catch {
      await sleep(20);
    }
  }
}

async function sampled(): Promise<number> {
  const query = { charts: ['system.ram'], from: '-10', to: '0' };
  for (;;) {
    try {
      const { series } = await platform.api<{ series: readonly { values: readonly unknown[] }[] }>(
        'POST',
        '/metrics/query',
        query,
      );
      if (series.some((each) => each.values.some((value) => value !== null))) return performance.now() - startMs;
    } catch {
      // The chart is not known before its first sample.
    }
    await sleep(50);
  }
}

function ticks(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

function pss(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
}

function timed(command: string, args: readonly string[]): number {
  const fromMs = performance.now();
  spawnSync(command, args);
  return performance.now() - fromMs;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
