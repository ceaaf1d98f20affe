/** Where `undercroft login` keeps address and token: `$XDG_CONFIG_HOME/undercroft/client.json`, readable by its user only. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export interface SavedSignIn {
  readonly url: string;
  readonly token: string;
}

const DEFAULT_URL = 'http://127.0.0.1:7600';

export function clientFilePath(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'undercroft', 'client.json');
}

/** @returns undefined if nobody has signed in here */
export async function readClientFile(env: NodeJS.ProcessEnv): Promise<Partial<SavedSignIn> | undefined> {
  try {
    return JSON.parse(await readFile(clientFilePath(env), 'utf8')) as Partial<SavedSignIn>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeClientFile(env: NodeJS.ProcessEnv, saved: SavedSignIn): Promise<string> {
  const path = clientFilePath(env);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  await rm(temporary, { force: true });
  await writeFile(temporary, `${JSON.stringify(saved, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(temporary, path);
  return path;
}

export async function removeClientFile(env: NodeJS.ProcessEnv): Promise<void> {
  await rm(clientFilePath(env), { force: true });
}

/** The server to talk to: the option, the environment, where one signed in, this machine. */
export async function serverUrl(env: NodeJS.ProcessEnv, option: unknown): Promise<string> {
  const url = typeof option === 'string' ? option : env['UNDERCROFT_URL'];
  return (url ?? (await readClientFile(env))?.url ?? DEFAULT_URL).replace(/\/+$/, '');
}
