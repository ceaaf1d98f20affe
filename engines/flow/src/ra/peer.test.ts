import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureFolder } from '@undercroft/packet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argusRecords, hasTool, runTool } from '../argus/testing/tools.ts';
import type { Program } from '../program.ts';
import { FIELDS } from './fields/table.ts';
import { run as ra } from './ra.ts';
import { run as rabins } from './rabins.ts';
import { run as racluster } from './racluster.ts';
import { run as racount } from './racount.ts';
import { run as rasort } from './rasort.ts';
import { run as rasplit } from './rasplit.ts';
import { runProgram } from './testing/program.ts';

const folder = captureFolder();
const present = hasTool('argus') && hasTool('ra') && hasTool('racluster');
if (folder === null || !present) console.info('skipped: captures or the programs argus and ra are not here');

const CAPTURES = [
  'ndpi/default/pcap/KakaoTalk_chat.pcap',
  'ndpi/default/pcap/anyconnect-vpn.pcap',
  'ndpi/default/pcap/BGP_redist.pcap',
  'ndpi/default/pcap/dns_fragmented.pcap',
  'ndpi/default/pcap/6in6tunnel.pcap',
  'ndpi/default/pcap/capwap.pcap',
  'zeek/vlan-pcp-dei.pcapng',
  'suricata-verify/bug-3616-smtp/input.pcap',
];
/** Fragments keep no ports: by the port alone argus' clients tell them apart by what lies in its place. */
const FRAGMENTS = 'ndpi/default/pcap/dns_fragmented.pcap';
const PLAIN = ['-X', '-F', '/dev/null'];
/** The clock of the machine, registries that are not here, and what ra leaves out of its columns. */
const NOT_COMPARED = 'rtime idle cor soui doui resp laddr raddr lnet rnet ico tcpext'.split(' ');
const COLUMNS = [...FIELDS.keys()].filter((name) => !NOT_COMPARED.includes(name));
/** Sums, times and keys of a merged record; ra's round trips and gaps of several connections are left out. */
const MERGED =
  'stime ltime dur trans mean min max stddev proto saddr sport daddr dport spkts dpkts sbytes dbytes sttl dttl stos inode';
const FILTERS = [
  'tcp',
  'udp and not port 53',
  'src host 10.0.0.227 or dst net 8.37.0.0/16',
  'icmp or icmpv6',
  'arp',
  'ipv6 and udp',
  'port 53 or 5353 and udp',
  'tcp or udp and dst port 443',
  '(tcp or udp) and dst port 443',
  'src pkts gt 3 and dst bytes lt 2000',
  'syn and not synack',
  'con',
  'fin or reset',
  'ttl lt 64',
  'host 224.0.0.251',
  'dst port 1-1023',
  'encaps eth',
  'dur gt 1.5',
  'ether host 2c:7e:81:b0:4a:a1',
  'multicast',
  'appbytes gte 100',
  'not ip',
];

const records = new Map<string, Buffer>();
const work = mkdtempSync(join(tmpdir(), 'undercroft-ra-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.skipIf(folder === null || !present)('beside argus-client', () => {
  beforeAll(async () => {
    for (const capture of CAPTURES) {
      const path = join(folder as string, capture);
      if (!existsSync(path)) continue;
      records.set(capture, await argusRecords(path, ['-A', '-J', '-R', '-Z', '-m', '-U', '64']));
    }
  }, 60_000);

  const ask = async (name: string, program: Program, argv: readonly string[], bytes: Buffer) => {
    const words = [...PLAIN, '-r', '-', ...argv];
    const theirs = await runTool(name, words, bytes);
    const ours = await runProgram(program, words, bytes);
    return { theirs: theirs.stdout.toString('latin1'), ours: ours.stdout.toString('latin1') };
  };

  it('ra prints the same in every column and in its own ones', { timeout: 60_000 }, async () => {
    for (const [capture, bytes] of records) {
      for (const argv of [
        ['-u', '-nn', '-c', '|', '-s', ...COLUMNS],
        ['-nn'],
        ['-n', '-u', '-p', '2', '-s', '+dur', '+smac', '-flgs'],
        ['-nn', '-Z', 'b', '-L', '5', '-N', '12'],
        ['-nn', '-M', 'rmon', '-s', 'saddr', 'proto', 'spkts', 'dpkts'],
      ]) {
        const { ours, theirs } = await ask('ra', ra, argv, bytes);
        expect(ours.split('\n'), `${capture} ${argv.slice(0, 6).join(' ')}`).toEqual(theirs.split('\n'));
      }
    }
  });

  it('filters take the same records', { timeout: 60_000 }, async () => {
    const all = Buffer.concat([...records.values()]);
    for (const filter of FILTERS) {
      const { ours, theirs } = await ask('ra', ra, ['-L', '-1', '-s', 'offset', '-', filter], all);
      expect(ours, filter).toBe(theirs);
    }
  });

  it('racluster makes the same records in the same order', { timeout: 60_000 }, async () => {
    for (const [capture, bytes] of records) {
      for (const masks of [[], ['saddr'], ['proto', 'sport'], ['matrix'], ['saddr/24'], ['none']]) {
        if (capture === FRAGMENTS && masks.includes('sport')) continue;
        const keys = masks.length > 0 ? ['-m', ...masks] : [];
        const argv = [
          ...keys,
          '-u',
          '-nn',
          '-c',
          '|',
          '-s',
          'stime',
          'ltime',
          'proto',
          'trans',
          'spkts',
          'dpkts',
          'sbytes',
          'dbytes',
        ];
        const { ours, theirs } = await ask('racluster', racluster, argv, bytes);
        expect(ours, `${capture} ${keys.join(' ')}`).toBe(theirs);
      }
      const { ours, theirs } = await ask(
        'racluster',
        racluster,
        ['-u', '-nn', '-c', '|', '-s', ...MERGED.split(' ')],
        bytes,
      );
      expect(ours, capture).toBe(theirs);
    }
  });

  it('rasort and rabins too', { timeout: 60_000 }, async () => {
    for (const [capture, bytes] of records) {
      for (const order of ['bytes', 'saddr', 'dur', 'sport']) {
        if (capture === FRAGMENTS && order === 'sport') continue;
        const { ours, theirs } = await ask(
          'rasort',
          rasort,
          ['-m', order, '-nn', '-s', 'stime', 'saddr', 'daddr', 'bytes'],
          bytes,
        );
        expect(ours, `${capture} ${order}`).toBe(theirs);
      }
      const argv = [
        '-M',
        'time',
        '10s',
        'nomodify',
        '-u',
        '-nn',
        '-s',
        'stime',
        'dur',
        'proto',
        'saddr',
        'spkts',
        'dpkts',
        'bytes',
      ];
      const { ours, theirs } = await ask('rabins', rabins, argv, bytes);
      expect(ours, capture).toBe(theirs);
    }
  });

  it('racount counts the same', { timeout: 60_000 }, async () => {
    for (const [capture, bytes] of records) {
      const { ours, theirs } = await ask('racount', racount, ['-M', 'proto'], bytes);
      expect(ours, capture).toBe(theirs);
    }
  });

  it('rasplit makes the same files, and ra reads ours', { timeout: 60_000 }, async () => {
    const [bytes] = [...records.values()] as [Buffer];
    const own = join(work, 'own');
    const other = join(work, 'other');
    const argv = (prefix: string) => [...PLAIN, '-r', '-', '-M', 'time', '10s', '-w', join(prefix, '$proto.%H.%M.%S')];
    await runTool('rasplit', argv(other), bytes);
    await runProgram(rasplit, argv(own), bytes);
    const names = readdirSync(own).sort();
    // An empty bin of the machine's clock is one of rasplit's files.
    expect(
      readdirSync(other)
        .filter((name) => !name.startsWith('man'))
        .sort(),
    ).toEqual(names);
    for (const name of names) {
      const shown = [...PLAIN, '-r', '-', '-nn', '-u', '-s', 'stime', 'dur', 'saddr', 'daddr', 'pkts', 'bytes'];
      const read = async (path: string) => (await runTool('ra', shown, readFileSync(path))).stdout.toString();
      expect(await read(join(own, name)), name).toBe(await read(join(other, name)));
    }
  });

  it('what ra writes, both read', { timeout: 60_000 }, async () => {
    for (const [capture, bytes] of records) {
      const merged = await runProgram(racluster, [...PLAIN, '-r', '-', '-m', 'saddr', 'daddr', '-w', '-'], bytes);
      const argv = [...PLAIN, '-r', '-', '-u', '-nn', '-s', ...MERGED.split(' ')];
      const theirs = await runTool('ra', argv, merged.stdout);
      const ours = await runProgram(ra, argv, merged.stdout);
      expect(ours.stdout.toString(), capture).toBe(theirs.stdout.toString());
    }
  });
});
