/** Flow records for tests: made by hand, by fast-check, and compared as text. */
import { addressText } from '@undercroft/packet';
import fc from 'fast-check';
import * as L from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { setTcpStatus } from '../language/tcp-status.ts';

export interface FlowSpec {
  readonly version: 4 | 6;
  readonly protocol: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly flags: readonly [number, number];
  readonly tos: readonly [number, number];
}

export function makeRecord(spec: FlowSpec): FlowRecord {
  const record = new FlowRecord();
  record.set(L.KIND, L.KIND_FLOW);
  record.set(L.CAUSE, L.CAUSE_STATUS);
  record.set(L.HAS, L.HAS_FLOW | L.HAS_TIME | L.HAS_METRIC | L.HAS_IP);
  record.set(L.FLOW_TYPE, spec.version === 4 ? L.FLOW_IPV4 : L.FLOW_IPV6);
  record.set(L.PROTOCOL, spec.protocol);
  record.bytes.set(spec.source, L.SOURCE_ADDRESS * 4);
  record.bytes.set(spec.destination, L.DESTINATION_ADDRESS * 4);
  if (spec.protocol === 1 || spec.protocol === 58) {
    record.set(L.KEY_ICMP_TYPE, spec.destinationPort >>> 8);
    record.set(L.KEY_ICMP_CODE, spec.destinationPort & 0xff);
  } else {
    record.set(L.SOURCE_PORT, spec.sourcePort);
    record.set(L.DESTINATION_PORT, spec.destinationPort);
  }
  for (const [secondsWord, ms] of [
    [L.START_S, spec.startMs],
    [L.END_S, spec.startMs + spec.durationMs],
  ] as const) {
    record.set(secondsWord, Math.floor(ms / 1000));
    record.set(secondsWord + 1, (ms % 1000) * 1e6);
  }
  record.setWide(L.SOURCE_PACKETS, spec.packets[0]);
  record.setWide(L.DESTINATION_PACKETS, spec.packets[1]);
  record.setWide(L.SOURCE_BYTES, spec.bytes[0]);
  record.setWide(L.DESTINATION_BYTES, spec.bytes[1]);
  record.set(L.IP_HAS, 3);
  record.set(L.SOURCE_TOS, spec.tos[0]);
  record.set(L.DESTINATION_TOS, spec.tos[1]);
  if (spec.protocol === 6) {
    record.set(L.TCP_SOURCE + L.SIDE_FLAGS, spec.flags[0]);
    record.set(L.TCP_DESTINATION + L.SIDE_FLAGS, spec.flags[1]);
    setTcpStatus(record);
  }
  return record;
}

const DEFAULT: FlowSpec = {
  version: 4,
  protocol: 6,
  source: Uint8Array.of(192, 0, 2, 1),
  destination: Uint8Array.of(198, 51, 100, 7),
  sourcePort: 51_000,
  destinationPort: 443,
  startMs: 1_700_000_000_250,
  durationMs: 1_500,
  packets: [10, 8],
  bytes: [1_200, 9_000],
  flags: [0x1b, 0x1b],
  tos: [0, 0],
};

/** A TLS connection from 192.0.2.1 to 198.51.100.7, with some of it otherwise. */
export function flow(changes: Partial<FlowSpec> = {}): FlowRecord {
  return makeRecord({ ...DEFAULT, ...changes });
}

const counter = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 2 ** 40 }));

/** Both directions; only IPv4, and counters of 32 bits, where the format has no more. */
export function specs(isSmall = false): fc.Arbitrary<FlowSpec> {
  const value = isSmall ? fc.integer({ min: 1, max: 0xffff_ffff }) : counter;
  const byte = fc.integer({ min: 0, max: 255 });
  return fc
    .record({
      version: isSmall ? fc.constant(4 as const) : fc.constantFrom(4 as const, 6 as const),
      protocol: fc.constantFrom(6, 17, 1, 50, 132),
      sourcePort: fc.integer({ min: 0, max: 65_535 }),
      destinationPort: fc.integer({ min: 0, max: 65_535 }),
      startMs: fc.integer({ min: 1_600_000_000_000, max: 1_700_000_000_000 }),
      durationMs: fc.integer({ min: 0, max: 100_000_000 }),
      packets: fc.tuple(value, value),
      bytes: fc.tuple(value, value),
      flags: fc.tuple(byte, byte),
      tos: fc.tuple(byte, byte),
      source: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      destination: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    })
    .map((spec) => ({
      ...spec,
      protocol: spec.protocol === 1 && spec.version === 6 ? 58 : spec.protocol,
      source: address(spec.source, spec.version),
      destination: address(spec.destination, spec.version),
    }));
}

/** No address of zeroes: they say "not told". */
function address(bytes: Uint8Array, version: 4 | 6): Uint8Array {
  const found = bytes.slice(0, version === 4 ? 4 : 16);
  found[0] = 32 | ((found[0] as number) & 31);
  return found;
}

/** Milliseconds since 1970 of a pair of words. */
export function timeMs(record: FlowRecord, secondsWord: number): number {
  return record.get(secondsWord) * 1000 + Math.floor(record.get(secondsWord + 1) / 1e6);
}

export function ends(record: FlowRecord): readonly [string, string] {
  const bytes = record.get(L.FLOW_TYPE) === L.FLOW_IPV6 ? 16 : 4;
  const text = (word: number) =>
    addressText(record.bytes.slice((record.base + word) * 4, (record.base + word) * 4 + bytes));
  return [text(L.SOURCE_ADDRESS), text(L.DESTINATION_ADDRESS)];
}

/** All that every flow format tells, as one line. */
export function line(record: FlowRecord): string {
  const [source, destination] = ends(record);
  const protocol = record.get(L.PROTOCOL);
  const isIcmp = protocol === 1 || protocol === 58;
  const flags = record.get(L.TCP_SOURCE + L.SIDE_FLAGS) | record.get(L.TCP_DESTINATION + L.SIDE_FLAGS);
  return [
    protocol,
    source,
    isIcmp ? '' : record.get(L.SOURCE_PORT),
    destination,
    isIcmp ? `${record.get(L.KEY_ICMP_TYPE)}.${record.get(L.KEY_ICMP_CODE)}` : record.get(L.DESTINATION_PORT),
    record.getWide(L.SOURCE_PACKETS),
    record.getWide(L.SOURCE_BYTES),
    record.getWide(L.DESTINATION_PACKETS),
    record.getWide(L.DESTINATION_BYTES),
    timeMs(record, L.START_S),
    timeMs(record, L.END_S),
    flags & 0xff,
  ].join(',');
}
