/** Who listens on a TCP port of this machine, as far as /proc tells. */
import { readdir, readFile, readlink } from 'node:fs/promises';

const LISTEN = '0A';

/** @returns `name (pid 123)`; undefined when it cannot be seen: another user's process, or no /proc */
export async function portHolder(port: number): Promise<string | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const sockets = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  const names = await readdir('/proc').catch(() => []);
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    if (!(await holdsOneOf(pid, sockets))) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'unknown');
    return `${name.trim()} (pid ${pid})`;
  }
  return undefined;
}

/**
 * @param table text of /proc/net/tcp or tcp6
 * @returns inodes of the sockets that listen on the port
 * @see proc_pid_net(5)
 */
export function listeningInodes(table: string, port: number): readonly string[] {
  const found: string[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const hex = local.split(':')[1] ?? '';
    if (state === LISTEN && inode !== undefined && Number.parseInt(hex, 16) === port) found.push(inode);
  }
  return found;
}

async function holdsOneOf(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const file of files) {
    const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
    if (sockets.has(target)) return true;
  }
  return false;
}
