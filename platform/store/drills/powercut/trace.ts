/**
 * Records what a program does to the files of a folder, and replays it up to any point as if the power had been cut
 * there. Needs `strace` (Debian: apt install strace).
 */
import { execFile, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Random } from '../random.ts';
import { Disk, type Survival } from './disk.ts';
import type { Operation } from './operation.ts';
import { TRACED_CALLS, TraceParser } from './parse.ts';

/** Longest single write that is recorded whole. */
const MAX_STRING_BYTES = 64 * 1024 * 1024;

export interface Trace {
  /** The traced folder. */
  readonly folder: string;
  readonly operations: readonly Operation[];
  /** A copy of the folder as it was before; removed by `discard`. */
  readonly before: string;
  discard(): Promise<void>;
}

export interface RecordOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The program is killed after this; what it did until then is the trace. */
  readonly timeoutMs?: number;
}

/** @returns why nothing can be recorded on this machine, nothing if it can */
export async function whyNoTrace(): Promise<string | undefined> {
  try {
    await promisify(execFile)('strace', ['-f', '-o', '/dev/null', 'true']);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'strace is not installed (Debian: apt install strace)'
      : 'strace may not trace here (ptrace is forbidden)';
  }
}

/**
 * Runs a program to its end and records what it, its threads and its children do to files.
 *
 * Every line the program itself writes to its standard output becomes an operation `say` at the moment of the call:
 * print what is acknowledged, with one write a line (`fs.writeSync(1, …)`), never buffered.
 *
 * @param command program and arguments
 * @param folder what lies in it already counts as durable
 * @throws Error if the program fails, with what it wrote to its standard error
 */
export async function recordTrace(
  command: readonly string[],
  folder: string,
  options: RecordOptions = {},
): Promise<Trace> {
  const traced = await realpath(folder);
  const scratch = await mkdtemp(join(tmpdir(), 'undercroft-trace-'));
  const before = join(scratch, 'before');
  const file = join(scratch, 'strace.out');
  await cp(traced, before, { recursive: true });
  const args = ['-f', '--seccomp-bpf', '-y', '-xx', '-s', String(MAX_STRING_BYTES), '-e', 'signal=none', '-o', file];
  const child = spawn('strace', [...args, '-e', `trace=${TRACED_CALLS.join(',')}`, ...command], {
    // Otherwise libuv may hand file operations to the kernel without a system call each.
    env: { ...process.env, ...options.env, UV_USE_IO_URING: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, so that a late program ends with its tracer.
    detached: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, options.timeoutMs ?? 120_000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (code !== 0 && !late) {
    await rm(scratch, { recursive: true, force: true });
    throw new Error(`The traced program failed with ${code}: ${complaint}`);
  }
  const parser = new TraceParser(traced);
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) parser.line(line);
  await rm(file);
  return {
    folder: traced,
    operations: parser.operations,
    before,
    discard: () => rm(scratch, { recursive: true, force: true }),
  };
}

export interface Crash {
  /** Operations that had happened. */
  readonly point: number;
  readonly survival: Survival;
  /** The folder as the power cut left it. */
  readonly folder: string;
  /** Whole lines that the program had said. */
  readonly said: readonly string[];
}

export interface ReplayOptions {
  readonly survival: Survival;
  readonly random: Random;
  /** Where the result goes; emptied first. */
  readonly target: string;
}

/** Cuts the power after `point` operations. For many points of one trace, {@link replayEach} is faster. */
export async function replay(trace: Trace, point: number, options: ReplayOptions): Promise<Crash> {
  let crash: Crash | undefined;
  await replayEach(trace, [point], { ...options, survival: () => options.survival }, async (result) => {
    crash = result;
  });
  return crash!;
}

/** Cuts the power at each of the points, in rising order, and shows each result before the next. */
export async function replayEach(
  trace: Trace,
  points: readonly number[],
  options: Omit<ReplayOptions, 'survival'> & { survival(point: number): Survival },
  look: (crash: Crash) => Promise<void>,
): Promise<void> {
  const disk = new Disk(trace.folder);
  await disk.load(trace.before);
  let text = '';
  let done = 0;
  for (const point of [...points].sort((a, b) => a - b)) {
    for (; done < point; done++) {
      const operation = trace.operations[done]!;
      if (operation.kind === 'say') text += operation.text;
      disk.apply(operation);
    }
    const survival = options.survival(point);
    await disk.crash(options.target, survival, options.random);
    await look({ point, survival, folder: options.target, said: text.split('\n').slice(0, -1) });
  }
}

/**
 * Points to try: half of them right after something was said, where a promise is youngest, half of them anywhere.
 */
export function choosePoints(trace: Trace, count: number, random: Random): number[] {
  const said = trace.operations.flatMap((operation, index) => (operation.kind === 'say' ? [index + 1] : []));
  return Array.from({ length: count }, (_, n) =>
    n % 2 === 0 && said.length > 0 ? said[random.below(said.length)]! : random.below(trace.operations.length + 1),
  );
}
