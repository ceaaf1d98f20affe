import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { addressBytes } from '@undercroft/packet';
import { describe, expect, it } from 'vitest';
import { FileOutput } from '../argus/write/file.ts';
import { RecordOutputs } from '../argus/write/outputs.ts';
import type { ProgramIo } from '../program.ts';
import type { FlowRecord } from '../record/record.ts';
import { AllowList, plainAddress } from './allow-list.ts';
import { Collector, type CollectorOptions } from './collector.ts';
import { run } from './command.ts';
import { makeEncoder } from './encoder.ts';
import { readFlowFile } from './file.ts';
import { UdpSender } from './sender.ts';
import { temporaryFolder } from './testing/peers.ts';
import { flow, line } from './testing/records.ts';

const NOW_MS = 1_700_000_100_000;

function messages(format: string, records: readonly FlowRecord[], maxBytes = 1400): Uint8Array[] {
  const found: Uint8Array[] = [];
  const encoder = makeEncoder(format, (message) => found.push(message), {
    maxBytes,
    domain: 1,
    nowMs: () => NOW_MS,
    biflow: true,
  });
  for (const record of records) encoder.add(record);
  encoder.flush();
  return found;
}

async function collecting(options: Partial<CollectorOptions>) {
  const lines: string[] = [];
  let heard = () => {};
  const collector = new Collector(
    (record) => {
      lines.push(line(record));
      heard();
    },
    { nowMs: () => NOW_MS, ...options },
  );
  const ports = await collector.start();
  const until = async (done: () => boolean) => {
    while (!done()) {
      await new Promise<void>((resolve) => {
        heard = resolve;
        setTimeout(resolve, 20);
      });
    }
  };
  return { lines, collector, ports, until };
}

async function sendUdp(port: number, datagrams: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const each of datagrams)
    await new Promise<void>((resolve) => socket.send(each, port, '127.0.0.1', () => resolve()));
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

const FLOWS = [flow(), flow({ protocol: 17, sourcePort: 5353, destinationPort: 53 })];

describe('the collector', () => {
  it('takes datagrams and counts by exporter', async () => {
    const { lines, collector, ports, until } = await collecting({ netflowPort: 0, ipfixPort: 0 });
    await sendUdp(ports.netflow as number, [...messages('ipfix', FLOWS), Uint8Array.of(0, 77, 0, 0)]);
    await sendUdp(ports.ipfix as number, messages('netflow5', FLOWS));
    const [exporter] = await until(() => lines.length >= 6).then(() => collector.exporters.list());
    expect(lines.slice(0, 2)).toEqual(FLOWS.map(line));
    expect(exporter?.address).toBe('127.0.0.1');
    expect(exporter?.state.counters).toMatchObject({ messages: 3, records: 6, unsupported: 1 });
    await collector.stop();
  });

  it('joins the two records of a conversation', async () => {
    const { lines, collector, ports, until } = await collecting({ netflowPort: 0, stitch: {} });
    await sendUdp(ports.netflow as number, messages('netflow9', FLOWS));
    await until(() => lines.length >= 2);
    expect(lines).toEqual(FLOWS.map(line));
    await collector.stop();
  });

  it('refuses who is not allowed', async () => {
    const { lines, collector, ports, until } = await collecting({
      netflowPort: 0,
      ipfixTcpPort: 0,
      allow: ['192.0.2.0/24', '2001:db8::/32'],
    });
    await sendUdp(ports.netflow as number, messages('ipfix', FLOWS));
    const socket = connect(ports.ipfixTcp as number, '127.0.0.1').on('error', () => {});
    await once(socket, 'close');
    await until(() => collector.refused === 2);
    expect(lines).toEqual([]);
    await collector.stop();
  });

  it('takes IPFIX over TCP in pieces, with templates for each connection, and hangs up on what is none', async () => {
    const { lines, collector, ports, until } = await collecting({ ipfixTcpPort: 0 });
    const bytes = Buffer.concat(messages('ipfix', FLOWS));
    const socket = connect(ports.ipfixTcp as number, '127.0.0.1');
    await once(socket, 'connect');
    for (let from = 0; from < bytes.length; from += 50) {
      socket.write(bytes.subarray(from, from + 50));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => lines.length === 2);
    expect(lines).toEqual(FLOWS.map(line));
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    expect(collector.exporters.list()[0]?.state.counters).toMatchObject({ records: 2, malformed: 1 });
    await collector.stop();
  });
});

describe('addresses', () => {
  it('are told apart', () => {
    expect(plainAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
    expect([...addressBytes('2001:db8::7')!]).toEqual([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
    const list = new AllowList(['192.0.2.7', '10.0.0.0/8']);
    expect(['192.0.2.7', '192.0.2.8', '10.9.9.9', '::1'].map((each) => list.allows(each))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(() => new AllowList(['10.0.0.0/33'])).toThrow('10.0.0.0/33');
  });
});

describe('the sender', () => {
  it('keeps to its rate and drops what its queue cannot hold', async () => {
    const receiver = createSocket('udp4');
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    let bytes = 0;
    receiver.on('message', (message) => {
      bytes += message.length;
    });
    const sender = await UdpSender.open({
      host: '127.0.0.1',
      port: receiver.address().port,
      bitsPerSecond: 2_000_000,
      maxQueued: 50,
      monotonicMs: () => performance.now(),
    });
    const started = performance.now();
    for (let index = 0; index < 100; index++) sender.send(new Uint8Array(954));
    await sender.close();
    const elapsedMs = performance.now() - started;
    await new Promise((resolve) => setTimeout(resolve, 50));
    receiver.close();
    expect(sender.counters).toMatchObject({ dropped: 100 - sender.counters.messages, errors: 0 });
    expect(bytes).toBe(sender.counters.messages * 954);
    // 1000 bytes with their headers are 4 ms each, after a burst of 20 ms.
    expect(elapsedMs).toBeGreaterThan((sender.counters.messages - 8) * 4);
  });
});

describe('files', () => {
  it.each(['netflow5', 'netflow9', 'ipfix'])('of %s, packed or not, are read in batches', async (format) => {
    const { path, remove } = temporaryFolder();
    const many = Array.from({ length: 5_000 }, (_, index) => flow({ sourcePort: 1024 + index }));
    const bytes = Buffer.concat(messages(format, many));
    await writeFile(join(path, 'plain'), bytes);
    await writeFile(join(path, 'packed'), gzipSync(bytes));
    for (const name of ['plain', 'packed']) {
      let count = 0;
      for await (const batch of readFlowFile(join(path, name))) count += batch.count;
      expect(count).toBe(format === 'ipfix' ? 5_000 : 10_000);
    }
    remove();
  });

  it('that are none are told so', async () => {
    const { path, remove } = temporaryFolder();
    await writeFile(join(path, 'text'), 'this is no flow export at all');
    const reading = (async () => {
      for await (const _batch of readFlowFile(join(path, 'text')));
    })();
    await expect(reading).rejects.toMatchObject({ code: 'flow.netflow.format' });
    remove();
  });
});

function io(): { readonly io: ProgramIo; stdout(): string; stderr(): string } {
  const texts = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => new PassThrough().on('data', (chunk) => (texts[name] += String(chunk)));
  return {
    io: {
      stdin: new PassThrough(),
      stdout: stream('stdout'),
      stderr: stream('stderr'),
      env: {},
      signal: new AbortController().signal,
    },
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
  };
}

async function argusFile(path: string, records: readonly FlowRecord[]): Promise<void> {
  const head = { idKind: 0, id: 0, flowIntervalS: 5, managementIntervalS: 60, startUs: NOW_MS * 1000 };
  const outputs = new RecordOutputs(head, () => NOW_MS * 1000);
  outputs.add(await FileOutput.open(path, { greeting: () => outputs.greeting(), monotonicMs: () => 0 }));
  for (const record of records) outputs.write(record);
  await outputs.close(0);
}

describe('the commands', () => {
  it('export argus records into a file and collect them from it', async () => {
    const { path, remove } = temporaryFolder();
    const file = (name: string) => join(path, name);
    await argusFile(file('flows.argus'), FLOWS);
    const exporting = io();
    expect(await run(['export', '-r', file('flows.argus'), '-w', file('flows.ipfix')], exporting.io)).toBe(0);
    expect(exporting.stderr()).toBe('1 messages, 2 records, 0 skipped, 0 counters cut\n');
    const collecting = io();
    const outputs = [
      '--csv',
      '-',
      '--fields',
      'saddr,dport,sbytes,dbytes',
      '--json',
      file('flows.json'),
      '--zeek',
      path,
      '-w',
      file('again.argus'),
    ];
    expect(await run(['collect', '-r', file('flows.ipfix'), ...outputs], collecting.io)).toBe(0);
    expect(collecting.stdout()).toBe('saddr,dport,sbytes,dbytes\n192.0.2.1,443,1200,9000\n192.0.2.1,53,1200,9000\n');
    expect((await readFile(file('flows.json'), 'utf8')).trim().split('\n')).toHaveLength(2);
    expect(await readFile(file('conn.log'), 'utf8')).toContain('\t192.0.2.1\t51000\t198.51.100.7\t443\ttcp\t');
    const again = io();
    expect(await run(['export', '-r', file('again.argus'), '-w', file('again.ipfix')], again.io)).toBe(0);
    expect(again.stderr()).toContain('2 records');
    remove();
  });

  it('send to a collector and end after so many records', async () => {
    const { path, remove } = temporaryFolder();
    await argusFile(join(path, 'flows.argus'), FLOWS);
    const { lines, collector, ports, until } = await collecting({ netflowPort: 0 });
    expect(
      await run(
        ['export', '-r', join(path, 'flows.argus'), '--to', `127.0.0.1:${ports.netflow}`, '--format', 'netflow9'],
        io().io,
      ),
    ).toBe(0);
    await until(() => lines.length === 4);
    await collector.stop();
    remove();
  });

  it('listen until so many records have come', async () => {
    const call = io();
    const collected = run(
      ['collect', '--netflow', '0', '--count', '2', '--csv', '-', '--fields', 'dport,sbytes'],
      call.io,
    );
    let port = '';
    while (port === '') {
      await new Promise((resolve) => setTimeout(resolve, 10));
      port = /netflow (\d+)/.exec(call.stderr())?.[1] ?? '';
    }
    await sendUdp(Number(port), messages('ipfix', FLOWS));
    expect(await collected).toBe(0);
    expect(call.stdout()).toBe('dport,sbytes\n443,1200\n53,1200\n');
    expect(call.stderr()).toContain('127.0.0.1: messages 1,');
  });

  it.each([
    [[], 2, 'usage:'],
    [['collect'], 2, 'nowhere to write'],
    [['collect', '--nope'], 2, '--nope'],
    [['export', '-r', 'x'], 2, 'give either --to or -w'],
    [['export', '-r', '/nowhere', '-w', '/dev/null'], 1, '/nowhere'],
    [['export', '-r', 'x', '-w', '/dev/null', '--format', 'v8'], 2, 'netflow5, netflow9 or ipfix'],
  ])('%j exits with %i', async (argv, code, text) => {
    const call = io();
    expect(await run(argv, call.io)).toBe(code);
    expect(call.stderr()).toContain(text);
  });
});
