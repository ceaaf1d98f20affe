import { describe, expect, it } from 'vitest';
import * as L from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { ends, type FlowSpec, flow, timeMs } from '../testing/records.ts';
import { Stitcher, type StitchOptions } from './stitch.ts';

const CLIENT = Uint8Array.of(192, 0, 2, 1);
const SERVER = Uint8Array.of(198, 51, 100, 7);
const SYN = 2;
const SYN_ACK = 0x12;
const TALK = 0x1b;

function there(changes: Partial<FlowSpec> = {}): FlowRecord {
  const record = flow({ packets: [10, 0], bytes: [1_000, 0], flags: [TALK, 0], ...changes });
  for (let index = 0; index < 4; index++) record.set(L.SOURCE_START_S + index, record.get(L.START_S + index));
  record.set(L.TIME_HAS, L.TIMEHAS_SOURCE_START | L.TIMEHAS_SOURCE_END);
  return record;
}

/** What the server sends. */
function back(changes: Partial<FlowSpec> = {}): FlowRecord {
  return there({
    source: SERVER,
    destination: CLIENT,
    sourcePort: 443,
    destinationPort: 51_000,
    bytes: [9_000, 0],
    ...changes,
  });
}

function stitched(records: readonly FlowRecord[], options: StitchOptions = {}) {
  const found: FlowRecord[] = [];
  const stitcher = new Stitcher((record) => {
    const copy = new FlowRecord();
    copy.words.set(record.words.subarray(record.base, record.base + L.RECORD_WORDS));
    found.push(copy);
  }, options);
  for (const record of records) stitcher.add(record);
  stitcher.flush();
  return { found, counters: stitcher.counters };
}

describe('one-way records', () => {
  it.each([
    ['the client first', [there(), back({ startMs: 1_700_000_000_300 })]],
    ['the server first', [back({ startMs: 1_700_000_000_300 }), there()]],
  ])('become one, %s, with both sides as they were told', (_name, records) => {
    const { found, counters } = stitched(records);
    expect(counters).toEqual({ joined: 1, alone: 0, evicted: 0, passed: 0 });
    const [record] = found as [FlowRecord];
    expect(ends(record)).toEqual(['192.0.2.1', '198.51.100.7']);
    expect([record.getWide(L.SOURCE_BYTES), record.getWide(L.DESTINATION_BYTES)]).toEqual([1_000, 9_000]);
    expect([record.get(L.SOURCE_PORT), record.get(L.DESTINATION_PORT), record.get(L.INITIATOR_BY)]).toEqual([
      51_000,
      443,
      L.INITIATOR_BY_PORTS,
    ]);
    expect(timeMs(record, L.START_S)).toBe(1_700_000_000_250);
    expect(record.get(L.TCP_STATUS) & 0x17).toBe(0x17);
  });

  it.each([
    [
      'a SYN and its answer, against the ports',
      there({ sourcePort: 80, destinationPort: 50_000, flags: [SYN, 0], packets: [1, 0] }),
      back({ sourcePort: 50_000, destinationPort: 80, flags: [SYN_ACK, 0], packets: [1, 0] }),
      L.INITIATOR_BY_TCP_FLAGS,
    ],
    [
      'a refused SYN',
      there({ sourcePort: 80, destinationPort: 50_000, flags: [SYN, 0] }),
      back({ sourcePort: 50_000, destinationPort: 80, flags: [0x14, 0] }),
      L.INITIATOR_BY_TCP_FLAGS,
    ],
    [
      'registered ports',
      there({ protocol: 17, sourcePort: 60_000, destinationPort: 8_080 }),
      back({ protocol: 17, sourcePort: 8_080, destinationPort: 60_000 }),
      L.INITIATOR_BY_PORTS,
    ],
    [
      'who was first',
      there({ protocol: 17, sourcePort: 60_000, destinationPort: 60_001 }),
      back({ protocol: 17, sourcePort: 60_001, destinationPort: 60_000, startMs: 1_700_000_000_251 }),
      L.INITIATOR_BY_TIME,
    ],
    [
      'nothing but the smaller address',
      there({ protocol: 17, sourcePort: 60_000, destinationPort: 60_001 }),
      back({ protocol: 17, sourcePort: 60_001, destinationPort: 60_000 }),
      L.INITIATOR_BY_ADDRESS,
    ],
  ])('are told apart by %s', (_name, one, other, by) => {
    for (const records of [
      [one, other],
      [other, one],
    ]) {
      const [record] = stitched(records).found as [FlowRecord];
      expect([ends(record)[0], record.get(L.INITIATOR_BY)]).toEqual(['192.0.2.1', by]);
    }
  });

  it('are turned when the answer alone is told', () => {
    const [record] = stitched([back({ flags: [SYN_ACK, 0], packets: [1, 0] })]).found as [FlowRecord];
    expect(ends(record)).toEqual(['192.0.2.1', '198.51.100.7']);
    expect([record.getWide(L.SOURCE_PACKETS), record.getWide(L.DESTINATION_PACKETS)]).toEqual([0, 1]);
    expect(record.get(L.TIME_HAS)).toBe(L.TIMEHAS_DESTINATION_START | L.TIMEHAS_DESTINATION_END);
  });

  it('join echoes, by request', () => {
    const ping = there({ protocol: 1, destinationPort: 0x0800 });
    const pong = back({ protocol: 1, destinationPort: 0 });
    const [record] = stitched([pong, ping]).found as [FlowRecord];
    expect([ends(record)[0], record.get(L.KEY_ICMP_TYPE), record.getWide(L.DESTINATION_BYTES)]).toEqual([
      '192.0.2.1',
      8,
      9_000,
    ]);
  });

  it('stay apart when too far from each other, of other ports, or of other exporters', () => {
    expect(stitched([there(), back({ startMs: 1_700_000_060_000 })]).counters.joined).toBe(0);
    expect(stitched([there(), back({ sourcePort: 444 })]).counters.joined).toBe(0);
    const other = back();
    other.set(L.SOURCE_ID, 7);
    expect(stitched([there(), other]).counters.joined).toBe(0);
  });

  it('go on alone after a while, by the clock handed in', () => {
    const found: string[] = [];
    const stitcher = new Stitcher((record) => found.push(ends(record)[0]), { waitMs: 1_000 });
    stitcher.advance(50_000);
    stitcher.add(there());
    stitcher.advance(50_999);
    expect(found).toEqual([]);
    stitcher.advance(51_000);
    expect([found, stitcher.waiting, stitcher.counters.alone]).toEqual([['192.0.2.1'], 0, 1]);
  });

  it('push out the oldest when there are too many, and lose none', () => {
    const records = Array.from({ length: 500 }, (_, index) => there({ sourcePort: 40_000 + index }));
    const { found, counters } = stitched(records, { capacity: 64 });
    expect([found.length, counters.alone, counters.evicted]).toEqual([500, 500, 436]);
  });

  it('of a flood of one key cost no more than others', () => {
    let count = 0;
    const stitcher = new Stitcher(() => count++);
    const record = there();
    const started = performance.now();
    for (let index = 0; index < 50_000; index++) stitcher.add(record);
    stitcher.flush();
    expect(count).toBe(50_000);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe('records of both directions', () => {
  it('pass as they are', () => {
    const { counters } = stitched([flow()]);
    expect(counters.passed).toBe(1);
  });
});
