/** Copies of a PostgreSQL control store, by PostgreSQL's own tools: `pg_dump` to make one, `pg_restore` to use it. */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UndercroftError } from '@undercroft/kernel';
import { makeFolder, syncFile, syncFolder } from '../../files/durable.ts';
import type { PostgresTarget } from '../config.ts';

/** A tool's complaint is cut to this in our message. */
const MAX_COMPLAINT = 2_000;

/**
 * Writes a consistent copy of the database (one snapshot, custom format) into a new file.
 *
 * @throws UndercroftError `store.pg-tool`
 */
export async function dumpDatabase(target: PostgresTarget, file: string): Promise<void> {
  await makeFolder(dirname(file));
  await runTool('pg_dump', target, ['--format=custom', '--no-owner', '--no-privileges', `--file=${file}`]);
  await syncFile(file);
  await syncFolder(dirname(file));
}

/** Puts a copy back: what it holds replaces what is there, in one transaction. */
export async function restoreDatabase(target: PostgresTarget, file: string): Promise<void> {
  await runTool('pg_restore', target, [
    '--clean',
    '--if-exists',
    '--no-owner',
    '--no-privileges',
    '--single-transaction',
    '--exit-on-error',
    file,
  ]);
}

async function runTool(tool: string, target: PostgresTarget, args: readonly string[]): Promise<void> {
  const program = await findTool(tool);
  const env = { ...process.env, ...(target.password === undefined ? {} : { PGPASSWORD: target.password }) };
  const child = spawn(program, [...args, `--dbname=${target.url}`, '--no-password'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(toolFailed(tool, error.message)));
    child.once('close', resolve);
  });
  if (code !== 0) throw toolFailed(tool, complaint.trim() || `exit code ${code}`);
}

/** Debian keeps the tools of each server version in a folder of its own; the newest reads all older servers. */
async function findTool(tool: string): Promise<string> {
  const base = '/usr/lib/postgresql';
  const versions = await readdir(base).catch(() => []);
  const newest = versions
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(b) - Number(a))
    .at(0);
  return newest === undefined ? tool : `${base}/${newest}/bin/${tool}`;
}

function toolFailed(tool: string, detail: string): UndercroftError {
  return new UndercroftError('store.pg-tool', `${tool} failed: ${detail}`, {
    fix: `Install PostgreSQL's client programs (Debian: apt install postgresql-client), of the server's version or newer.`,
  });
}
