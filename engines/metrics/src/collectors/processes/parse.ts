/** The files of `/proc/PID`. */
import { ascii, type ByteCursor } from '../../language/bytes.ts';

const CLOSE = 41;
const OPEN = 40;

/** What `/proc/PID/stat` says, as far as we use it. Times in clock ticks. */
export interface PidStat {
  /** Where the name begins and ends in the buffer. */
  nameStart: number;
  nameEnd: number;
  ppid: number;
  cpuTicks: number;
  threads: number;
  startTicks: number;
  rssPages: number;
}

/**
 * Reads `pid (name) S ppid … utime stime … threads … start … rss`. The name may hold anything, parentheses too: it
 * ends at the last one.
 * @returns false if it is not such a line @see proc_pid_stat(5)
 */
export function parseStat(cursor: ByteCursor, out: PidStat): boolean {
  const { buffer, end } = cursor;
  const open = buffer.indexOf(OPEN);
  const close = buffer.subarray(0, end).lastIndexOf(CLOSE);
  if (open < 0 || close < open || open >= end) return false;
  out.nameStart = open + 1;
  out.nameEnd = close;
  cursor.position = close + 1;
  cursor.skipWord();
  out.ppid = cursor.number();
  cursor.skipWords(9);
  out.cpuTicks = cursor.number() + cursor.number();
  cursor.skipWords(4);
  out.threads = cursor.number();
  cursor.skipWord();
  out.startTicks = cursor.number();
  cursor.skipWord();
  out.rssPages = cursor.number();
  return !Number.isNaN(out.ppid) && !Number.isNaN(out.cpuTicks) && !Number.isNaN(out.rssPages);
}

const READ_BYTES = ascii('read_bytes: ');
const WRITE_BYTES = ascii('write_bytes: ');
const CANCELLED = ascii('cancelled_write_bytes: ');

export interface PidIo {
  readBytes: number;
  writeBytes: number;
}

/** What really went to and from disks. @see proc_pid_io(5) */
export function parseIo(cursor: ByteCursor, out: PidIo): void {
  out.readBytes = Number.NaN;
  out.writeBytes = Number.NaN;
  while (!cursor.done) {
    if (cursor.startsWith(READ_BYTES)) {
      cursor.position += READ_BYTES.length;
      out.readBytes = cursor.number();
    } else if (cursor.startsWith(WRITE_BYTES)) {
      cursor.position += WRITE_BYTES.length;
      out.writeBytes = cursor.number();
    } else if (cursor.startsWith(CANCELLED)) {
      cursor.position += CANCELLED.length;
      out.writeBytes = Math.max(0, out.writeBytes - cursor.number());
    }
    cursor.skipLine();
  }
}

const UID = ascii('Uid:');

/** The effective user of `/proc/PID/status`; NaN if it does not say. */
export function parseUid(cursor: ByteCursor): number {
  while (!cursor.done) {
    if (cursor.startsWith(UID)) {
      cursor.position += UID.length;
      cursor.number();
      return cursor.number();
    }
    cursor.skipLine();
  }
  return Number.NaN;
}

/** The words of `/proc/PID/cmdline`, joined by spaces. */
export function parseCommand(bytes: Uint8Array, maxLength: number): string {
  let end = Math.min(bytes.length, maxLength);
  while (end > 0 && bytes[end - 1] === 0) end--;
  return new TextDecoder().decode(bytes.subarray(0, end)).replaceAll('\0', ' ');
}

/** Short id of the container a process is in, from `/proc/PID/cgroup`: 64 hexadecimal digits name one. */
export function parseContainer(text: string): string | undefined {
  return /[/-]([0-9a-f]{12})[0-9a-f]{52}(?:\.scope|[/:\n]|$)/m.exec(text)?.[1];
}

/** User names by id, from `/etc/passwd`. */
export function parsePasswd(text: string): Map<number, string> {
  const users = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':');
    if (name === undefined || uid === undefined || !/^\d+$/.test(uid)) continue;
    if (!users.has(Number(uid))) users.set(Number(uid), name);
  }
  return users;
}
