import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCapture } from '../capture.ts';
import { inFolder, memory, pcapHead, readAll, record } from '../testing.ts';
import type { WrittenPacket } from './format.ts';
import { CaptureWriter } from './writer.ts';

const tshark = spawnSync('tshark', ['-v']).status === 0;
const FRAME = Buffer.from(
  'ffffffffffff0200000000010806000108000604000102000000000100000000000000000000c0a80001',
  'hex',
);

function packet(index: number, more: Partial<WrittenPacket> = {}): WrittenPacket {
  return { timeS: 1_700_000_000 + index, timeNs: index, bytes: FRAME, wireBytes: 60, ...more };
}

describe.each(['pcap', 'pcapng'] as const)('%s', (format) => {
  it.each(['none', 'gzip', 'zstd'] as const)('that is written is read back: %s', async (compression) => {
    const anyPacket = fc.record({
      timeS: fc.integer({ min: 0, max: 0xffffffff }),
      timeNs: fc.nat(999_999_999),
      bytes: fc.uint8Array({ maxLength: 200 }),
      more: fc.nat(1000),
    });
    await inFolder(async (folder) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyPacket, { maxLength: 20 }), async (packets) => {
          // The resemblance of a record of nothing at no time to a hole is not tested here.
          const written = packets.map((each) => ({ ...each, wireBytes: each.bytes.length + each.more + 1 }));
          const path = join(folder, 'written');
          const writer = new CaptureWriter(path, { format, compression, sync: 'never' });
          writer.addInterface({ linkType: 113 });
          for (const each of written) writer.write(each);
          writer.close();
          const { packets: read, capture } = await readAll(path);
          expect(read).toEqual(
            written.map(({ timeS, timeNs, bytes, wireBytes }) => ({
              timeS,
              timeNs,
              wireBytes,
              linkType: 113,
              interface: 0,
              hex: Buffer.from(bytes).toString('hex'),
            })),
          );
          expect(capture.warningCount).toBe(0);
        }),
        { numRuns: 40 },
      );
    });
  });

  it.skipIf(!tshark)('is what the real tools read', async () => {
    await inFolder(async (folder) => {
      for (const compression of ['none', 'gzip'] as const) {
        const path = join(folder, 'real');
        const writer = new CaptureWriter(path, { format, compression, sync: 'never' });
        for (let index = 0; index < 30_000; index++) writer.write(packet(index, { comment: 'seen' }));
        writer.setStatistics(0, { timeS: 1_700_000_000, timeNs: 5, received: 30_007, dropped: 7 });
        writer.close();
        const fields = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'arp.dst.proto_ipv4', 'frame.comment'];
        const answer = execFileSync(
          'tshark',
          ['-n', '-r', path, '-c', '2', '-T', 'fields', ...fields.flatMap((name) => ['-e', name])],
          {
            encoding: 'utf8',
          },
        );
        const comment = format === 'pcapng' ? 'seen' : '';
        expect(answer.split('\n').slice(0, 2)).toEqual([
          `1700000000.000000000\t60\t42\t192.168.0.1\t${comment}`,
          `1700000001.000000001\t60\t42\t192.168.0.1\t${comment}`,
        ]);
        expect(execFileSync('capinfos', ['-c', '-M', path], { encoding: 'utf8' })).toContain('30000');
      }
    });
  });
});

it('reads what editcap makes of it, in other formats', async (context) => {
  if (!tshark) return context.skip();
  await inFolder(async (folder) => {
    const path = join(folder, 'ours.pcap');
    const writer = new CaptureWriter(path, { format: 'pcap' });
    for (let index = 0; index < 10; index++) writer.write(packet(index));
    writer.close();
    const wanted = (await readAll(path)).packets;
    for (const format of ['pcapng', 'nsecpcap', 'snoop', 'modpcap', 'nokiapcap', 'rh6_1pcap', 'suse6_3pcap', 'pcap']) {
      execFileSync('editcap', ['-F', format, path, join(folder, format)]);
      const { packets, capture } = await readAll(join(folder, format));
      const nanoseconds = format === 'pcapng' || format === 'nsecpcap';
      expect(packets).toEqual(wanted.map((each) => (nanoseconds ? each : { ...each, timeNs: 0 })));
      expect(capture.warningCount).toBe(0);
    }
  });
});

it('keeps several interfaces, their names and what they dropped', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'two.pcapng');
    const writer = new CaptureWriter(path);
    const first = writer.addInterface({ linkType: 1, name: 'eth0', snapBytes: 128 });
    writer.write(packet(1, { interface: first }));
    const second = writer.addInterface({ linkType: 101, name: 'tun0', description: 'the tunnel' });
    writer.write(packet(2, { interface: second }));
    writer.setStatistics(second, { timeS: 3, timeNs: 0, dropped: 12 });
    expect(() => writer.write(packet(3, { interface: 2 }))).toThrow(/no such interface/);
    writer.close();
    const { packets, capture } = await readAll(path);
    expect(packets.map(({ linkType, interface: number }) => [linkType, number])).toEqual([
      [1, 0],
      [101, 1],
    ]);
    expect(capture.interfaces).toEqual([
      { source: 0, linkType: 1, name: 'eth0', snapBytes: 128 },
      { source: 0, linkType: 101, name: 'tun0', description: 'the tunnel', snapBytes: 0, dropped: 12 },
    ]);
  });
});

it('refuses a second link type in pcap', async () => {
  await inFolder(async (folder) => {
    const writer = new CaptureWriter(join(folder, 'x.pcap'), { format: 'pcap' });
    writer.addInterface({ linkType: 1 });
    writer.addInterface({ linkType: 1 });
    expect(() => writer.addInterface({ linkType: 101 })).toThrow(expect.objectContaining({ code: 'capture.write' }));
  });
});

it('gives a file its name when it is whole', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'x.pcap');
    const writer = new CaptureWriter(path, { format: 'pcap', sync: 'chunk' });
    writer.write(packet(1));
    writer.flush();
    expect(readdirSync(folder)).toEqual(['x.pcap.part']);
    expect((await readAll(`${path}.part`)).packets).toHaveLength(1);
    writer.close();
    writer.close();
    expect(readdirSync(folder)).toEqual(['x.pcap']);
  });
});

describe('a ring of files', () => {
  const rotations = [
    ['packets', { packets: 10 }],
    ['seconds', { seconds: 10 }],
    ['bytes', { bytes: 24 + 10 * 58 }],
  ] as const;

  it.each(rotations)('goes on with the next file by %s and keeps the last ones, over runs too', async (_, rotate) => {
    await inFolder(async (folder) => {
      const path = join(folder, 'edge.pcap');
      const finished: string[] = [];
      const write = (from: number, to: number) => {
        const options = { format: 'pcap', rotate: { ...rotate, keep: 3 }, sync: 'never' } as const;
        const writer = new CaptureWriter(path, { ...options, onFinished: (file) => finished.push(file) });
        for (let index = from; index < to; index++) writer.write(packet(index));
        writer.close();
      };
      writeFileSync(join(folder, 'edge_notes.pcap'), 'not of the ring');
      write(0, 35);
      write(35, 40);
      expect(readdirSync(folder).sort()).toEqual([
        'edge_00003_20231114T221340.pcap',
        'edge_00004_20231114T221350.pcap',
        'edge_00005_20231114T221355.pcap',
        'edge_notes.pcap',
      ]);
      expect(finished).toHaveLength(5);
      const { packets } = await readAll(finished.slice(2));
      expect(packets.map(({ timeS }) => timeS - 1_700_000_000)).toEqual(
        Array.from({ length: 20 }, (__, index) => 20 + index),
      );
    });
  });
});

it('writes blocks as they were read', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'copy.pcapng');
    const source = memory(pcapHead(false, 0xa1b2c3d4), record(false, 5, 6, FRAME, 99), record(false, 7, 8, FRAME, 99));
    const writer = new CaptureWriter(path);
    for await (const block of openCapture(source)) writer.writeBlock(block);
    writer.close();
    expect(writer.packets).toBe(2);
    expect((await readAll(path)).packets).toEqual((await readAll(source)).packets);
  });
});

it('keeps what is written when the disk is full', async (context) => {
  let full: number;
  try {
    full = openSync('/dev/full', 'w');
  } catch {
    return context.skip();
  }
  expect(() => writeSync(full, 'x')).toThrow(/ENOSPC/);
  closeSync(full);
  await inFolder(async (folder) => {
    const path = join(folder, 'x.pcap');
    symlinkSync('/dev/full', `${path}.part`);
    const writer = new CaptureWriter(path, { format: 'pcap' });
    writer.write(packet(1));
    expect(() => writer.flush()).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    expect(() => writer.write(packet(2))).toThrow(expect.objectContaining({ code: 'capture.write' }));
    writer.close();
    expect(readdirSync(folder)).toEqual(['x.pcap.part']);
  });
});

it('writes to standard output', () => {
  const script = `
    const { CaptureWriter } = await import(${JSON.stringify(new URL('./writer.ts', import.meta.url).pathname)});
    const writer = new CaptureWriter('-', { format: 'pcap' });
    writer.write({ timeS: 1, timeNs: 2, bytes: new Uint8Array(5) });
    writer.close();`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout.length).toBe(24 + 16 + 5);
});
