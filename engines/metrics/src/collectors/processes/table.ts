/**
 * The process table: every process of `/proc`, its processor time, memory, threads and disk traffic.
 *
 * Descriptors of `stat` and `io` stay open and are read again with pread; names, users and command lines are read when
 * a process appears, once more soon after (it may have called exec), then now and then. Kernel threads are read every
 * fifth scan, and so is the disk traffic of processes that use no processor time.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import type { SystemUnits } from '../../host/auxv.ts';
import { ByteCursor } from '../../language/bytes.ts';
import {
  type PidIo,
  type PidStat,
  parseCommand,
  parseContainer,
  parseIo,
  parsePasswd,
  parseStat,
  parseUid,
} from './parse.ts';

/** Processes beyond this are not looked at. */
export const MAX_PROCESSES = 32_768;
/** Processes whose descriptors stay open. */
const MAX_OPEN = 800;
const MAX_COMMAND_BYTES = 1024;
/** Scans between two reads of what seldom changes. */
const DETAILS_EVERY = 30;
const SLOW_EVERY = 5;
const KTHREADD = 2;

export interface ProcessEntry {
  readonly pid: number;
  ppid: number;
  name: string;
  command: string;
  uid: number;
  container: string | undefined;
  /** Its group in the charts; the owner of the table sets it. */
  group: string;
  cpuPercent: number;
  rssBytes: number;
  /** Resident memory that nobody shares. */
  privateBytes: number;
  threads: number;
  readBps: number;
  writeBps: number;
  startedMs: number;
  firstScan: number;
  kernelThread: boolean;
}

interface Tracked extends ProcessEntry {
  comm: string;
  statFd: number;
  ioFd: number;
  ioDenied: boolean;
  startTicks: number;
  cpuTicks: number;
  readBytes: number;
  writeBytes: number;
  readAtMs: number;
  ioAtMs: number;
  detailsAt: number;
  seenAt: number;
}

export class ProcessTable {
  readonly #root: string;
  readonly #units: SystemUnits;
  readonly #entries = new Map<number, Tracked>();
  readonly #buffer = new Uint8Array(8192);
  readonly #cursor = new ByteCursor();
  readonly #stat: PidStat = {
    nameStart: 0,
    nameEnd: 0,
    ppid: 0,
    cpuTicks: 0,
    threads: 0,
    startTicks: 0,
    rssPages: 0,
  };
  readonly #io: PidIo = { readBytes: 0, writeBytes: 0 };
  readonly #onNew: (entry: ProcessEntry) => void;
  #open = 0;
  #scan = 0;
  #lastScanMs = Number.NaN;
  #bootMs: number | undefined;

  /** @param onNew called when a process appears, and when its name or command line has changed */
  constructor(root: string, units: SystemUnits, onNew: (entry: ProcessEntry) => void) {
    this.#root = root;
    this.#units = units;
    this.#onNew = onNew;
  }

  get entries(): ReadonlyMap<number, ProcessEntry> {
    return this.#entries;
  }

  /** Processes whose disk traffic cannot be read for want of privilege. */
  get ioDenied(): number {
    let count = 0;
    for (const { ioDenied } of this.#entries.values()) if (ioDenied) count++;
    return count;
  }

  get scans(): number {
    return this.#scan;
  }

  /** Reads the processes. @param nowMs clock that nothing sets */
  scan(nowMs: number): void {
    this.#scan++;
    for (const name of readdirSync(this.#root)) {
      const first = name.charCodeAt(0);
      if (first < 49 || first > 57) continue;
      const pid = Number(name);
      if (Number.isInteger(pid)) this.#visit(pid, nowMs);
    }
    for (const entry of this.#entries.values()) if (entry.seenAt !== this.#scan) this.#forget(entry);
    this.#lastScanMs = nowMs;
  }

  close(): void {
    for (const entry of this.#entries.values()) this.#forget(entry);
  }

  #visit(pid: number, nowMs: number): void {
    let entry = this.#entries.get(pid);
    if (entry === undefined) {
      if (this.#entries.size >= MAX_PROCESSES) return;
      entry = this.#track(pid);
    } else if (entry.kernelThread && (this.#scan + pid) % SLOW_EVERY !== 0) {
      entry.seenAt = this.#scan;
      return;
    }
    const ticksBefore = entry.cpuTicks;
    if (!this.#readStat(entry, nowMs)) return;
    entry.seenAt = this.#scan;
    if (entry.kernelThread) return;
    const due = entry.firstScan === this.#scan || (this.#scan + pid) % SLOW_EVERY === 0;
    // What used no processor time did hardly move data: it waits for its turn.
    if (due || entry.cpuTicks !== ticksBefore) this.#readIo(entry, nowMs);
    if (due) this.#readPrivate(entry);
    if (this.#scan >= entry.detailsAt) this.#readDetails(entry);
    entry.readAtMs = nowMs;
  }

  #track(pid: number): Tracked {
    const entry: Tracked = {
      pid,
      ppid: 0,
      name: '',
      command: '',
      uid: Number.NaN,
      container: undefined,
      group: '',
      cpuPercent: 0,
      rssBytes: 0,
      privateBytes: 0,
      threads: 0,
      readBps: 0,
      writeBps: 0,
      startedMs: 0,
      firstScan: this.#scan,
      kernelThread: false,
      comm: '',
      statFd: -1,
      ioFd: -1,
      ioDenied: false,
      startTicks: Number.NaN,
      cpuTicks: Number.NaN,
      readBytes: Number.NaN,
      writeBytes: Number.NaN,
      readAtMs: Number.NaN,
      ioAtMs: Number.NaN,
      detailsAt: this.#scan,
      seenAt: 0,
    };
    this.#entries.set(pid, entry);
    return entry;
  }

  /** @returns false if the process has gone */
  #readStat(entry: Tracked, nowMs: number): boolean {
    const length = this.#read(entry, 'stat');
    const stat = this.#stat;
    if (length <= 0 || !parseStat(this.#cursor.reset(this.#buffer, length), stat)) return false;
    if (entry.startTicks !== stat.startTicks) {
      // New, or another process under a number that was used before.
      entry.startTicks = stat.startTicks;
      entry.startedMs = this.#startedMs(stat.startTicks);
      entry.cpuTicks = Number.NaN;
      entry.readBytes = Number.NaN;
      entry.writeBytes = Number.NaN;
      entry.firstScan = this.#scan;
      entry.detailsAt = this.#scan;
      entry.ppid = stat.ppid;
      entry.kernelThread = stat.ppid === KTHREADD || entry.pid === KTHREADD;
      entry.name = this.#cursor.text(stat.nameStart, stat.nameEnd);
      if (entry.kernelThread) this.#onNew(entry);
    }
    entry.ppid = stat.ppid;
    entry.threads = stat.threads;
    entry.rssBytes = stat.rssPages * this.#units.pageBytes;
    const hz = this.#units.ticksPerSecond;
    if (!Number.isNaN(entry.cpuTicks)) {
      const seconds = (nowMs - entry.readAtMs) / 1000;
      entry.cpuPercent = seconds > 0 ? (Math.max(0, stat.cpuTicks - entry.cpuTicks) / hz / seconds) * 100 : 0;
    } else if (this.#scan > 1) {
      // Began since the last scan: all its time is of this interval.
      const seconds = (nowMs - this.#lastScanMs) / 1000;
      entry.cpuPercent = seconds > 0 ? (stat.cpuTicks / hz / seconds) * 100 : 0;
    }
    entry.cpuTicks = stat.cpuTicks;
    if (entry.kernelThread) entry.readAtMs = nowMs;
    return true;
  }

  #readIo(entry: Tracked, nowMs: number): void {
    if (entry.ioDenied) return;
    const length = this.#read(entry, 'io');
    if (length < 0) {
      entry.ioDenied = true;
      return;
    }
    parseIo(this.#cursor.reset(this.#buffer, length), this.#io);
    const seconds = (nowMs - entry.ioAtMs) / 1000;
    const known = !Number.isNaN(entry.readBytes) && seconds > 0;
    entry.readBps = known ? Math.max(0, this.#io.readBytes - entry.readBytes) / seconds : 0;
    entry.writeBps = known ? Math.max(0, this.#io.writeBytes - entry.writeBytes) / seconds : 0;
    entry.readBytes = this.#io.readBytes;
    entry.writeBytes = this.#io.writeBytes;
    entry.ioAtMs = nowMs;
  }

  #readPrivate(entry: Tracked): void {
    const length = this.#readOnce(`${this.#root}/${entry.pid}/statm`);
    if (length <= 0) return;
    const cursor = this.#cursor.reset(this.#buffer, length);
    cursor.number();
    const pages = cursor.number() - cursor.number();
    if (pages >= 0) entry.privateBytes = pages * this.#units.pageBytes;
  }

  #readDetails(entry: Tracked): void {
    // It may call exec soon after it appeared: look once more on the next scan.
    entry.detailsAt = this.#scan + (entry.firstScan === this.#scan ? 1 : DETAILS_EVERY);
    const base = `${this.#root}/${entry.pid}`;
    let length = this.#readOnce(`${base}/comm`);
    const comm = length > 0 ? this.#cursor.reset(this.#buffer, length).line() : entry.name;
    length = this.#readOnce(`${base}/cmdline`);
    const command = length > 0 ? parseCommand(this.#buffer.subarray(0, length), MAX_COMMAND_BYTES) : '';
    length = this.#readOnce(`${base}/status`);
    if (length > 0) entry.uid = parseUid(this.#cursor.reset(this.#buffer, length));
    if (entry.firstScan === this.#scan) {
      length = this.#readOnce(`${base}/cgroup`);
      if (length > 0) entry.container = parseContainer(this.#cursor.reset(this.#buffer, length).text(0, length));
    } else if (comm === entry.comm && command === entry.command) return;
    entry.comm = comm;
    entry.name = programName(comm, command);
    entry.command = command;
    this.#onNew(entry);
  }

  /** @returns bytes read into the buffer; -1 if it is not allowed, 0 if the process has gone */
  #read(entry: Tracked, file: 'stat' | 'io'): number {
    const path = `${this.#root}/${entry.pid}/${file}`;
    let fd = file === 'stat' ? entry.statFd : entry.ioFd;
    if (fd < 0) {
      if (this.#open >= MAX_OPEN * 2) return this.#readOnce(path);
      try {
        fd = openSync(path, 'r');
      } catch (error) {
        return denied(error) ? -1 : 0;
      }
      this.#open++;
      if (file === 'stat') entry.statFd = fd;
      else entry.ioFd = fd;
    }
    try {
      return readSync(fd, this.#buffer, 0, this.#buffer.length, 0);
    } catch (error) {
      return denied(error) ? -1 : 0;
    }
  }

  #readOnce(path: string): number {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      return denied(error) ? -1 : 0;
    }
    try {
      return readSync(fd, this.#buffer, 0, this.#buffer.length, 0);
    } catch (error) {
      return denied(error) ? -1 : 0;
    } finally {
      closeSync(fd);
    }
  }

  #forget(entry: Tracked): void {
    for (const fd of [entry.statFd, entry.ioFd]) {
      if (fd < 0) continue;
      closeSync(fd);
      this.#open--;
    }
    this.#entries.delete(entry.pid);
  }

  #startedMs(startTicks: number): number {
    this.#bootMs ??= readBootMs(this.#root);
    return this.#bootMs + (startTicks / this.#units.ticksPerSecond) * 1000;
  }
}

/** Node calls its main thread, and with it the process, `MainThread`: the program's file says more. */
export function programName(comm: string, command: string): string {
  if (comm !== 'MainThread' && comm !== 'node-MainThread') return comm;
  const program = command.split(' ', 1)[0]!.split('/').at(-1)!;
  return program === '' ? comm : program;
}

function denied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

/** When the machine started, from `/proc/stat`; 0 if it does not say. */
export function readBootMs(root: string): number {
  try {
    return Number(/^btime (\d+)$/m.exec(readFileSync(`${root}/stat`, 'latin1'))?.[1] ?? 0) * 1000;
  } catch {
    return 0;
  }
}

/** Names of users; a user that the file does not name has its number. */
export class UserNames {
  readonly #path: string;
  #users = new Map<number, string>();
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(path = '/etc/passwd') {
    this.#path = path;
  }

  name(uid: number, nowMs: number): string {
    if (Number.isNaN(uid)) return '';
    if (nowMs - this.#readMs > 60_000) {
      this.#readMs = nowMs;
      try {
        this.#users = parsePasswd(readFileSync(this.#path, 'utf8'));
      } catch {
        this.#users = new Map();
      }
    }
    return this.#users.get(uid) ?? String(uid);
  }
}
