import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { captureFolder } from '../testing/captures.ts';
import {
  block,
  describeInterface,
  enhanced,
  memory,
  option,
  pcapHead,
  readAll,
  record,
  section,
  words,
} from './testing.ts';

const DATA = Buffer.from('aabbccddee', 'hex');
const ORDERS = [true, false];

describe('pcap', () => {
  it.each(ORDERS)('reads microseconds and nanoseconds, little endian %s', async (order) => {
    const micro = memory(pcapHead(order, 0xa1b2c3d4, 113), record(order, 1_700_000_000, 999_999, DATA, 60));
    const nano = memory(pcapHead(order, 0xa1b23c4d), record(order, 4_000_000_000, 999_999_999, DATA));
    const { packets, capture } = await readAll([micro, nano]);
    expect(packets).toEqual([
      { timeS: 1_700_000_000, timeNs: 999_999_000, wireBytes: 60, linkType: 113, interface: 0, hex: 'aabbccddee' },
      { timeS: 4_000_000_000, timeNs: 999_999_999, wireBytes: 5, linkType: 1, interface: 1, hex: 'aabbccddee' },
    ]);
    expect(capture.interfaces.map(({ source }) => source)).toEqual([0, 1]);
    expect(capture.warningCount).toBe(0);
  });

  it.each(ORDERS)(
    'reads the longer record heads of old systems, by whatever magic, little endian %s',
    async (order) => {
      const long = (extra: number) => Buffer.concat([words(order, 5, 6, 5, 9), Buffer.alloc(extra, 0x77), DATA]);
      const kuznetzov = memory(pcapHead(order, 0xa1b2cd34), long(8), long(8), long(8));
      const suse = memory(pcapHead(order, 0xa1b2cd34), long(12), long(12), long(12));
      const nokia = memory(pcapHead(order, 0xa1b2c3d4), long(4), long(4), long(4));
      const { packets, capture } = await readAll([kuznetzov, suse, nokia]);
      expect(packets.map(({ timeS, timeNs, wireBytes, hex }) => [timeS, timeNs, wireBytes, hex])).toEqual(
        Array.from({ length: 9 }, () => [5, 6000, 9, 'aabbccddee']),
      );
      expect(capture.warningCount).toBe(0);
    },
  );

  it('reads IXIA, and lengths in the other order of versions before 2.4', async () => {
    const ixia = memory(pcapHead(true, 0x1c0001ac), words(true, 999), record(true, 1, 7, DATA));
    const old = memory(pcapHead(true, 0xa1b2c3d4, 1, 0x00020002), Buffer.concat([words(true, 1, 7, 60, 5), DATA]));
    const { packets } = await readAll([ixia, old]);
    expect(packets.map(({ timeNs, wireBytes, hex }) => [timeNs, wireBytes, hex])).toEqual([
      [7, 5, 'aabbccddee'],
      [7000, 60, 'aabbccddee'],
    ]);
  });

  it('does not take what the link type field says of check sequences for the link type', async () => {
    const { packets } = await readAll(memory(pcapHead(true, 0xa1b2c3d4, 0x24000001), record(true, 1, 1, DATA)));
    expect(packets[0]?.linkType).toBe(1);
  });
});

describe('pcapng', () => {
  it.each(ORDERS)('reads sections, interfaces and their units of time, little endian %s', async (order) => {
    const end = option(order, 0, Buffer.alloc(0));
    const offset = Buffer.alloc(8);
    if (order) offset.writeBigInt64LE(-10n);
    else offset.writeBigInt64BE(-10n);
    const name = option(order, 2, Buffer.from('eth7'));
    const source = memory(
      section(order),
      describeInterface(order, 1, 100, Buffer.concat([name, end])),
      describeInterface(order, 101, 0, Buffer.concat([option(order, 9, Buffer.from([9])), end])),
      describeInterface(
        order,
        113,
        0,
        Buffer.concat([option(order, 9, Buffer.from([0x80 | 10])), option(order, 14, offset), end]),
      ),
      enhanced(order, 0, 1_700_000_000_123_456n, DATA, 77),
      enhanced(order, 1, 1_700_000_000_123_456_789n, DATA),
      enhanced(order, 1, 1_700_000_001_999_999_999n, DATA),
      enhanced(order, 2, 1024n * 1_000_000n + 512n, DATA),
      section(!order),
      describeInterface(!order, 276, 0),
      enhanced(!order, 0, 1_000_001n, DATA),
    );
    const { packets, capture } = await readAll(source);
    expect(packets.map(({ timeS, timeNs, linkType, interface: number }) => [timeS, timeNs, linkType, number])).toEqual([
      [1_700_000_000, 123_456_000, 1, 0],
      [1_700_000_000, 123_456_789, 101, 1],
      [1_700_000_001, 999_999_999, 101, 1],
      [999_990, 500_000_000, 113, 2],
      [1, 1000, 276, 3],
    ]);
    expect(packets.every(({ hex }) => hex === 'aabbccddee')).toBe(true);
    expect(packets[0]?.wireBytes).toBe(77);
    expect(capture.interfaces[0]).toMatchObject({ name: 'eth7', snapBytes: 100 });
    expect(capture.warningCount).toBe(0);
  });

  it.each(ORDERS)('reads simple and obsolete packets and passes other blocks over, little endian %s', async (order) => {
    const obsolete = Buffer.concat([words(order, order ? 0 : 0, 0, 3_000_000, 5, 5), DATA]);
    const dropped = Buffer.alloc(8);
    dropped[order ? 0 : 7] = 9;
    const source = memory(
      section(order),
      describeInterface(order, 1, 4),
      block(order, 4, Buffer.alloc(2_000_000)),
      block(order, 0x0bad, Buffer.from('custom')),
      block(order, 0x8000_0000, Buffer.alloc(600_001)),
      block(order, 2, obsolete),
      block(order, 3, Buffer.concat([words(order, 60), DATA.subarray(0, 4)])),
      block(order, 5, Buffer.concat([words(order, 0, 0, 0), option(order, 5, dropped)])),
    );
    const { packets, capture } = await readAll(source);
    expect(packets.map(({ timeS, wireBytes, hex }) => [timeS, wireBytes, hex])).toEqual([
      [3, 5, 'aabbccddee'],
      [3, 60, 'aabbccdd'],
    ]);
    expect(capture.interfaces[0]?.dropped).toBe(9);
    expect(capture.warningCount).toBe(0);
  });

  it('says which packet belongs to no interface and goes on', async () => {
    const source = memory(
      section(true),
      enhanced(true, 3, 1n, DATA),
      describeInterface(true, 1, 0),
      enhanced(true, 0, 1n, DATA),
    );
    const { packets, capture } = await readAll(source);
    expect(packets).toHaveLength(1);
    expect(capture.warnings).toEqual([
      { file: 'memory', offset: 28, kind: 'block', text: 'a packet belongs to no interface' },
    ]);
  });
});

it('reads snoop', async () => {
  const head = Buffer.concat([Buffer.from('snoop\0\0\0'), words(false, 2, 4)]);
  const packet = Buffer.concat([words(false, 60, 5, 32, 3, 9, 8), DATA, Buffer.alloc(3)]);
  const { packets, capture } = await readAll(memory(head, packet, packet));
  expect(packets).toEqual(
    Array.from({ length: 2 }, () => ({
      timeS: 9,
      timeNs: 8000,
      wireBytes: 60,
      linkType: 1,
      interface: 0,
      hex: 'aabbccddee',
    })),
  );
  expect(capture.interfaces[0]?.dropped).toBe(3);
});

it('says what is no capture, and goes on where it is told to', async () => {
  const text = { name: 'notes.pcap', bytes: Buffer.from('These are my notes, not packets.') };
  await expect(readAll(text)).rejects.toMatchObject({ code: 'capture.format', file: 'notes.pcap' });
  await expect(readAll(memory())).rejects.toMatchObject({ code: 'capture.empty' });
  await expect(readAll('/nowhere/x.pcap')).rejects.toMatchObject({ code: 'capture.open' });
  const good = memory(pcapHead(true, 0xa1b2c3d4), record(true, 1, 1, DATA));
  const { packets, capture } = await readAll([text, good], { skipBad: true });
  expect(packets).toHaveLength(1);
  expect(capture.warnings[0]).toMatchObject({ file: 'notes.pcap', kind: 'file' });
});

const folder = captureFolder();
const capinfos = spawnSync('capinfos', ['-v']).status === 0;

it.skipIf(folder === null || !capinfos)('counts in all public captures what capinfos counts', async () => {
  const files = readdirSync(folder as string, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(pcap|pcapng|cap)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const answer = execFileSync('capinfos', ['-M', '-T', '-r', '-c', ...files], { encoding: 'utf8', maxBuffer: 1e8 });
  const wanted = Object.fromEntries(
    answer
      .trim()
      .split('\n')
      .map((line) => line.split('\t')),
  );
  const counted: Record<string, string> = {};
  for (const file of files) counted[file] = String((await readAll(file)).packets.length);
  expect(counted).toEqual(wanted);
  expect(files.length).toBeGreaterThan(700);
});
