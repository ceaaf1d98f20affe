/** A whole platform for tests: `undercroft up` as a user starts it, in a folder of its own, on a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BIN = join(ROOT, 'apps/undercroft/bin/undercroft.js');
export const OWNER_TOKEN = 'e2e-owner-token-0123456789abcdef';

const START_MS = 60_000;

export interface PlatformOptions {
  readonly dataDir?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Without it the first run offers a sign-in link. */
  readonly ownerToken?: boolean;
  readonly port?: number;
}

export interface RunningPlatform {
  readonly url: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** All that `up` printed so far. */
  output(): string;
  /** Calls the API as the owner. @throws Error with the status when it is none of 2xx */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** As Ctrl-C. @returns the exit code */
  stop(): Promise<number | null>;
  remove(): void;
}

export async function startPlatform(options: PlatformOptions = {}): Promise<RunningPlatform> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'undercroft-e2e-'));
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env };
  if (options.ownerToken !== false) env['UNDERCROFT_OWNER_TOKEN'] = OWNER_TOKEN;
  const child = spawn(
    process.execPath,
    [BIN, 'up', '--data', dataDir, '--listen', `127.0.0.1:${port}`, ...(options.args ?? [])],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}/platform/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${OWNER_TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(
        `${method} ${path}: ${response.status} ${text}\nThe platform's last words:\n${output.slice(-4000)}`,
      );
    return (/json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as T;
  };
  const platform: RunningPlatform = {
    url,
    dataDir,
    process: child,
    output: () => output,
    api,
    async stop() {
      child.kill('SIGINT');
      return exited;
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
  try {
    await until(
      async () => output.includes('is running') && (await healthOf(url)) === 'ok',
      START_MS,
      () => `the platform did not start:\n${output}`,
    );
  } catch (error) {
    child.kill('SIGKILL');
    platform.remove();
    throw error;
  }
  return platform;
}

async function healthOf(url: string): Promise<string | undefined> {
  try {
    return ((await (await fetch(`${url}/platform/v1/health`)).json()) as { status: string }).status;
  } catch {
    return undefined;
  }
}

/** Looks again and again until it is so. @throws Error with `why` after the time */
export async function until(
  so: () => Promise<unknown> | unknown,
  withinMs: number,
  why: () => string = () => 'it did not come to be',
): Promise<void> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    try {
      if (await so()) return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
    if (performance.now() > endMs) throw new Error(why());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Every process below this one, as /proc tells. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // It ended while we looked.
    }
  }
  const all = (of: number): number[] => (children.get(of) ?? []).flatMap((child) => [child, ...all(child)]);
  return all(pid);
}
