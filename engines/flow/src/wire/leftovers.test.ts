import { expect, it } from 'vitest';
import { AddressTexts } from '../archive/addresses.ts';
import { FlowColumns, type MergedFlows } from '../archive/columns.ts';
import { FlowRows } from '../archive/rows.ts';
import * as word from '../record/layout.ts';
import { FlowRecord } from '../record/record.ts';
import { Leftovers, MAX_SINGLE, MAX_SUMS } from './leftovers.ts';

/** A SYN that nobody answered. */
function syn(source: number, destination: number, port = 80): FlowRecord {
  const record = new FlowRecord();
  record.set(word.KIND, word.KIND_FLOW);
  record.set(word.CAUSE, word.CAUSE_START);
  record.set(word.HAS, word.HAS_FLOW | word.HAS_TIME | word.HAS_METRIC | word.HAS_NETWORK);
  record.set(word.FLOW_TYPE, word.FLOW_IPV4);
  record.set(word.PROTOCOL, 6);
  record.set(word.SOURCE_ADDRESS, source);
  record.set(word.DESTINATION_ADDRESS, destination);
  record.set(word.DESTINATION_PORT, port);
  record.set(word.START_S, 1_700_000_000);
  record.set(word.END_S, 1_700_000_001);
  record.set(word.SOURCE_PACKETS, 1);
  record.set(word.SOURCE_BYTES, 60);
  record.set(word.NET_KIND, word.NET_TCP_FIRST);
  record.set(word.TCP_STATUS, 1);
  return record;
}

function sums(leftovers: Leftovers): MergedFlows[] {
  const found: MergedFlows[] = [];
  leftovers.turn((sum) => found.push(sum));
  return found;
}

it('keeps the first ones of a turn one by one, and sums the rest up exactly', () => {
  const leftovers = new Leftovers(new AddressTexts());
  const kept = Array.from({ length: 50_000 }, (_, n) => leftovers.take(syn(n, 7))).filter((merged) => !merged).length;
  expect(kept).toBe(MAX_SINGLE);
  expect(leftovers.merged).toBe(48_000);
  expect(sums(leftovers)).toEqual([
    {
      flows: 48_000,
      startUs: 1_700_000_000e6,
      endUs: 1_700_000_001e6,
      protocol: 6,
      source: undefined,
      destination: 7,
      destinationPort: 80,
      packetsOut: 48_000,
      packetsIn: 0,
      bytesOut: 48_000 * 60,
      bytesIn: 0,
      state: 'REQ',
    },
  ]);
  expect(leftovers.take(syn(1, 7))).toBe(false);
});

it('names the source of a scan, whose destinations are too many, and is bounded in any case', () => {
  const leftovers = new Leftovers(new AddressTexts());
  const total = MAX_SINGLE + 20_000;
  for (let n = 0; n < total; n++) leftovers.take(syn(9, n));
  const scan = sums(leftovers);
  expect(scan).toHaveLength(MAX_SUMS + 1);
  expect(scan.at(-1)).toMatchObject({ source: 9, destination: undefined, flows: 20_000 - MAX_SUMS });
  for (let n = 0; n < total; n++) leftovers.take(syn(n, n, n & 0xffff));
  const all = sums(leftovers);
  expect(all).toHaveLength(2 * MAX_SUMS + 1);
  expect(all.reduce((flows, sum) => flows + sum.flows, 0)).toBe(20_000);
});

it('leaves conversations alone', () => {
  const leftovers = new Leftovers(new AddressTexts());
  for (let n = 0; n < MAX_SINGLE; n++) leftovers.take(syn(n, 1));
  const connected = syn(1, 2);
  connected.set(word.TCP_STATUS, 7);
  const long = syn(1, 2);
  long.set(word.SOURCE_PACKETS, 3);
  const answered = syn(1, 2);
  answered.set(word.PROTOCOL, 17);
  answered.set(word.DESTINATION_PACKETS, 1);
  const management = syn(1, 2);
  management.set(word.KIND, word.KIND_MANAGEMENT);
  expect([connected, long, answered, management].map((record) => leftovers.take(record))).toEqual(Array(4).fill(false));
  expect(leftovers.take(syn(1, 2))).toBe(true);
});

it('becomes a row with what its flows have in common', () => {
  const addresses = new AddressTexts();
  const columns = new FlowColumns('eth0', 10, addresses);
  const leftovers = new Leftovers(addresses);
  for (let n = 0; n < MAX_SINGLE + 10; n++) leftovers.take(syn(n, 0x0200000a));
  leftovers.turn((sum) => columns.addMerged(sum));
  columns.add(syn(0x0100000a, 0x0200000a));
  const rows = columns.take();
  expect(rows?.rows).toBe(2);
  expect(rows?.columns['flow.merged']).toEqual({ values: Uint32Array.of(10, 0), present: Uint8Array.of(1, 0) });
  expect(rows?.columns['src_endpoint.ip']).toEqual({ values: [null, '10.0.0.1'], codes: Uint32Array.of(0, 1) });
  expect(rows?.columns['dst_endpoint.ip']).toEqual({ values: [null, '10.0.0.2'], codes: Uint32Array.of(1, 1) });
  const read = new FlowRows(rows!);
  expect(read.at(0)).toBeUndefined();
  expect(read.at(1)).toMatchObject({ source: '10.0.0.1', destination: '10.0.0.2', destinationPort: 80, bytesOut: 60 });
  expect(columns.take()).toBeUndefined();
});
