/** A PostgreSQL server for tests, from Debian's binaries, in a temporary folder, with fsync on. */
import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BINARIES = '/usr/lib/postgresql';
const PASSWORD = 'only-for-tests';

export interface PostgresServer {
  readonly password: string;
  /** Empties the server's one database. @returns its address, without the password */
  emptyDatabase(): Promise<string>;
  /** Ends the server at once, as a crash would. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** @returns the folder of the newest server binaries, or why there is none */
export async function findPostgres(): Promise<{ readonly bin: string } | { readonly absent: string }> {
  const versions = (await readdir(BINARIES).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const newest = versions.sort((a, b) => Number(b) - Number(a)).at(0);
  if (newest === undefined) return { absent: `no PostgreSQL below ${BINARIES} (Debian: apt install postgresql)` };
  if (process.getuid?.() === 0 && (await userId('postgres')) === undefined)
    return { absent: 'running as root, and there is no user postgres to run the server as' };
  return { bin: join(BINARIES, newest, 'bin') };
}

export async function startPostgres(bin: string): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'undercroft-pg-'));
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  const user = process.getuid?.() === 0 ? await userId('postgres') : undefined;
  if (user !== undefined) {
    await chmod(folder, 0o700);
    for (const path of [folder, passwordFile]) await chown(path, user.uid, user.gid);
  }
  const asUser = { ...(user ?? {}), cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } };
  await run(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'undercroft',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ],
    asUser,
  );
  const port = await freePort();
  let server: ReturnType<typeof spawn> | undefined;
  let ended: Promise<void> = Promise.resolve();
  const address = (database: string): string => `postgres://undercroft@127.0.0.1:${port}/${database}`;
  const start = async (): Promise<void> => {
    const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, shared_buffers: '16MB' };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(bin, 'postgres'), ['-D', data, ...args], { ...asUser, stdio: 'ignore' });
    server = child;
    ended = new Promise((resolve) => child.once('close', () => resolve()));
    for (let tries = 0; ; tries++) {
      try {
        await run(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], asUser);
        return;
      } catch (error) {
        if (tries === 100 || child.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    server?.kill(signal);
    await ended;
    server = undefined;
  };
  await start();
  return {
    password: PASSWORD,
    async emptyDatabase() {
      const { Client } = await import('pg');
      const client = new Client({
        host: '127.0.0.1',
        port,
        user: 'undercroft',
        database: 'postgres',
        password: PASSWORD,
      });
      await client.connect();
      await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      await client.end();
      return address('postgres');
    },
    crash: () => end('SIGQUIT'),
    start,
    async stop() {
      await end('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function userId(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((other) => other.startsWith(`${name}:`));
  const fields = line?.split(':');
  return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
