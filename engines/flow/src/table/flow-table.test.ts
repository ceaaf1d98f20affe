import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CAUSE,
  CAUSE_START,
  CAUSE_STATUS,
  DESTINATION_BYTES,
  DESTINATION_PACKETS,
  DESTINATION_PORT,
  END_S,
  HAS_ICMP,
  ICMP_MAPPED,
  ICMP_TYPE,
  PROTOCOL,
  SOURCE_ADDRESS,
  SOURCE_BYTES,
  SOURCE_PACKETS,
  SOURCE_PORT,
  START_S,
} from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import { FlowTable } from './flow-table.ts';
import * as option from './options.ts';
import { QUIRKS_ARGUS } from './quirks.ts';
import { ARGUS_SETTINGS, type FlowTableSettings } from './settings.ts';
import { back, type Ends, icmpError, ipv4, tcp, udp, udpDatagram } from './testing/frames.ts';
import { blockOf, eachRecord, runFrames, type TimedFrame } from './testing/tables.ts';

const CLIENT = 0x0a000001;
const SERVER = 0x0a000002;
const ends: Ends = { from: CLIENT, to: SERVER };

interface Seen {
  readonly from: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly protocol: number;
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly cause: number;
  readonly seconds: readonly [number, number];
}

function sourceOf(record: FlowRecord): number {
  return Buffer.from(record.bytes.buffer).readUInt32BE((record.base + SOURCE_ADDRESS) * 4);
}

function seen(record: FlowRecord): Seen {
  return {
    from: sourceOf(record),
    fromPort: record.get(SOURCE_PORT),
    toPort: record.get(DESTINATION_PORT),
    protocol: record.get(PROTOCOL),
    packets: [record.getWide(SOURCE_PACKETS), record.getWide(DESTINATION_PACKETS)],
    bytes: [record.getWide(SOURCE_BYTES), record.getWide(DESTINATION_BYTES)],
    cause: record.get(CAUSE),
    seconds: [record.get(START_S), record.get(END_S)],
  };
}

function flowsOf(frames: readonly TimedFrame[], settings: Partial<FlowTableSettings> = {}): Seen[] {
  const found: Seen[] = [];
  runFrames(frames, settings, (record) => found.push(seen(record)));
  return found;
}

const handshake = (at: number, of: Ends = ends): TimedFrame[] => [
  { at, bytes: tcp(of, 'S', 100, 0) },
  { at: at + 0.1, bytes: tcp(back(of), 'SA', 500, 101) },
  { at: at + 0.2, bytes: tcp(of, 'A', 101, 501) },
];

describe('a flow', () => {
  it('has both ways, and the side that began as its source', () => {
    const [flow, ...others] = flowsOf(handshake(1000));
    expect(others).toEqual([]);
    expect(flow).toMatchObject({ from: CLIENT, fromPort: 40_000, toPort: 80, protocol: 6, packets: [2, 1] });
    expect(flow?.bytes).toEqual([108, 54]);
  });

  it('begins where its first packet came from', () => {
    const [flow] = flowsOf([
      { at: 1000, bytes: udp(back(ends)) },
      { at: 1000.1, bytes: udp({ ...ends, toPort: 80 }) },
    ]);
    expect(flow).toMatchObject({ packets: [1, 1], from: SERVER, fromPort: 80, toPort: 40_000 });
  });

  it('is reported each interval while it goes on, and at its end', () => {
    const frames = Array.from({ length: 12 }, (_, second) => ({ at: 1000 + second, bytes: udp(ends, 10) }));
    const flows = flowsOf(frames);
    expect(flows.map(({ packets }) => packets[0])).toEqual([5, 5, 2]);
    expect(flows.map(({ seconds }) => seconds[0])).toEqual([1000, 1005, 1010]);
    expect(flows.map(({ cause }) => cause)).toEqual([CAUSE_START, CAUSE_STATUS, CAUSE_STATUS]);
    expect(flowsOf(frames, { intervalUs: 2_000_000 }).map(({ packets }) => packets[0])).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('is one each way where that is asked for', () => {
    const flows = flowsOf(handshake(1000), { key: option.KEY_FIVE_TUPLE | option.KEY_ONE_WAY });
    expect(flows.map(({ packets }) => packets)).toEqual([
      [2, 0],
      [1, 0],
    ]);
  });

  it('takes fragments that carry no ports, and hears of ICMP errors about it', () => {
    const datagram = udpDatagram(ends, 1600);
    const first = ipv4(ends, { protocol: 17, id: 7, isMore: true }, datagram.subarray(0, 800));
    const frames: TimedFrame[] = [
      { at: 1000, bytes: first },
      { at: 1000.1, bytes: ipv4(ends, { protocol: 17, id: 7, offset: 100 }, datagram.subarray(800)) },
      { at: 1000.2, bytes: icmpError(SERVER, 3, 3, first) },
    ];
    const mapped: number[] = [];
    const found: Seen[] = [];
    runFrames(frames, {}, (record) => {
      found.push(seen(record));
      if (record.has(HAS_ICMP) && record.get(ICMP_MAPPED) & 7) mapped.push(record.get(ICMP_TYPE));
    });
    const flow = found.find(({ protocol }) => protocol === 17);
    expect(flow).toMatchObject({ fromPort: 40_000, toPort: 5_000, packets: [2, 0] });
    expect(mapped).toEqual([3]);
  });
});

describe('the table', () => {
  it('hands all records over, however many end at once', () => {
    const frames = Array.from({ length: 5_000 }, (_, index) => ({
      at: 1000,
      bytes: udp({ from: CLIENT + index, to: SERVER }),
    }));
    const sources = new Set<number>();
    const counts = runFrames(frames, {}, (record) => sources.add(sourceOf(record)));
    expect(sources.size).toBe(5_000);
    expect(counts).toMatchObject({ packets: 5_000, recordsSent: 5_000, recordsLost: 0, flows: 0, flowsMost: 5_000 });
  });

  it('lets the flood go first when it is full, and counts it', () => {
    const ordinary = Array.from({ length: 8 }, (_, index): Ends => ({ from: CLIENT + index, to: SERVER }));
    const flood = (base: number): TimedFrame[] =>
      Array.from({ length: 4_000 }, (_, index) => ({
        at: 1000 + base / 10_000 + index / 100_000,
        bytes: tcp({ from: 0x0b000000 + base + index, to: SERVER }, 'S', index, 0),
      }));
    const frames = [
      ...ordinary.flatMap((of) => handshake(999, of)),
      ...flood(0),
      ...ordinary.map((of) => ({ at: 1001, bytes: tcp(of, 'PA', 101, 501, 100) })),
      ...flood(4_000),
    ].sort((left, right) => left.at - right.at);
    const packets = new Map<number, number>();
    let all = 0;
    const counts = runFrames(frames, { maxFlows: 1_000, quirks: 0 }, (record) => {
      const from = sourceOf(record);
      const count = record.getWide(SOURCE_PACKETS) + record.getWide(DESTINATION_PACKETS);
      packets.set(from, (packets.get(from) ?? 0) + count);
      all += count;
    });
    expect(ordinary.map(({ from }) => packets.get(from))).toEqual(ordinary.map(() => 4));
    expect(counts).toMatchObject({ flowsMost: 1_000, evictedOther: 0, flowsRefused: 0, recordsLost: 0 });
    expect(counts.evictedSingle).toBe(8_000 + 8 - 1_000);
    expect(all).toBe(frames.length);
  });

  it.each([0, QUIRKS_ARGUS])('takes late packets into their flow: quirks %i', (quirks) => {
    const other: Ends = { from: CLIENT + 9, to: SERVER };
    const frames: TimedFrame[] = [
      { at: 1000, bytes: udp(ends) },
      { at: 900, bytes: udp(other) },
      { at: 1001, bytes: udp(ends) },
      { at: 999, bytes: udp(ends) },
    ];
    const flows = flowsOf(frames, { quirks });
    expect(flows.map(({ from, packets }) => [from, packets[0]])).toEqual([
      [CLIENT, 3],
      [other.from, 1],
    ]);
    expect(flows.map(({ seconds }) => seconds)).toEqual([
      [999, quirks === 0 ? 1001 : 1000],
      [900, 900],
    ]);
  });

  it('reports what is due when time goes on without packets', () => {
    const table = new FlowTable(ARGUS_SETTINGS);
    const found: Seen[] = [];
    const onRecords = eachRecord((record) => found.push(seen(record)));
    table.addBlock(blockOf([{ at: 1000, bytes: udp(ends) }]), onRecords);
    table.tick(1_003_000_000, onRecords);
    expect(found).toEqual([]);
    table.tick(1_006_000_000, onRecords);
    expect(found.map(({ packets }) => packets)).toEqual([[1, 0]]);
    table.finish(onRecords);
    expect(found.length).toBe(1);
  });

  it('reads the same of either byte order and of nanoseconds', () => {
    const block = blockOf(handshake(1000));
    const little = Buffer.from(block.bytes);
    const big = Buffer.from(little);
    for (let at = 0; at < big.length; at += 16 + little.readUInt32LE(at + 8)) {
      for (let word = at; word < at + 16; word += 4) big.writeUInt32BE(little.readUInt32LE(word), word);
      big.writeUInt32BE(little.readUInt32LE(at + 4) * 1000, at + 4);
    }
    const found = [block, { ...block, bytes: big, littleEndian: false, nanoseconds: true }].map((one) => {
      const flows: Seen[] = [];
      const onRecords = eachRecord((record) => flows.push(seen(record)));
      const table = new FlowTable(ARGUS_SETTINGS);
      table.addBlock(one, onRecords);
      table.finish(onRecords);
      return flows;
    });
    expect(found[1]).toEqual(found[0]);
  });
});

describe('any bytes', () => {
  const ETHERTYPES = [0x0800, 0x86dd, 0x0806, 0x8035, 0x8100, 0x8847, 0x8864, 0x88be, 0x0026, 0x22f3];
  const LINK_TYPES = [0, 1, 9, 12, 101, 105, 113, 119, 127, 192, 228, 229, 276];
  const PROTOCOLS = [1, 2, 4, 6, 17, 41, 44, 47, 50, 51, 58, 60, 132];

  /** Frames that get past the first checks. */
  const frame = fc
    .record({
      type: fc.constantFrom(...ETHERTYPES),
      protocol: fc.constantFrom(...PROTOCOLS),
      host: fc.integer({ min: 0, max: 2 }),
      rest: fc.uint8Array({ minLength: 0, maxLength: 120 }),
      cut: fc.integer({ min: 0, max: 160 }),
    })
    .map(({ type, protocol, host, rest, cut }) => {
      const bytes = ipv4({ from: CLIENT + host, to: SERVER }, { protocol, id: host }, rest);
      bytes.writeUInt16BE(type, 12);
      if (type === 0x86dd) bytes.set([0x60, 0, 0, 0, 0, rest.length, protocol, 64], 14);
      return bytes.subarray(0, Math.max(cut, 1));
    });

  it('end in records that count each packet once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(frame, fc.integer({ min: 0, max: 20 })), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(...LINK_TYPES),
        fc.constantFrom(0, QUIRKS_ARGUS),
        fc.constantFrom(1, 2, 4, 57, 64 | 1, 128 | 1),
        (frames, linkType, quirks, key) => {
          const timed = frames.map(([bytes, second]) => ({ at: 1000 + second, bytes, length: bytes.length + 4 }));
          let packets = 0;
          const settings = { quirks, key, generate: 0x7ff, userDataBytes: 64, maxFlows: 16 };
          const counts = runFrames(
            timed,
            settings,
            (record) => {
              packets += record.getWide(SOURCE_PACKETS) + record.getWide(DESTINATION_PACKETS);
            },
            linkType,
          );
          expect(counts.packets).toBe(frames.length);
          expect(packets).toBeLessThanOrEqual(frames.length);
          expect(counts.recordsLost + counts.flowsRefused).toBe(0);
        },
      ),
      { numRuns: 400 },
    );
  });
});
