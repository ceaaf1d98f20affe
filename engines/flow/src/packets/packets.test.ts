import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@undercroft/kernel/testing';
import { addressBytes, eachRecord, openCapture, PacketDecoder } from '@undercroft/packet';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, type TestContext } from 'vitest';
import { addAddress, FILTER_BYTES, mayHold } from './addresses.ts';
import { ChunkBuilder, type PacketChunk } from './chunk.ts';
import { fetchPackets } from './fetch.ts';
import { PacketStore } from './packet-store.ts';

const START_S = 1_790_000_000;
const EVERYTHING = { fromUs: 0, toUs: 4e15, maxBytes: 64 * 1024 * 1024 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undercroft-packets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An Ethernet frame with UDP between two hosts of 10.0.0.0/24. */
function frame(from: number, to: number, port: number, payload: number): Uint8Array {
  const bytes = new Uint8Array(42 + payload);
  bytes.set([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 8, 0, 0x45, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(16, 28 + payload);
  bytes.set([64, 17], 22);
  bytes.set([10, 0, 0, from, 10, 0, 0, to], 26);
  view.setUint16(34, 40_000 + from);
  view.setUint16(36, port);
  view.setUint16(38, 8 + payload);
  return bytes;
}

/** Chunks of packets, one a second. */
function chunksOf(frames: readonly Uint8Array[], startS = START_S, bytesPerPacket = 65_535): PacketChunk[] {
  const chunks: PacketChunk[] = [];
  const builder = new ChunkBuilder(1, bytesPerPacket, (chunk) => chunks.push(chunk));
  const decoder = new PacketDecoder();
  frames.forEach((bytes, index) => {
    builder.add(decoder.decodeFrame(bytes, { linkType: 1, timeS: startS + index, timeNs: 123_456_789 }));
  });
  builder.flush();
  return chunks;
}

/** What a capture file holds: time, wire length, source and destination byte. */
async function contents(bytes: Uint8Array): Promise<string[]> {
  const path = join(folder, 'answer.pcapng');
  writeFileSync(path, bytes);
  const found: string[] = [];
  const capture = openCapture(path);
  for await (const block of capture)
    eachRecord(block, (offset, _captured, wireBytes, timeS, timeNs) =>
      found.push(`${timeS}.${timeNs} ${wireBytes} ${block.bytes[offset + 29]}>${block.bytes[offset + 33]}`),
    );
  rmSync(path);
  return found;
}

it('gives back the packets between two hosts, with their times, and no others', async () => {
  const store = await PacketStore.open(folder, 64 * 1024 * 1024, silentLog);
  const frames = Array.from({ length: 200 }, (_, index) => frame(1 + (index % 10), 100, 53, 20));
  for (const chunk of chunksOf(frames)) store.add(chunk);
  const answer = await fetchPackets(store, { ...EVERYTHING, addresses: ['10.0.0.3', '10.0.0.100'] });
  const found = await contents(answer);
  expect(found).toHaveLength(20);
  expect(found[0]).toBe(`${START_S + 2}.123456789 62 3>100`);
  const span = { fromUs: (START_S + 100) * 1e6, toUs: (START_S + 110) * 1e6, maxBytes: 1e6 };
  expect(await contents(await fetchPackets(store, { ...span, addresses: ['10.0.0.100'] }))).toHaveLength(10);
  expect(await contents(await fetchPackets(store, { ...EVERYTHING, addresses: ['10.0.0.3'], ports: [54] }))).toEqual(
    [],
  );
  expect(await contents(await fetchPackets(store, { ...EVERYTHING, addresses: ['10.9.9.9'] }))).toEqual([]);
  await expect(fetchPackets(store, { ...EVERYTHING, addresses: ['nowhere'] })).rejects.toMatchObject({
    code: 'flow.packets.address',
  });
  await store.close();
});

it('keeps within its bytes by letting the oldest go, and cuts packets where it is told to', async () => {
  const maxBytes = 10 * 1024 * 1024;
  const store = await PacketStore.open(folder, maxBytes, silentLog);
  const big = Array.from({ length: 900 }, (_, index) => frame(1, 2, 9, 1_000 + (index % 7)));
  for (let round = 0; round < 30; round++) for (const chunk of chunksOf(big, START_S + round * 1_000)) store.add(chunk);
  await store.settled();
  expect(store.stats().sizeBytes).toBeLessThanOrEqual(maxBytes);
  expect(store.stats().oldestUs).toBeGreaterThan(START_S * 1e6);
  expect(store.stats().newestUs).toBe((START_S + 29_899) * 1e6 + 123_456);
  await store.close();
  const [cut] = chunksOf([frame(1, 2, 9, 500)], START_S, 96);
  expect(cut?.bytes.length).toBe(16 + 96);
});

it('finds after a restart what was written before, though the end of the files is torn', async () => {
  const first = await PacketStore.open(folder, 64 * 1024 * 1024, silentLog);
  for (let round = 0; round < 3; round++)
    for (const chunk of chunksOf([frame(1, 2, 9, 10)], START_S + round)) first.add(chunk);
  await first.close();
  const name = readdirSync(folder).find((each) => each.endsWith('.pcap')) as string;
  const index = join(folder, `${name}.index`);
  truncateSync(index, statSync(index).size - 1);
  const second = await PacketStore.open(folder, 64 * 1024 * 1024, silentLog);
  expect(await contents(await fetchPackets(second, { ...EVERYTHING, addresses: ['10.0.0.1'] }))).toHaveLength(2);
  await second.close();
  // Any tool reads the segment itself.
  expect(readFileSync(join(folder, name)).readUInt32LE(0)).toBe(0xa1b23c4d);
});

it('counts packets that the disk cannot take, and goes on when it can', async () => {
  const store = await PacketStore.open(folder, 64 * 1024 * 1024, silentLog);
  rmSync(folder, { recursive: true });
  for (const chunk of chunksOf([frame(1, 2, 9, 10), frame(1, 2, 9, 10)])) store.add(chunk);
  await store.settled();
  expect(store.droppedPackets).toBe(2);
  await (await PacketStore.open(folder, 1e8, silentLog)).close();
  for (const chunk of chunksOf([frame(1, 2, 9, 10)])) store.add(chunk);
  await store.settled();
  expect(store.droppedPackets).toBe(2);
  expect(await contents(await fetchPackets(store, { ...EVERYTHING, addresses: ['10.0.0.2'] }))).toHaveLength(1);
  await store.close();
});

/** Runs with a small tmpfs, or skips the test where none can be mounted. */
async function onSmallDisk(kiB: number, test: TestContext, use: (disk: string) => Promise<void>): Promise<void> {
  const disk = mkdtempSync(join(tmpdir(), 'undercroft-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kiB}k`, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    rmSync(disk, { recursive: true });
    test.skip('mounting a tmpfs needs root');
  }
  try {
    await use(disk);
  } finally {
    // Lazily: a test that failed has files open.
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  }
}

it('counts each packet that a full disk cannot take, loses none that it took, and goes on when there is room', (test) =>
  onSmallDisk(1024, test, async (disk) => {
    const store = await PacketStore.open(join(disk, 'packets'), 64 * 1024 * 1024, silentLog);
    const fill = join(disk, 'others');
    let stored = 0;
    let startS = START_S;
    // Chunks of one packet and of many: the end of the disk comes in the midst of one.
    const add = async (packets: number): Promise<void> => {
      const before = store.droppedPackets;
      const frames = Array.from({ length: packets }, () => frame(1, 2, 9, 1_400));
      for (const chunk of chunksOf(frames, startS)) store.add(chunk);
      await store.settled();
      startS += packets;
      stored += packets - (store.droppedPackets - before);
    };
    const kept = async () => contents(await fetchPackets(store, { ...EVERYTHING, addresses: ['10.0.0.2'] }));
    writeFileSync(fill, Buffer.alloc(700 * 1024));
    for (let round = 0; round < 20; round++) await add(round % 2 === 0 ? 1 : 40);
    expect(store.droppedPackets).toBeGreaterThan(0);
    expect(stored).toBeGreaterThan(0);
    expect(await kept()).toHaveLength(stored);
    const dropped = store.droppedPackets;
    rmSync(fill);
    for (let round = 0; round < 4; round++) await add(10);
    expect(store.droppedPackets).toBe(dropped);
    expect(await kept()).toHaveLength(stored);
    await store.close();
    // What a full disk tore is not there after a restart either.
    const again = await PacketStore.open(join(disk, 'packets'), 64 * 1024 * 1024, silentLog);
    expect(await contents(await fetchPackets(again, { ...EVERYTHING, addresses: ['10.0.0.2'] }))).toHaveLength(stored);
    await again.close();
  }));

it('starts no file on a disk that is full, and leaves none behind', (test) =>
  onSmallDisk(64, test, async (disk) => {
    const store = await PacketStore.open(join(disk, 'packets'), 64 * 1024 * 1024, silentLog);
    const fill = join(disk, 'others');
    expect(() => writeFileSync(fill, Buffer.alloc(1024 * 1024))).toThrow('ENOSPC');
    for (const chunk of chunksOf([frame(1, 2, 9, 10)])) store.add(chunk);
    await store.settled();
    expect([store.droppedPackets, readdirSync(join(disk, 'packets'))]).toEqual([1, []]);
    rmSync(fill);
    for (const chunk of chunksOf([frame(1, 2, 9, 10)])) store.add(chunk);
    await store.close();
    expect([store.droppedPackets, store.stats().newestUs]).toEqual([1, START_S * 1e6 + 123_456]);
  }));

it('reads addresses as people write them, and never forgets one', () => {
  const text = (address: string) => Buffer.from(addressBytes(address) ?? []).toString('hex');
  expect(['10.1.2.3', '::1', 'fe80::1:2', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '2001:db8::'].map(text)).toEqual([
    '0a010203',
    '00000000000000000000000000000001',
    'fe800000000000000000000000010002',
    '00010002000300040005000600070008',
    '00000000000000000000ffff01020304',
    '20010db8000000000000000000000000',
  ]);
  for (const wrong of ['', '1.2.3', '1.2.3.256', '1::2::3', '1:2:3:4:5:6:7', '::ffff:1.2.3.400', 'g::1'])
    expect(addressBytes(wrong)).toBeUndefined();
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 4, maxLength: 16 }), { maxLength: 500 }), (addresses) => {
      const filter = new Uint8Array(FILTER_BYTES);
      for (const address of addresses) addAddress(filter, address);
      return addresses.every((address) => mayHold(filter, address));
    }),
  );
});
