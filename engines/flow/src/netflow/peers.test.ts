import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { captureFolder } from '@undercroft/packet/testing';
import { describe, expect, it } from 'vitest';
import { parseSource, readRecords } from '../argus/read/source.ts';
import * as L from '../record/layout.ts';
import { FlowRecord } from '../record/record.ts';
import { Collector } from './collector.ts';
import { makeEncoder } from './encoder.ts';
import { ExporterState } from './language/exporter.ts';
import { NetflowDecoder } from './language/message.ts';
import { isIcmp } from './language/one-way.ts';
import { UdpSender } from './sender.ts';
import { hasTool, nfpcapdLines, runArgus, runSoftflowd, startNfcapd, temporaryFolder } from './testing/peers.ts';
import { line } from './testing/records.ts';

const folder = captureFolder();
const missing = ['nfcapd', 'nfdump', 'softflowd', 'tshark', 'argus'].filter((tool) => !hasTool(tool));
const reason =
  folder === null ? ' (skipped: no captures here)' : missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : '';

/** Some 40 of different kinds and small sizes. */
const CAPTURES = [
  'ndpi/default/pcap/443-curl.pcap',
  'ndpi/default/pcap/443-git.pcap',
  'ndpi/default/pcap/4in4tunnel.pcap',
  'ndpi/default/pcap/6in4tunnel.pcap',
  'ndpi/default/pcap/amqp.pcap',
  'ndpi/default/pcap/bittorrent.pcap',
  'ndpi/default/pcap/dns_fragmented.pcap',
  'ndpi/default/pcap/ftp.pcap',
  'ndpi/default/pcap/http-lines-split.pcap',
  'ndpi/default/pcap/imap.pcap',
  'ndpi/default/pcap/KakaoTalk_chat.pcap',
  'ndpi/default/pcap/ntp.pcap',
  'ndpi/default/pcap/quic.pcap',
  'ndpi/default/pcap/rtp.pcapng',
  'ndpi/default/pcap/sip.pcap',
  'ndpi/default/pcap/skype.pcap',
  'ndpi/default/pcap/ssh.pcap',
  'ndpi/default/pcap/stun.pcap',
  'ndpi/default/pcap/tor.pcap',
  'ndpi/default/pcap/whatsapp.pcap',
  'suricata-verify/bug-3616-smtp/input.pcap',
  'zeek/dns/dns-txt-multiple.trace',
  'zeek/http/get.trace',
  'zeek/icmp/icmp-ping.pcap',
  'zeek/icmp/icmp6-ping.pcap',
  'zeek/ipv6/fragmented-dns.trace',
  'zeek/wikipedia.trace',
];

function captures(): string[] {
  const named = CAPTURES.map((name) => join(folder ?? '', name)).filter(existsSync);
  const found = execFileSync('sh', [
    '-c',
    `find ${folder} -name '*.pcap' -size -60k | sort | awk 'NR % 25 == 1' | head -24`,
  ]);
  return [...new Set([...named, ...found.toString().trim().split('\n')])].slice(0, 40);
}

/** Sends what comes to nfcapd as well as to our decoder. */
async function throughBoth(
  options: readonly string[],
): Promise<{ ours: string[]; theirs: string[]; state: ExporterState }> {
  const nfcapd = await startNfcapd();
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
  const state = new ExporterState();
  const decoder = new NetflowDecoder();
  const ours: string[] = [];
  socket.on('message', (message) => {
    socket.send(message, nfcapd.port, '127.0.0.1');
    decoder.decode(message, state, (record) => ours.push(line(record)));
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  for (const capture of captures()) await runSoftflowd(capture, socket.address().port, options);
  const { lines } = await nfcapd.stop();
  socket.close();
  return { ours: ours.sort(), theirs: lines, state };
}

/**
 * softflowd's uptimes of captures may have wrapped any number of times, so that nobody can tell the time: times are
 * compared modulo 2^32.
 */
function withoutWraps(line: string): string {
  return line
    .split(',')
    .map((cell, index) => (index === 9 || index === 10 ? Number(cell) % 4_294_967_296 : cell))
    .join(',');
}

function withoutFlags(line: string): string {
  return line.replace(/,\d+$/, '');
}

/** A flow that starts with its exporter has an uptime of 0, which nfdump takes for "not told". */
function withTimes(lines: readonly string[]): string[] {
  return lines
    .map((each) => each.split(','))
    .filter((cells) => Number(cells[9]) > 0)
    .map(String);
}

describe(`softflowd's exports${reason}`, { skip: reason !== '', timeout: 60_000 }, () => {
  it.each([
    ['5', ['-v', '5']],
    ['9', ['-v', '9']],
    ['10', ['-v', '10']],
    ['10 with absolute times', ['-v', '10', '-A', 'milli']],
    ['10 with biflows', ['-v', '10', '-b']],
  ])('of version %s are read as nfcapd reads them', async (name, options) => {
    const { ours, theirs, state } = await throughBoth(options);
    expect(state.counters).toMatchObject({ malformed: 0, unsupported: 0, unknownTemplateSets: 0 });
    expect(ours.length).toBe(theirs.length);
    expect(ours.length).toBeGreaterThan(150);
    const wanted = withTimes(theirs);
    // nfdump keeps one direction's flags of a biflow.
    const compared = options.includes('-b') ? (each: string) => withoutFlags(withoutWraps(each)) : withoutWraps;
    const known = new Set(ours.map(compared));
    const differing = wanted.filter((each) => !known.has(compared(each)));
    expect({ name, differing: differing.slice(0, 5), count: differing.length }).toEqual({
      name,
      differing: [],
      count: 0,
    });
    expect(theirs.length - wanted.length).toBeLessThan(theirs.length / 4);
  });
});

let flowsOfArgus: Promise<FlowRecord[]> | undefined;

/** Records of argus of some captures; what is not IP no flow export can tell. */
function argusFlows(): Promise<FlowRecord[]> {
  flowsOfArgus ??= readArgusFlows();
  return flowsOfArgus;
}

async function readArgusFlows(): Promise<FlowRecord[]> {
  const { path, remove } = temporaryFolder();
  // It sleeps in whole seconds: all at the same time.
  const files = await Promise.all(
    captures()
      .slice(0, 15)
      .map((capture, index) => runArgus(capture, join(path, `${index}`))),
  );
  const found: FlowRecord[] = [];
  const record = new FlowRecord();
  for (const file of files) {
    for await (const batch of readRecords(parseSource(file))) {
      for (let index = 0; index < batch.count; index++) {
        record.at(batch, batch.address(index));
        const type = record.get(L.FLOW_TYPE);
        if (record.get(L.KIND) !== L.KIND_FLOW || (type !== L.FLOW_IPV4 && type !== L.FLOW_IPV6)) continue;
        const copy = new FlowRecord();
        copy.words.set(record.words.subarray(record.base, record.base + L.RECORD_WORDS));
        found.push(copy);
      }
    }
  }
  remove();
  return found;
}

/** What one direction of a record comes to, in a form that leaves out the other and the flags that both share. */
function totals(lines: readonly string[]): { readonly packets: number; readonly bytes: number } {
  let packets = 0;
  let bytes = 0;
  for (const each of lines) {
    const cells = each.split(',').map(Number);
    packets += (cells[5] as number) + (cells[7] as number);
    bytes += (cells[6] as number) + (cells[8] as number);
  }
  return { packets, bytes };
}

describe(`our exports of argus' records${reason}`, { skip: reason !== '', timeout: 60_000 }, () => {
  it.each([
    ['netflow5', false],
    ['netflow9', false],
    ['ipfix', false],
    ['ipfix', true],
  ] as const)('as %s (biflow: %s) are read by nfcapd and by ourselves alike', async (format, biflow) => {
    const flows = (await argusFlows()).filter((flow) => format !== 'netflow5' || flow.get(L.FLOW_TYPE) === L.FLOW_IPV4);
    expect(flows.length).toBeGreaterThan(100);
    const nfcapd = await startNfcapd();
    const ours: string[] = [];
    const collector = new Collector((record) => ours.push(line(record)), { netflowPort: 0, nowMs: Date.now });
    const { netflow = 0 } = await collector.start();
    const senders = await Promise.all(
      [nfcapd.port, netflow].map((port) =>
        UdpSender.open({ host: '127.0.0.1', port, monotonicMs: () => performance.now() }),
      ),
    );
    const options = { maxBytes: 1400, domain: 5, nowMs: Date.now, biflow };
    const encoder = makeEncoder(format, (message) => senders.forEach((sender) => void sender.send(message)), options);
    for (const flow of flows) encoder.add(flow);
    encoder.flush();
    await Promise.all(senders.map((sender) => sender.close()));
    const { lines, sequenceErrors } = await nfcapd.stop();
    await collector.stop();
    const [exporter] = collector.exporters.list();
    expect(exporter?.state.counters).toMatchObject({ malformed: 0, sequenceGaps: 0, unknownTemplateSets: 0 });
    expect(sequenceErrors).toBe(0);
    const compared = biflow ? withoutFlags : (each: string) => each;
    expect(ours.map(compared).sort()).toEqual(lines.map(compared).sort());
    expect(totals(ours)).toEqual(totals(flows.map(line)));
    if (biflow) expect(ours.filter((each) => !flows.map(line).includes(each))).toEqual([]);
  });

  it('dissect in tshark as meant', async () => {
    const flows = (await argusFlows()).filter((flow) => !isIcmp(flow)).slice(0, 60);
    const { path, remove } = temporaryFolder();
    for (const format of ['netflow5', 'netflow9', 'ipfix']) {
      const messages: Uint8Array[] = [];
      const encoder = makeEncoder(format, (message) => messages.push(message), {
        maxBytes: 1400,
        domain: 5,
        nowMs: Date.now,
        biflow: true,
      });
      for (const flow of flows) encoder.add(flow);
      encoder.flush();
      const hex = messages.map(
        (message) => `0000 ${[...message].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}\n`,
      );
      writeFileSync(join(path, 'hex'), hex.join(''));
      execFileSync('text2pcap', ['-q', '-u', '40000,2055', join(path, 'hex'), join(path, 'pcap')], { stdio: 'ignore' });
      const fields = ['cflow.srcport', 'cflow.packets', 'cflow.octets', '_ws.expert.message', '_ws.malformed'];
      const text = execFileSync(
        'tshark',
        [
          '-r',
          join(path, 'pcap'),
          '-d',
          'udp.port==2055,cflow',
          '-T',
          'fields',
          ...fields.flatMap((field) => ['-e', field]),
        ],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const rows = text
        .toString()
        .trimEnd()
        .split('\n')
        .map((row) => row.split('\t'));
      const column = (index: number) =>
        rows.flatMap((row) => (row[index] ?? '').split(',')).filter((cell) => cell !== '');
      expect([column(3), column(4)]).toEqual([[], []]);
      expect(column(0)).toHaveLength(encoder.counters.records);
      const sum = (cells: readonly string[]) => cells.reduce((total, cell) => total + Number(cell), 0);
      const wanted = flows.filter((flow) => format !== 'netflow5' || flow.get(L.FLOW_TYPE) === L.FLOW_IPV4);
      const told = totals(wanted.map(line));
      // tshark has the reverse counters of IPFIX under the same names.
      expect([sum(column(1)), sum(column(2))]).toEqual([told.packets, told.bytes]);
    }
    remove();
  });
});

describe(`nfpcapd's flows${reason}`, { skip: reason !== '' || !hasTool('nfpcapd'), timeout: 60_000 }, () => {
  it('have the packets that softflowd tells us', async () => {
    for (const name of [
      'ndpi/default/pcap/443-curl.pcap',
      'ndpi/default/pcap/ssh.pcap',
      'ndpi/default/pcap/ftp.pcap',
    ]) {
      const capture = join(folder ?? '', name);
      const ours: string[] = [];
      const collector = new Collector((record) => ours.push(line(record)), { netflowPort: 0, nowMs: Date.now });
      const { netflow = 0 } = await collector.start();
      await runSoftflowd(capture, netflow, ['-v', '9']);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await collector.stop();
      expect(totals(ours).packets).toBe(totals(nfpcapdLines(capture)).packets);
    }
  });
});
