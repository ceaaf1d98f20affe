import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ascii, ByteCursor } from '../../language/bytes.ts';
import { only, Recording } from '../testing.ts';
import { nextInterval, processesCollector } from './collect.ts';
import { DEFAULT_GROUPS, parseGroups } from './groups.ts';
import { parseCommand, parseContainer, parseIo, parseStat } from './parse.ts';
import { programName } from './table.ts';

const UNITS = { pageBytes: 4096, ticksPerSecond: 100 };

function stat(pid: number, name: string, ppid: number, ticks: number, start: number): string {
  return `${pid} (${name}) S ${ppid} 1 1 0 -1 4194560 100 0 0 0 ${ticks} 0 0 0 20 0 7 0 ${start} 100000 2560 18446744073709551615 1 1\n`;
}

function write(recording: Recording, pid: number, name: string, parts: { ppid?: number; ticks?: number; io?: number }) {
  const base = `proc/${pid}`;
  recording
    .write(`${base}/stat`, stat(pid, name, parts.ppid ?? 1, parts.ticks ?? 0, pid * 10))
    .write(`${base}/comm`, `${name}\n`)
    .write(`${base}/cmdline`, `/usr/sbin/${name}\0-g\0daemon off;\0`)
    .write(`${base}/status`, 'Name:\tx\nUid:\t0\t0\t0\t0\n')
    .write(`${base}/statm`, '5000 2560 512 1 0 1 0\n')
    .write(`${base}/io`, `rchar: 1\nread_bytes: ${parts.io ?? 0}\nwrite_bytes: 0\ncancelled_write_bytes: 0\n`);
}

describe('the process table', () => {
  let recording: Recording;
  beforeEach(() => {
    recording = new Recording().write('proc/stat', 'btime 1000000\n');
    write(recording, 10, 'nginx', {});
    write(recording, 11, 'nginx', {});
    write(recording, 20, 'strange) S (name', {});
    write(recording, 2, 'kthreadd', { ppid: 0 });
  });
  afterEach(() => recording.remove());

  it('has rates of each process, and sums of groups', () => {
    const collector = recording.open((host) => processesCollector(host, UNITS));
    recording.tick();
    write(recording, 10, 'nginx', { ticks: 50, io: 10_240 });
    const values = recording.tick();
    const { total, processes } = collector.rows();
    expect(total).toBe(4);
    expect(processes[0]).toMatchObject({
      pid: 10,
      name: 'nginx',
      command: '/usr/sbin/nginx -g daemon off;',
      user: 'root',
      cpuPercent: 50,
      rssBytes: 2560 * 4096,
      readBps: 10_240,
      threads: 7,
    });
    expect(processes.map(({ name }) => name)).toContain('strange) S (name');
    expect(only(values, 'apps.processes')).toMatchObject({ other: 0, httpd: 2, kernel: 1, 'strange) S (name': 1 });
    expect(values['apps.cpu.httpd']).toBe(50);
    expect(values['apps.mem.httpd']).toBe(16);
    expect(values['apps.preads.httpd']).toBe(10);
  });

  it('forgets what has gone, and does not mistake a number used again', () => {
    const collector = recording.open((host) => processesCollector(host, UNITS));
    recording.tick();
    rmSync(join(recording.folder, 'proc/11'), { recursive: true });
    recording.write('proc/10/stat', stat(10, 'redis', 1, 5, 99_999)).write('proc/10/comm', 'redis\n');
    recording.tick();
    expect(collector.entry(11)).toBeUndefined();
    expect(collector.entry(10)).toMatchObject({ name: 'redis', cpuPercent: 5 });
  });
});

it('a scan that takes too long is made less often, and more often again', () => {
  expect(nextInterval(1, 3)).toBe(1);
  expect(nextInterval(1, 14)).toBe(2);
  expect(nextInterval(3, 14)).toBe(4);
  expect(nextInterval(4, 14)).toBe(4);
  expect(nextInterval(4, 5)).toBe(3);
  expect(nextInterval(10, 500)).toBe(10);
});

describe('the files of a process', () => {
  const out = { nameStart: 0, nameEnd: 0, ppid: 0, cpuTicks: 0, threads: 0, startTicks: 0, rssPages: 0 };

  it('are read whatever the name is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 15 }), (name) => {
        const bytes = ascii(stat(1, name, 7, 3, 5));
        expect(parseStat(new ByteCursor(bytes), out)).toBe(true);
        expect(out).toMatchObject({ ppid: 7, cpuTicks: 3, threads: 7, startTicks: 5, rssPages: 2560 });
      }),
    );
  });

  it('throw on no bytes whatever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        parseStat(new ByteCursor(bytes), out);
        parseIo(new ByteCursor(bytes), { readBytes: 0, writeBytes: 0 });
        parseCommand(bytes, 100);
        parseContainer(String.fromCharCode(...bytes));
      }),
    );
  });

  it('name containers and programs', () => {
    const id = 'f'.repeat(64);
    expect(parseContainer(`0::/system.slice/docker-${id}.scope\n`)).toBe('f'.repeat(12));
    expect(parseContainer(`12:cpu:/docker/${id}\n`)).toBe('f'.repeat(12));
    expect(parseContainer('0::/init.scope\n')).toBeUndefined();
    expect(programName('MainThread', '/usr/bin/node app.js')).toBe('node');
    expect(programName('nginx', 'nginx: master')).toBe('nginx');
  });
});

it('groups follow the grammar of apps_groups.conf', () => {
  const groupOf = parseGroups('# comment\nweb: nginx apache*\n-hidden: *d\ncmd: *special thing* *--flag*\n');
  expect(groupOf('nginx', '')).toBe('web');
  expect(groupOf('apache2', '')).toBe('web');
  expect(groupOf('nginx2', '')).toBeUndefined();
  expect(groupOf('mysqld', '')).toBe('hidden');
  expect(groupOf('x', 'x --flag')).toBe('cmd');
  expect(parseGroups(DEFAULT_GROUPS)('postgres', 'postgres: writer')).toBe('sql');
});
