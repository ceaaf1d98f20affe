import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as layout from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { readAsRa } from '../record/reading.ts';
import { UTC } from '../text/zone.ts';
import { BinEdges, binRule } from '../time/bins.ts';
import { Aggregator } from './aggregator.ts';
import { RecordCutter } from './cut.ts';
import { keySpec } from './keys.ts';
import { orderOf } from './order.ts';

interface Flow {
  readonly start: number;
  readonly seconds: number;
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly hosts: readonly [number, number];
}

const flows = fc.record({
  start: fc.integer({ min: 1_700_000_000, max: 1_700_000_100 }),
  seconds: fc.integer({ min: 0, max: 90 }),
  packets: fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 })),
  bytes: fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e6 })),
  hosts: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
});

function recordOf({ start, seconds, packets, bytes, hosts }: Flow): FlowRecord {
  const record = new FlowRecord();
  record.set(layout.KIND, layout.KIND_FLOW);
  record.set(layout.HAS, layout.HAS_FLOW | layout.HAS_METRIC | layout.HAS_TIME);
  record.set(layout.FLOW_TYPE, layout.FLOW_IPV4);
  record.set(layout.PROTOCOL, 17);
  record.bytes.set([10, 0, 0, hosts[0]], layout.SOURCE_ADDRESS * 4);
  record.bytes.set([10, 0, 0, hosts[1]], layout.DESTINATION_ADDRESS * 4);
  record.set(layout.SOURCE_PORT, 53);
  record.set(layout.DESTINATION_PORT, 53);
  record.setWide(layout.SOURCE_PACKETS, packets[0]);
  record.setWide(layout.DESTINATION_PACKETS, packets[1]);
  record.setWide(layout.SOURCE_BYTES, packets[0] > 0 ? bytes[0] : 0);
  record.setWide(layout.DESTINATION_BYTES, packets[1] > 0 ? bytes[1] : 0);
  for (const word of [layout.START_S, layout.SOURCE_START_S, layout.DESTINATION_START_S]) {
    record.set(word, start);
    record.set(word + 2, start + seconds);
  }
  record.set(layout.TIME_HAS, 0xf);
  readAsRa(record);
  return record;
}

const COUNTERS = [layout.SOURCE_PACKETS, layout.DESTINATION_PACKETS, layout.SOURCE_BYTES, layout.DESTINATION_BYTES];
const counters = (record: FlowRecord): number[] => COUNTERS.map((word) => record.getWide(word));
const sum = (lists: readonly number[][]): number[] =>
  lists.reduce((total, list) => total.map((value, at) => value + (list[at] as number)), [0, 0, 0, 0]);

describe('orderOf', () => {
  it('is the order of a stable sort', () => {
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.constantFrom(0, 1, -1, 2 ** 40, 0.5));
    const rows = fc.array(fc.tuple(value, value), { maxLength: 200 });
    fc.assert(
      fc.property(rows, (list) => {
        const columns = [0, 1].map((at) => Float64Array.from(list, (row) => (row[at as 0 | 1] as number) + 0));
        const expected = list
          .map((_, row) => row)
          .sort((one, other) => {
            for (const column of columns) {
              const [a, b] = [column[one] as number, column[other] as number];
              if (a !== b) return a < b ? -1 : 1;
            }
            return one - other;
          });
        expect([...orderOf(columns, list.length)]).toEqual(expected);
      }),
    );
  });
});

describe('RecordCutter', () => {
  it('shares what was counted, and loses nothing', () => {
    for (const words of [
      ['time', '10s'],
      ['time', '7s'],
      ['time', '10s', 'hard'],
      ['time', '10s', 'nomodify'],
    ]) {
      const rule = binRule(words)?.rule;
      if (rule === undefined) throw new Error('no rule');
      const edges = new BinEdges(rule, UTC);
      const cutter = new RecordCutter(edges, rule);
      fc.assert(
        fc.property(flows, (flow) => {
          const record = recordOf(flow);
          const whole = counters(record);
          const pieces: number[][] = [];
          cutter.cut(record, (piece, bin) => {
            expect(edges.startOf(bin)).toBe(bin);
            pieces.push(counters(piece));
          });
          if (flow.packets[0] + flow.packets[1] > 0) expect(sum(pieces)).toEqual(whole);
          else expect(pieces).toEqual([]);
        }),
      );
    }
  });
});

describe('Aggregator', () => {
  it('keeps the sums, whatever the key', () => {
    for (const masks of [[], ['saddr'], ['matrix'], ['none'], ['saddr/30', 'daddr'], ['proto', 'sport']]) {
      fc.assert(
        fc.property(fc.array(flows, { maxLength: 40 }), (list) => {
          const aggregator = new Aggregator({ spec: keySpec(masks), tryReverse: true });
          const before: number[][] = [];
          for (const flow of list) {
            const record = recordOf(flow);
            before.push(counters(record));
            aggregator.add(record);
          }
          const after: number[][] = [];
          for (const record of aggregator.records()) after.push(counters(record));
          const both = ([a = 0, b = 0, c = 0, d = 0]: number[]): number[] => [a + b, c + d];
          expect(both(sum(after))).toEqual(both(sum(before)));
          if (masks[0] === 'matrix') expect(after.length).toBeLessThanOrEqual(6);
          if (masks[0] === 'none') expect(after.length).toBe(list.length);
        }),
        { numRuns: 30 },
      );
    }
  });

  it('refuses a key that is none', () => {
    expect(() => keySpec(['nosuchkey'])).toThrow(/nosuchkey/);
  });
});
