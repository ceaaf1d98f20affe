/** Which process holds which listening socket: the descriptors under `/proc/PID/fd` are matched by inode. */
import { readdirSync, readlinkSync } from 'node:fs';
import type { ListenerRow } from '@undercroft/kernel';
import { ProcFile } from '../collect/proc-file.ts';
import { type ListeningSocket, parseSockets } from './sockets.ts';

/** What the listeners ask of the process table. */
export interface ProcessNames {
  pids(): Iterable<number>;
  entry(pid: number): { readonly name: string; readonly uid: number } | undefined;
  userName(uid: number): string;
}

/** Descriptors of one process beyond this are not looked at. */
const MAX_FDS = 20_000;
/** A socket whose owner was not found is looked for again in so many refreshes. */
const RETRY_EVERY = 12;

const FILES = [
  ['net/tcp', 'tcp'],
  ['net/tcp6', 'tcp'],
  ['net/udp', 'udp'],
  ['net/udp6', 'udp'],
] as const;

export class Listeners {
  /** Listening sockets whose process could not be named for want of privilege. */
  unowned = 0;
  readonly #files: readonly { readonly file: ProcFile; readonly protocol: 'tcp' | 'udp' }[];
  readonly #procRoot: string;
  readonly #names: ProcessNames;
  /** Process by socket inode; 0 for one that was looked for and not found. */
  #owners = new Map<number, number>();
  #byPid = new Map<number, number[]>();
  #rows: readonly ListenerRow[] = [];
  #signature = '';
  #refreshes = 0;

  constructor(procRoot: string, names: ProcessNames) {
    this.#procRoot = procRoot;
    this.#names = names;
    this.#files = FILES.map(([path, protocol]) => ({ file: new ProcFile(`${procRoot}/${path}`), protocol }));
  }

  get rows(): readonly ListenerRow[] {
    return this.#rows;
  }

  portsOf(pid: number): readonly number[] {
    return this.#byPid.get(pid) ?? [];
  }

  /** Reads the sockets again. @returns whether anything changed */
  refresh(): boolean {
    this.#refreshes++;
    const sockets = this.#files.flatMap(({ file, protocol }) => {
      let length: number;
      try {
        length = file.read();
      } catch {
        // A kernel without IPv6 has no tcp6 and udp6.
        return [];
      }
      return parseSockets(file.buffer, length, protocol);
    });
    this.#findOwners(sockets);
    const rows = this.#describe(sockets);
    const signature = JSON.stringify(rows);
    const changed = signature !== this.#signature;
    this.#signature = signature;
    this.#rows = rows;
    return changed;
  }

  close(): void {
    for (const { file } of this.#files) file.close();
  }

  #findOwners(sockets: readonly ListeningSocket[]): void {
    const wanted = new Set<number>();
    const retry = this.#refreshes % RETRY_EVERY === 0;
    const owners = new Map<number, number>();
    for (const { inode } of sockets) {
      const owner = this.#owners.get(inode);
      if (owner === undefined || (owner === 0 && retry)) wanted.add(inode);
      else if (owner !== 0 && this.#names.entry(owner) === undefined) wanted.add(inode);
      else owners.set(inode, owner);
    }
    this.#owners = owners;
    if (wanted.size === 0) return;
    for (const pid of this.#names.pids()) {
      if (wanted.size === 0) break;
      this.#scanProcess(pid, wanted);
    }
    for (const inode of wanted) this.#owners.set(inode, 0);
  }

  #scanProcess(pid: number, wanted: Set<number>): void {
    const folder = `${this.#procRoot}/${pid}/fd`;
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch {
      // Another user's process, or one that has gone. What stays without owner is counted in `unowned`.
      return;
    }
    for (const name of names.slice(0, MAX_FDS)) {
      let target: string;
      try {
        target = readlinkSync(`${folder}/${name}`);
      } catch {
        continue;
      }
      if (!target.startsWith('socket:[')) continue;
      const inode = Number(target.slice(8, -1));
      if (wanted.delete(inode)) this.#owners.set(inode, pid);
      if (wanted.size === 0) return;
    }
  }

  #describe(sockets: readonly ListeningSocket[]): ListenerRow[] {
    this.unowned = 0;
    this.#byPid = new Map();
    const rows = new Map<string, ListenerRow>();
    for (const socket of sockets) {
      const pid = this.#owners.get(socket.inode) ?? 0;
      if (pid === 0) this.unowned++;
      else {
        const ports = this.#byPid.get(pid) ?? [];
        if (!ports.includes(socket.port)) ports.push(socket.port);
        this.#byPid.set(pid, ports);
      }
      const process = pid === 0 ? undefined : this.#names.entry(pid)?.name;
      const row: ListenerRow = {
        protocol: socket.protocol,
        address: socket.address,
        port: socket.port,
        ...(pid === 0 ? {} : { pid }),
        ...(process === undefined ? {} : { process }),
        user: this.#names.userName(socket.uid),
      };
      // SO_REUSEPORT: several sockets on one address; one row, and one that names its process wins.
      const key = `${row.protocol} ${row.address} ${row.port}`;
      if (rows.get(key)?.pid === undefined) rows.set(key, row);
    }
    return [...rows.values()].sort(
      (a, b) => a.protocol.localeCompare(b.protocol) || a.port - b.port || a.address.localeCompare(b.address),
    );
  }
}
