import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExporterState } from '../../netflow/language/exporter.ts';
import { join, u8, u16, u32, u64 } from '../../netflow/testing/messages.ts';
import { temporaryFolder } from '../../netflow/testing/peers.ts';
import { ends } from '../../netflow/testing/records.ts';
import * as L from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { SflowDecoder } from './datagram.ts';
import type { InterfaceCounters } from './interface-counters.ts';

const NOW_MS = 1_700_000_000_500;

function tagged(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const body = join(...parts);
  const padded = join(body, new Uint8Array((4 - (body.length % 4)) % 4));
  return join(u32(tag, padded.length), padded);
}

function datagram(told: { sequence?: number; subAgent?: number }, ...samples: Uint8Array[]): Uint8Array {
  const { sequence = 1, subAgent = 0 } = told;
  return join(u32(5, 1), u8(203, 0, 113, 9), u32(subAgent, sequence, 60_000, samples.length), ...samples);
}

/** TCP SYN from 192.0.2.1:51000 to 198.51.100.7:443 in VLAN 12, 70 bytes, of which all are sampled. */
const FRAME = join(
  u8(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1),
  u16(0x8100, 12, 0x0800),
  u8(0x45, 0x10),
  u16(52, 7, 0),
  u8(64, 6),
  u16(0),
  u8(192, 0, 2, 1, 198, 51, 100, 7),
  u16(51_000, 443),
  u32(1, 0),
  u8(0x80, 2),
  u16(1000, 0, 0),
  u8(2, 4, 5, 180, 1, 3, 3, 7, 1, 1, 4, 2),
);

function header(frame: Uint8Array, frameBytes = 1504, protocol = 1): Uint8Array {
  return tagged(1, u32(protocol, frameBytes, 4, frame.length), frame);
}

function sample(told: { rate?: number; drops?: number }, ...records: Uint8Array[]): Uint8Array {
  const { rate = 512, drops = 0 } = told;
  return tagged(1, u32(1, 3, rate, 10_000, drops, 3, 5, records.length), ...records);
}

function expanded(...records: Uint8Array[]): Uint8Array {
  return tagged(3, u32(1, 0, 3, 100, 10_000, 0, 0, 70_000, 0, 80_000, records.length), ...records);
}

function decode(
  datagrams: readonly Uint8Array[],
  exporter = new ExporterState(),
  onCounters?: (counters: InterfaceCounters) => void,
) {
  const decoder = new SflowDecoder(onCounters === undefined ? {} : { onCounters });
  const found: FlowRecord[] = [];
  for (const each of datagrams) {
    decoder.decode(each, exporter, NOW_MS, (record) => {
      const copy = new FlowRecord();
      copy.words.set(record.words.subarray(record.base, record.base + L.RECORD_WORDS));
      found.push(copy);
    });
  }
  return found;
}

const GATEWAY = tagged(
  1003,
  u32(1),
  u8(203, 0, 113, 1),
  u32(64_500, 64_501, 64_502, 2, 2, 2, 64_510, 64_511, 1, 1, 64_512, 0, 100),
);
const ROUTER = tagged(1002, u32(1), u8(203, 0, 113, 1), u32(24, 16));
const SWITCH = tagged(1001, u32(100, 0, 200, 0));

describe('flow samples', () => {
  it('are records of one packet, multiplied by the rate', () => {
    const [record] = decode([datagram({ subAgent: 4 }, sample({}, header(FRAME)))]) as [FlowRecord];
    expect(ends(record)).toEqual(['192.0.2.1', '198.51.100.7']);
    expect([record.get(L.PROTOCOL), record.get(L.SOURCE_PORT), record.get(L.DESTINATION_PORT)]).toEqual([
      6, 51_000, 443,
    ]);
    expect([record.getWide(L.SOURCE_PACKETS), record.getWide(L.SOURCE_BYTES)]).toEqual([512, 1500 * 512]);
    expect([
      record.get(L.TCP_SOURCE + L.SIDE_FLAGS),
      record.get(L.TCP_STATUS),
      record.get(L.SOURCE_TTL),
      record.get(L.SOURCE_TOS),
    ]).toEqual([2, 1, 64, 16]);
    expect([record.get(L.SOURCE_VLAN), record.get(L.INPUT_INTERFACE), record.get(L.OUTPUT_INTERFACE)]).toEqual([
      12, 3, 5,
    ]);
    expect([
      record.get(L.START_S),
      record.get(L.START_NS),
      record.get(L.EXPORT_DOMAIN),
      record.get(L.SAMPLING_RATE),
    ]).toEqual([1_700_000_000, 5e8, 4, 512]);
    expect([...record.bytes.subarray(L.SOURCE_ID * 4, L.SOURCE_ID * 4 + 4)]).toEqual([203, 0, 113, 9]);
  });

  it('of the expanded form, with what switch, router and gateway say', () => {
    const [record] = decode([datagram({}, expanded(header(FRAME), SWITCH, ROUTER, GATEWAY))]) as [FlowRecord];
    expect([record.get(L.INPUT_INTERFACE), record.get(L.OUTPUT_INTERFACE), record.get(L.SAMPLING_RATE)]).toEqual([
      70_000, 80_000, 100,
    ]);
    expect([record.get(L.SOURCE_VLAN), record.get(L.DESTINATION_VLAN)]).toEqual([100, 200]);
    expect([record.get(L.SOURCE_MASK), record.get(L.DESTINATION_MASK)]).toEqual([24, 16]);
    expect([record.get(L.SOURCE_ASN), record.get(L.DESTINATION_ASN)]).toEqual([64_501, 64_512]);
    expect([...record.bytes.subarray(L.NEXT_HOP * 4, L.NEXT_HOP * 4 + 4)]).toEqual([203, 0, 113, 1]);
  });

  it('without a header, of fields', () => {
    const ipv4 = tagged(3, u32(90, 17), u8(192, 0, 2, 1, 198, 51, 100, 7), u32(5353, 53, 0, 0));
    const ipv6 = tagged(4, u32(110, 17), new Uint8Array(16).fill(32), new Uint8Array(16).fill(33), u32(9, 53, 0, 8));
    const [one, other] = decode([datagram({}, sample({ rate: 2 }, ipv4), sample({ rate: 2 }, ipv6))]) as [
      FlowRecord,
      FlowRecord,
    ];
    expect([...ends(one), one.getWide(L.SOURCE_BYTES), one.get(L.DESTINATION_PORT)]).toEqual([
      '192.0.2.1',
      '198.51.100.7',
      180,
      53,
    ]);
    expect([other.get(L.FLOW_TYPE), other.getWide(L.SOURCE_BYTES), other.get(L.SOURCE_TOS)]).toEqual([
      L.FLOW_IPV6,
      220,
      8,
    ]);
  });

  it('count drops by data source, sequence gaps by sub-agent, and what nobody can read', () => {
    const exporter = new ExporterState();
    decode(
      [
        datagram({ sequence: 1 }, sample({ drops: 10 }, header(FRAME))),
        datagram({ sequence: 2 }, sample({ drops: 15 }, header(FRAME, 100, 99))),
        datagram({ sequence: 5 }, sample({ drops: 16 }, header(FRAME))),
        datagram({ sequence: 9, subAgent: 1 }, tagged(77, u32(1))),
      ],
      exporter,
    );
    expect(exporter.counters).toMatchObject({
      exporterDrops: 6,
      sequenceGaps: 1,
      sequenceLost: 2,
      records: 2,
      unsupported: 2,
      malformed: 0,
    });
  });
});

const COUNTERS = tagged(
  2,
  u32(1, 3, 1),
  tagged(
    1,
    u32(3, 6),
    u64(10_000_000_000),
    u32(1, 3),
    u64(5_000),
    u32(11, 12, 13, 14, 15, 16),
    u64(6_000),
    u32(21, 22, 23, 24, 25, 26),
  ),
);

describe('counter samples', () => {
  it('are readings of interfaces', () => {
    const found: InterfaceCounters[] = [];
    decode([datagram({}, COUNTERS)], new ExporterState(), (counters) => found.push(counters));
    expect(found).toMatchObject([
      {
        interface: 3,
        speedBps: 1e10,
        inBytes: 5_000,
        inPackets: 11,
        inErrors: 15,
        outBytes: 6_000,
        outErrors: 25,
        timeMs: NOW_MS,
      },
    ]);
  });
});

const hasTshark = spawnSync('sh', ['-c', 'command -v tshark text2pcap']).status === 0;

describe(`tshark${hasTshark ? '' : ' (skipped: not here)'}`, { skip: !hasTshark }, () => {
  it('takes the datagrams of these tests for what they are', () => {
    const { path, remove } = temporaryFolder();
    const bytes = [...datagram({}, expanded(header(FRAME), SWITCH, ROUTER, GATEWAY), COUNTERS)];
    writeFileSync(joinPath(path, 'hex'), `0000 ${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}\n`);
    execFileSync('text2pcap', ['-q', '-u', '40000,6343', joinPath(path, 'hex'), joinPath(path, 'pcap')], {
      stdio: 'ignore',
    });
    const fields = ['ip.src', 'tcp.dstport', 'sflow_245.numsamples', 'sflow_245.as', '_ws.malformed'];
    const text = execFileSync(
      'tshark',
      ['-r', joinPath(path, 'pcap'), '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    remove();
    const cells = text.toString().trimEnd().split('\t');
    expect(cells[0]).toContain('192.0.2.1');
    expect([cells[1], cells[2], cells[4] ?? '']).toEqual(['443', '2', '']);
  });
});

describe('hostile bytes', () => {
  it('never throw', () => {
    const seeds = [
      datagram({}, sample({}, header(FRAME))),
      datagram({}, expanded(header(FRAME), SWITCH, ROUTER, GATEWAY), COUNTERS),
    ];
    const decoder = new SflowDecoder({ onCounters: () => {} });
    const exporter = new ExporterState();
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        fc.nat(40),
        (seed, changes, cut) => {
          const bytes = seed.slice(0, seed.length - cut);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          decoder.decode(bytes, exporter, NOW_MS, () => {});
        },
      ),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        decoder.decode(join(u32(5, 1), bytes), exporter, NOW_MS, () => {});
      }),
      { numRuns: 2000 },
    );
  });
});
