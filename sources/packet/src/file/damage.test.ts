import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureFileError, MAX_RECORD_BYTES } from './block.ts';
import { describeInterface, enhanced, memory, pcapHead, readAll, record, section, words } from './testing.ts';

const RUNS = 120;

function frames(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.alloc(60 + (index % 7) * 100, index));
}

function records(count: number): Buffer[] {
  return frames(count).map((data, index) => record(true, 1_700_000_000 + index, index, data));
}

const HEAD = pcapHead(true, 0xa1b2c3d4);
const NG_HEAD = Buffer.concat([section(true), describeInterface(true, 1, 0)]);

function blocks(count: number): Buffer[] {
  return frames(count).map((data, index) => enhanced(true, 0, BigInt(index), data));
}

describe('a damaged pcap', () => {
  it('delivers all but a last record that is cut', async () => {
    const bytes = Buffer.concat([HEAD, ...records(10)]);
    const { packets, capture } = await readAll(memory(bytes.subarray(0, bytes.length - 5)));
    expect(packets).toHaveLength(9);
    const [warning] = capture.warnings;
    expect(warning).toMatchObject({
      file: 'memory',
      kind: 'cut',
      text: 'the last record is cut: 271 bytes of it are there',
    });
    expect(warning?.offset).toBe(bytes.length - 276);
  });

  it('finds the records behind a hole and says where it was', async () => {
    const [first, ...rest] = [records(20).slice(0, 10), records(20).slice(10)];
    const hole = Buffer.alloc(5000);
    const { packets, capture } = await readAll(memory(HEAD, ...(first as Buffer[]), hole, ...(rest[0] as Buffer[])));
    expect(packets).toHaveLength(20);
    expect(capture.warnings).toMatchObject([
      { kind: 'skipped', text: '5000 bytes that are no records were passed over' },
    ]);
  });

  it('loses one record to a length that lies, not those behind it', async () => {
    const all = records(30);
    (all[10] as Buffer).writeUInt32LE(1500, 8);
    const { packets, capture } = await readAll(memory(HEAD, ...all));
    expect(packets.map(({ timeS }) => timeS - 1_700_000_000)).toEqual(
      [...Array(30).keys()].filter((index) => index !== 10),
    );
    expect(capture.warnings).toMatchObject([{ kind: 'length' }]);
  });

  it('loses one record to a length that reaches behind the end', async () => {
    const all = records(10);
    (all[4] as Buffer).writeUInt32LE(MAX_RECORD_BYTES, 8);
    const { packets, capture } = await readAll(memory(HEAD, ...all));
    expect(packets).toHaveLength(9);
    expect(capture.warningCount).toBe(1);
  });

  it('finds damage at the seams of the window', async () => {
    const big = Array.from({ length: 40 }, (_, index) =>
      record(true, 1_700_000_000 + index, 0, Buffer.alloc(100_000, 1)),
    );
    const { packets } = await readAll(
      memory(HEAD, ...big.slice(0, 20), Buffer.alloc(3_000_000, 0xff), ...big.slice(20)),
    );
    expect(packets).toHaveLength(40);
  });
});

describe('a damaged pcapng', () => {
  it('delivers all but a last block that is cut', async () => {
    const bytes = Buffer.concat([NG_HEAD, ...blocks(10)]);
    const { packets, capture } = await readAll(memory(bytes.subarray(0, bytes.length - 1)));
    expect(packets).toHaveLength(9);
    expect(capture.warnings).toMatchObject([{ kind: 'cut' }]);
  });

  it('finds the blocks behind garbage, also across seams of the window', async () => {
    const all = blocks(20);
    const garbage = Buffer.alloc(3_000_001, 0xee);
    const { packets, capture } = await readAll(memory(NG_HEAD, ...all.slice(0, 10), garbage, ...all.slice(10)));
    expect(packets).toHaveLength(20);
    expect(capture.warnings.map(({ kind }) => kind)).toEqual(['block', 'skipped']);
  });

  it('passes over a packet that is longer than its block', async () => {
    const all = blocks(3);
    (all[1] as Buffer).writeUInt32LE(5000, 20);
    const { packets } = await readAll(memory(NG_HEAD, ...all));
    expect(packets).toHaveLength(2);
  });

  it('says that a file ends within a long block', async () => {
    const { capture } = await readAll(memory(NG_HEAD, words(true, 0x0bad, 900_000, 1, 2, 3)));
    expect(capture.warnings).toMatchObject([{ kind: 'cut', text: '899980 bytes are missing' }]);
  });
});

describe('any bytes', () => {
  const heads = [
    HEAD,
    pcapHead(false, 0xa1b23c4d),
    pcapHead(true, 0xa1b2cd34),
    NG_HEAD,
    section(false),
    Buffer.from('snoop\0\0\0\0\0\0\x02\0\0\0\x04'),
  ];

  it('are read or refused, and what is read lies within them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(Buffer.alloc(0), ...heads),
        fc.uint8Array({ maxLength: 400 }),
        async (head, bytes) => {
          try {
            const { packets } = await readAll(memory(head, bytes));
            const total = packets.reduce((sum, { hex }) => sum + hex.length / 2, 0);
            expect(total).toBeLessThanOrEqual(bytes.length);
          } catch (error) {
            expect(error).toBeInstanceOf(CaptureFileError);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it.each([
    ['pcap', Buffer.concat([HEAD, ...records(12)])],
    ['pcapng', Buffer.concat([NG_HEAD, ...blocks(12)])],
  ])('in the middle of a %s cost few packets, and every piece of it comes to an end', async (_, whole) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 60, max: whole.length - 20 }),
        fc.uint8Array({ minLength: 1, maxLength: 16 }),
        fc.integer({ min: 1, max: 500 }),
        async (at, change, piece) => {
          const bytes = Buffer.from(whole);
          bytes.set(change, at);
          async function* stream() {
            for (let from = 0; from < bytes.length; from += piece) yield bytes.subarray(from, from + piece);
          }
          const { packets } = await readAll({ name: 'stream', stream: stream() });
          // 16 bytes lie in at most two records.
          expect(packets.length).toBeGreaterThanOrEqual(9);
          expect(packets.length).toBeLessThanOrEqual(13);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
