import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as layout from '../../record/layout.ts';
import { FlowRecord, recordMemory } from '../../record/record.ts';
import { decodeOne } from '../testing/tools.ts';
import { RecordEncoder } from './encode.ts';
import { setManagement } from './encode-management.ts';

const u8 = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 65535 });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const nanos = fc.integer({ min: 0, max: 999_999 }).map((us) => us * 1000);

function words(names: Readonly<Record<number, fc.Arbitrary<number>>>): fc.Arbitrary<Map<number, number>> {
  return fc
    .tuple(...Object.entries(names).map(([word, value]) => value.map((number) => [Number(word), number] as const)))
    .map((pairs) => new Map(pairs));
}

const ipv4 = words({
  [layout.HAS]: fc.constant(layout.HAS_FLOW),
  [layout.FLOW_TYPE]: fc.constant(layout.FLOW_IPV4),
  [layout.FLOW_FLAGS]: fc.constantFrom(0, layout.FLOWFLAG_REVERSED, layout.FLOWFLAG_DIRECTION),
  [layout.PROTOCOL]: fc.constantFrom(6, 17, 47, 132),
  [layout.SOURCE_ADDRESS]: u32,
  [layout.DESTINATION_ADDRESS]: u32,
  [layout.SOURCE_PORT]: u16,
  [layout.DESTINATION_PORT]: u16,
  [layout.KEY_DETAIL]: u16,
  [layout.KEY_INNER_PROTOCOL]: u8,
});
const ipv6 = words({
  [layout.HAS]: fc.constant(layout.HAS_FLOW),
  [layout.FLOW_TYPE]: fc.constant(layout.FLOW_IPV6),
  [layout.FLOW_FLAGS]: fc.constantFrom(0, layout.FLOWFLAG_REVERSED),
  [layout.PROTOCOL]: fc.constant(6),
  ...Object.fromEntries([0, 1, 2, 3].map((word) => [layout.SOURCE_ADDRESS + word, u32])),
  ...Object.fromEntries([0, 1, 2, 3].map((word) => [layout.DESTINATION_ADDRESS + word, u32])),
  [layout.SOURCE_PORT]: u16,
  [layout.DESTINATION_PORT]: u16,
  [layout.KEY_DETAIL]: fc.integer({ min: 0, max: 0xfffff }),
});
const icmp = words({
  [layout.HAS]: fc.constant(layout.HAS_FLOW | layout.HAS_ICMP),
  [layout.FLOW_TYPE]: fc.constant(layout.FLOW_IPV4),
  [layout.PROTOCOL]: fc.constant(1),
  [layout.KEY_ICMP_TYPE]: u8,
  [layout.KEY_ICMP_CODE]: u8,
  [layout.KEY_ICMP_ID]: u16,
  [layout.KEY_ICMP_SEQUENCE]: u16,
  [layout.ICMP_MAPPED]: fc.constantFrom(1, 2, 4),
  [layout.ICMP_TYPE]: u8,
  [layout.ICMP_OUTER_SOURCE]: u32,
  [layout.ICMP_GATEWAY]: u32,
});
const ethernet = words({
  [layout.HAS]: fc.constant(layout.HAS_FLOW | layout.HAS_MAC | layout.HAS_VLAN),
  [layout.FLOW_TYPE]: fc.constant(layout.FLOW_ETHERNET),
  [layout.PROTOCOL]: u16,
  [layout.SOURCE_ADDRESS]: u32,
  [layout.SOURCE_ADDRESS + 1]: u16,
  [layout.DESTINATION_ADDRESS]: u32,
  [layout.DESTINATION_ADDRESS + 1]: u16,
  [layout.SOURCE_PORT]: u8,
  [layout.DESTINATION_PORT]: u8,
  [layout.SOURCE_MAC]: u32,
  [layout.SOURCE_MAC + 1]: u16,
  [layout.MAC_MULTIPLE]: fc.constantFrom(0, 1, 2, 3),
  [layout.VLAN_HAS]: fc.constantFrom(1, 2, 3),
  [layout.SOURCE_VLAN]: u16,
  [layout.DESTINATION_VLAN]: u16,
});
const transport = words({
  [layout.HAS]: fc.constant(layout.HAS_TRANSPORT),
  [layout.SOURCE_ID_KIND]: fc.constantFrom(0, 1, 0x20, 0x21),
  [layout.SOURCE_ID]: u32,
  [layout.SEQUENCE]: u32,
});
const times = words({
  [layout.HAS]: fc.constant(layout.HAS_TIME),
  [layout.START_S]: fc.integer({ min: 1, max: 1_000_000 }),
  [layout.START_NS]: nanos,
  [layout.END_S]: fc.integer({ min: 2_000_000, max: 0xeffffffe }),
  [layout.END_NS]: nanos,
  [layout.TIME_HAS]: fc.constant(layout.TIMEHAS_RANGE),
});
const metric = words({
  [layout.HAS]: fc.constant(layout.HAS_METRIC | layout.HAS_APP_BYTES),
  [layout.SOURCE_PACKETS]: u8,
  [layout.DESTINATION_PACKETS]: fc.constantFrom(0, 1, 200, 255),
  [layout.SOURCE_BYTES]: u32,
  [layout.SOURCE_BYTES + 1]: fc.constantFrom(0, 0, 0, 5),
  [layout.DESTINATION_BYTES]: fc.constant(0),
  [layout.SOURCE_APP_BYTES]: fc.constant(77),
});
const tcp = words({
  [layout.HAS]: fc.constant(layout.HAS_NETWORK),
  [layout.NET_KIND]: fc.constant(layout.NET_TCP),
  ...Object.fromEntries([0, 1, 2, 3, 4].map((word) => [layout.TCP_STATUS + word, u32])),
  ...Object.fromEntries(
    [layout.TCP_SOURCE, layout.TCP_DESTINATION].flatMap((side) => [
      ...Array.from({ length: 11 }, (_, word) => [side + word, u32]),
      [side + layout.SIDE_WINDOW, u16],
      [side + layout.SIDE_FLAGS, u8],
      [side + layout.SIDE_WINDOW_SHIFT, u8],
    ]),
  ),
});
const jitter = words({
  [layout.HAS]: fc.constant(layout.HAS_JITTER),
  [layout.JITTER_HAS]: fc.constant(15),
  [layout.JITTER_HAS_HISTOGRAMS]: fc.constantFrom(0, 1),
  ...Object.fromEntries(Array.from({ length: 20 }, (_, word) => [layout.JITTER_SOURCE_ACTIVE + word, u32])),
});
const attributes = words({
  [layout.HAS]: fc.constant(
    layout.HAS_IP | layout.HAS_ENCAPSULATION | layout.HAS_PACKET_SIZE | layout.HAS_MPLS | layout.HAS_COUNTRY,
  ),
  [layout.IP_HAS]: fc.constant(15),
  [layout.SOURCE_TTL]: u8,
  [layout.DESTINATION_TTL]: u8,
  [layout.SOURCE_TOS]: u8,
  [layout.SOURCE_IP_ID]: u16,
  [layout.DESTINATION_IP_ID]: u16,
  [layout.SOURCE_IP_OPTIONS]: u32,
  [layout.DESTINATION_IP_OPTIONS]: u32,
  [layout.SOURCE_ENCAPSULATION]: u32,
  [layout.ENCAPSULATION_CHANGED]: u8,
  [layout.SIZE_FORM]: fc.constantFrom(0, 5),
  [layout.SOURCE_SIZE_MIN]: u16,
  [layout.SOURCE_SIZE_MAX]: fc.integer({ min: 1, max: 65535 }),
  [layout.MPLS_HAS]: fc.constant(3),
  [layout.SOURCE_MPLS]: u32,
  [layout.DESTINATION_MPLS]: u32,
  [layout.MPLS_DEPTHS]: u8,
  [layout.SOURCE_COUNTRY]: u16,
});
const aggregate = words({
  [layout.HAS]: fc.constant(layout.HAS_AGGREGATE | layout.HAS_ASN | layout.HAS_KEYSTROKES),
  ...Object.fromEntries(Array.from({ length: 15 }, (_, word) => [layout.AGGREGATE_COUNT + word, u32])),
  [layout.SOURCE_ASN]: u32,
  [layout.DESTINATION_ASN]: u32,
  [layout.INTERMEDIATE_ASN]: u32,
  [layout.SOURCE_KEYSTROKES]: u32,
});

/** Words that point to bytes elsewhere: they differ from memory to memory. */
const POINTERS = new Set<number>([layout.SOURCE_DATA_AT, layout.DESTINATION_DATA_AT, layout.LABEL_AT, layout.EXTRA_AT]);

function recordOf(parts: readonly ReadonlyMap<number, number>[], data: Uint8Array, label: string): FlowRecord {
  const memory = recordMemory(new ArrayBuffer(layout.RECORD_BYTES + 4096));
  const record = new FlowRecord(memory);
  let has = 0;
  for (const part of parts) {
    has |= part.get(layout.HAS) ?? 0;
    for (const [word, value] of part) record.set(word, value);
  }
  record.set(layout.KIND, layout.KIND_FLOW);
  record.set(layout.CAUSE, layout.CAUSE_START);
  if (data.length > 0) {
    has |= layout.HAS_SOURCE_DATA;
    memory.bytes.set(data, layout.RECORD_BYTES);
    record.set(layout.SOURCE_DATA_AT, layout.RECORD_BYTES);
    record.set(layout.SOURCE_DATA_COUNT, data.length);
    record.set(layout.SOURCE_DATA_SIZE, 64);
  }
  if (label !== '') {
    has |= layout.HAS_LABEL;
    memory.bytes.set(Buffer.from(label), layout.RECORD_BYTES + 2048);
    record.set(layout.LABEL_AT, layout.RECORD_BYTES + 2048);
    record.set(layout.LABEL_BYTES, label.length);
  }
  record.set(layout.HAS, has);
  return record;
}

function wordsOf(record: FlowRecord): number[] {
  return Array.from({ length: layout.RECORD_WORDS }, (_, word) => (POINTERS.has(word) ? 0 : record.get(word)));
}

describe('records of the wire', () => {
  it('read again are what was written', () => {
    const parts = fc.subarray([transport, times, metric, tcp, jitter, attributes, aggregate], { minLength: 1 });
    fc.assert(
      fc.property(
        fc.tuple(fc.constantFrom(ipv4, ipv6, icmp, ethernet), parts).chain(([key, others]) => fc.tuple(key, ...others)),
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '=', ':'), maxLength: 100 }),
        (chosen, data, label) => {
          const record = recordOf(chosen, data, label);
          const again = decodeOne(new RecordEncoder().encode(record)) as FlowRecord;
          expect(wordsOf(again)).toEqual(wordsOf(record));
          const at = again.get(layout.SOURCE_DATA_AT);
          expect([...again.bytes.subarray(at, at + data.length)]).toEqual([...data]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('carries parts that it does not know, wherever they stand', () => {
    const unknown = (type: number): number[] => [type, 0, 0, 2, 1, 2, 3, type];
    const plain = [0x20, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0];
    const body = [...unknown(0x62), ...plain, ...unknown(0x68), ...unknown(0x7e), 0x30, 0, 0, 1, ...unknown(0x07)];
    const bytes = Uint8Array.from([0x13, 0x10, 0, 1 + body.length / 4, ...body]);
    const written = new RecordEncoder().encode(decodeOne(bytes) as FlowRecord);
    expect([...written.subarray(4)]).toEqual([
      0x30,
      0,
      0,
      1,
      ...plain,
      ...unknown(0x62),
      ...unknown(0x68),
      ...unknown(0x7e),
      ...unknown(0x07),
    ]);
  });

  it('any bytes are read without an error and without leaving the record', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0x13, 0x33, 0x43, 0x83, 0x15, 0x53),
        fc.array(
          fc.oneof(
            fc.uint8Array({ minLength: 4, maxLength: 64 }),
            // A head that is known, with any length and rest.
            fc
              .tuple(
                fc.constantFrom(1, 2, 3, 0x10, 0x12, 0x20, 0x30, 0x34, 0x40, 0x42, 0x44, 0x46, 0x48, 0x50, 0x60, 0x66),
                u8,
                u8,
                fc.integer({ min: 0, max: 46 }),
                fc.uint8Array({ minLength: 180, maxLength: 180 }),
              )
              .map(([type, subtype, qualifier, words, rest]) =>
                Uint8Array.from([type, subtype, qualifier, words, ...rest.subarray(0, Math.max(0, words - 1) * 4)]),
              ),
          ),
          { maxLength: 8 },
        ),
        (head, parts) => {
          const body = Buffer.concat(parts);
          const words = 1 + (body.length >> 2);
          const bytes = Buffer.concat([Uint8Array.from([head, 0x10, words >> 8, words & 255]), body]);
          const record = decodeOne(bytes.subarray(0, words * 4));
          if (record === null) return;
          const end = record.bytes.length;
          for (const [at, count] of [
            [layout.SOURCE_DATA_AT, layout.SOURCE_DATA_COUNT],
            [layout.LABEL_AT, layout.LABEL_BYTES],
            [layout.EXTRA_AT, layout.EXTRA_BYTES],
            [layout.RAW_NET_AT, layout.RAW_NET_BYTES],
          ] as const) {
            expect(record.get(at) + record.get(count)).toBeLessThanOrEqual(end);
          }
          const written = new RecordEncoder().encode(record);
          expect(written.length % 4).toBe(0);
          expect(new DataView(written.buffer, written.byteOffset).getUint16(2)).toBe(written.length / 4);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('a management record has the place of its source id where version 3 has it', () => {
    const record = new FlowRecord();
    const head = {
      idKind: 1,
      id: 0x0100007f,
      flowIntervalS: 5,
      managementIntervalS: 60,
      startUs: 1_700_000_000_000_001,
    };
    setManagement(record, layout.CAUSE_START, head, 1_700_000_001_000_002, 7);
    const bytes = Buffer.from(new RecordEncoder().encode(record));
    expect(bytes.length).toBe(128);
    expect(bytes.readUInt32BE(8)).toBe(0xe5712dcb);
    expect(bytes.readUInt32BE(4)).toBe(0x800000);
    expect([...bytes.subarray(120, 124)]).toEqual([127, 0, 0, 1]);
    expect(bytes.readUInt32BE(28)).toBe(1);
    const again = decodeOne(bytes) as FlowRecord;
    expect(wordsOf(again)).toEqual(wordsOf(record));
  });

  it('version 5 is read: nanoseconds, a UUID with an interface, the largest segment; and written as version 3', () => {
    const uuid = '5e487edeb3115e80b69f967e5e6c7a9f';
    const parts = [
      `01033207${uuid}65746830${'0000002a'}`,
      '02010105' + '0a000001' + '0a000002' + '0600' + '1234' + '0050' + '0000',
      '03021905' + '65000000' + '075bcd15' + '65000001' + '00000001',
      '30030206' + '00000001' + '00000064' + '00100000' + 'faf00207' + '05b40000',
      '43000003' + '00000001' + '00000002',
    ].join('');
    const bytes = Buffer.concat([Buffer.from([0x15, 0x10, 0, 1 + parts.length / 8]), Buffer.from(parts, 'hex')]);
    const record = decodeOne(bytes) as FlowRecord;
    expect(record.get(layout.SEQUENCE)).toBe(42);
    expect(record.get(layout.SOURCE_ID_KIND)).toBe(0x22);
    expect(record.get(layout.SOURCE_INTERFACE)).toBe(Buffer.from('eth0').readUInt32LE());
    expect(record.get(layout.START_NS)).toBe(123_456_789);
    expect(record.get(layout.TCP_SOURCE + layout.SIDE_MAX_SEGMENT)).toBe(0x05b4);
    expect(record.has(layout.HAS_TUNNEL)).toBe(true);
    const written = Buffer.from(new RecordEncoder().encode(record));
    expect(written[0]).toBe(0x13);
    const again = decodeOne(written) as FlowRecord;
    expect(again.get(layout.START_NS)).toBe(123_456_000);
    expect(again.get(layout.TCP_STATUS)).toBe(1);
    expect(again.get(layout.SOURCE_ID)).toBe(record.get(layout.SOURCE_ID));
  });
});
