/**
 * Which process of this machine a flow belongs to, from /proc. Reading all of it is dear: it is done when a flow of an
 * unknown socket shows up, at most every few seconds. What other users' processes hold is seen with CAP_SYS_PTRACE only.
 */
import type { Dirent } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { containerOf } from './container.ts';
import { parseSockets, type SocketLine, socketKey } from './proc-net.ts';

export interface SocketOwner {
  readonly pid: number;
  /** As the kernel has it: at most 15 characters. */
  readonly name: string;
  /** Its container's id, shortened; null outside of containers. */
  readonly container: string | null;
}

export interface SocketsOptions {
  /** `/proc` unless given. */
  readonly root?: string;
  readonly nowMs: () => number;
  /** Addresses of this machine; those of its interfaces unless given. */
  readonly addresses?: () => ReadonlySet<string>;
  /** Milliseconds between two readings at least. */
  readonly refreshMs?: number;
}

export interface SocketsCounts {
  readonly refreshes: number;
  readonly sockets: number;
  readonly owned: number;
  /** Processes whose sockets were not to be seen, at the last reading. */
  readonly hidden: number;
  readonly lastMs: number;
}

const REFRESH_MS = 3_000;
const TABLES = [
  ['tcp', 6],
  ['tcp6', 6],
  ['udp', 17],
  ['udp6', 17],
] as const;
const MAX_PROCESSES = 32_768;
const MAX_DESCRIPTORS = 65_536;
/** Owners of sockets that are gone: short-lived ones are asked for after their end. */
const MAX_REMEMBERED = 65_536;
const SOCKET_LINK = /^socket:\[(\d+)\]$/;
/** Processes looked into at once. */
const AT_ONCE = 16;

export class LocalSockets {
  readonly #root: string;
  readonly #nowMs: () => number;
  readonly #addresses: () => ReadonlySet<string>;
  readonly #refreshMs: number;
  /** By protocol and both ends; and by protocol and local end alone: those who listen. */
  readonly #owners = new Map<string, SocketOwner>();
  readonly #listeners = new Map<string, SocketOwner>();
  #local: ReadonlySet<string> = new Set();
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;
  #counts: SocketsCounts = { refreshes: 0, sockets: 0, owned: 0, hidden: 0, lastMs: 0 };

  constructor({ root = '/proc', nowMs, addresses = interfaceAddresses, refreshMs = REFRESH_MS }: SocketsOptions) {
    this.#root = root;
    this.#nowMs = nowMs;
    this.#addresses = addresses;
    this.#refreshMs = refreshMs;
    this.#local = addresses();
  }

  get counts(): SocketsCounts {
    return this.#counts;
  }

  /**
   * The owner of a flow's local end; undefined where neither end is local, or nothing is known. An unknown one has the
   * sockets read again, for those who ask later.
   *
   * @param protocol 6 or 17; others have no owner
   */
  find(
    protocol: number,
    sourceAddress: string,
    sourcePort: number,
    destinationAddress: string,
    destinationPort: number,
  ): SocketOwner | undefined {
    if (protocol !== 6 && protocol !== 17) return undefined;
    const isOut = this.#local.has(sourceAddress);
    if (!isOut && !this.#local.has(destinationAddress)) return undefined;
    const found =
      (isOut ? this.#lookUp(protocol, sourceAddress, sourcePort, destinationAddress, destinationPort) : undefined) ??
      (this.#local.has(destinationAddress)
        ? this.#lookUp(protocol, destinationAddress, destinationPort, sourceAddress, sourcePort)
        : undefined);
    if (found === undefined) void this.refresh();
    return found;
  }

  /** Reads the sockets, unless they were read just now. */
  refresh(): Promise<void> {
    if (this.#reading !== null) return this.#reading;
    if (this.#nowMs() - this.#readMs < this.#refreshMs) return Promise.resolve();
    this.#readMs = this.#nowMs();
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  #lookUp(protocol: number, address: string, port: number, peer: string, peerPort: number): SocketOwner | undefined {
    return (
      this.#owners.get(socketKey(protocol, address, port, peer, peerPort)) ??
      this.#listeners.get(listenerKey(protocol, address, port)) ??
      this.#listeners.get(listenerKey(protocol, '*', port))
    );
  }

  async #read(): Promise<void> {
    const startedMs = this.#nowMs();
    this.#local = this.#addresses();
    const lines = new Map<number, { readonly protocol: number; readonly line: SocketLine }>();
    for (const [table, protocol] of TABLES) {
      const text = await readFile(join(this.#root, 'net', table), 'latin1').catch(() => '');
      for (const line of parseSockets(text)) lines.set(line.inode, { protocol, line });
    }
    const { owned, hidden } = await this.#matchOwners(lines);
    forgetOldest(this.#owners);
    forgetOldest(this.#listeners);
    const refreshes = this.#counts.refreshes + 1;
    this.#counts = { refreshes, sockets: lines.size, owned, hidden, lastMs: this.#nowMs() - startedMs };
  }

  async #matchOwners(
    lines: ReadonlyMap<number, { readonly protocol: number; readonly line: SocketLine }>,
  ): Promise<{ owned: number; hidden: number }> {
    const names = await readdir(this.#root).catch((): string[] => []);
    const pids = names.filter((name) => /^\d+$/.test(name)).slice(0, MAX_PROCESSES);
    let owned = 0;
    let hidden = 0;
    for (let from = 0; from < pids.length; from += AT_ONCE) {
      const group = pids.slice(from, from + AT_ONCE);
      const found = await Promise.all(group.map(async (pid) => ({ pid, inodes: await this.#socketsOf(pid) })));
      for (const { pid, inodes } of found) {
        if (inodes === null) hidden += 1;
        const mine = inodes?.filter((inode) => lines.has(inode)) ?? [];
        if (mine.length === 0) continue;
        const owner = await this.#ownerOf(pid);
        for (const inode of mine) this.#note(lines.get(inode)!, owner);
        owned += mine.length;
      }
    }
    return { owned, hidden };
  }

  #note({ protocol, line }: { readonly protocol: number; readonly line: SocketLine }, owner: SocketOwner): void {
    const { address, port, peer, peerPort, isListening } = line;
    if (isListening || peerPort === 0) setLast(this.#listeners, listenerKey(protocol, address, port), owner);
    else setLast(this.#owners, socketKey(protocol, address, port, peer, peerPort), owner);
  }

  /** @returns null where we may not look */
  async #socketsOf(pid: string): Promise<number[] | null> {
    const folder = join(this.#root, pid, 'fd');
    let entries: Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EACCES' ? null : [];
    }
    const inodes: number[] = [];
    for (const entry of entries.slice(0, MAX_DESCRIPTORS)) {
      // A descriptor that is closed meanwhile is nobody's.
      const link = await readlink(join(folder, entry.name)).catch(() => '');
      const inode = SOCKET_LINK.exec(link)?.[1];
      if (inode !== undefined) inodes.push(Number(inode));
    }
    return inodes;
  }

  async #ownerOf(pid: string): Promise<SocketOwner> {
    const [name, groups] = await Promise.all(
      ['comm', 'cgroup'].map((file) => readFile(join(this.#root, pid, file), 'utf8').catch(() => '')),
    );
    return { pid: Number(pid), name: (name ?? '').trim(), container: containerOf(groups ?? '') };
  }
}

function listenerKey(protocol: number, address: string, port: number): string {
  return `${protocol} ${address === '0.0.0.0' || address === '::' ? '*' : address} ${port}`;
}

/** What is set again is the newest. */
function setLast<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
}

function forgetOldest(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= MAX_REMEMBERED) return;
    map.delete(key);
  }
}

function interfaceAddresses(): ReadonlySet<string> {
  const addresses = new Set<string>();
  for (const each of Object.values(networkInterfaces())) {
    for (const { address } of each ?? []) addresses.add(address.split('%')[0] as string);
  }
  return addresses;
}
