import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { ipfix, join, set, specifiers, template, u8, u16, u32, u64, v9 } from '../testing/messages.ts';
import { ends, flow, line, makeRecord, specs, timeMs } from '../testing/records.ts';
import { TemplateEncoder } from './encode-templates.ts';
import { V5Encoder } from './encode-v5.ts';
import type { EncoderOptions, FlowEncoder } from './encoder.ts';
import { ExporterState } from './exporter.ts';
import { MAX_DOMAINS, MAX_HELD_BYTES, MAX_HELD_SETS, MAX_TEMPLATES } from './limits.ts';
import { NetflowDecoder } from './message.ts';
import { MessageSplitter } from './splitter.ts';

/** source, destination, bytes, packets */
const SIMPLE = [
  [8, 4],
  [12, 4],
  [1, 4],
  [2, 4],
] as const;

function simple(last: number, bytes: number, packets: number): Uint8Array {
  return join(u8(192, 0, 2, last), u8(198, 51, 100, 7), u32(bytes, packets));
}

function decode(messages: readonly Uint8Array[], exporter = new ExporterState()): FlowRecord[] {
  const decoder = new NetflowDecoder();
  const records: FlowRecord[] = [];
  for (const message of messages) decoder.decode(message, exporter, (record) => records.push(kept(record)));
  return records;
}

function kept(record: FlowRecord): FlowRecord {
  const copy = flow();
  copy.words.set(record.words.subarray(record.base, record.base + L.RECORD_WORDS));
  return copy;
}

function encoded(
  make: (deliver: (message: Uint8Array) => void) => FlowEncoder,
  records: readonly FlowRecord[],
): Uint8Array[] {
  const messages: Uint8Array[] = [];
  const encoder = make((message) => messages.push(message));
  for (const record of records) encoder.add(record);
  encoder.flush();
  return messages;
}

const OPTIONS: EncoderOptions = { maxBytes: 1400, domain: 3, nowMs: () => 1_700_100_000_000 };

describe('templates of NetFlow 9', () => {
  it('holds data back until its template comes', () => {
    const exporter = new ExporterState();
    const early = v9({ sequence: 1 }, set(300, simple(1, 100, 2), simple(2, 200, 3)));
    expect(decode([early], exporter)).toHaveLength(0);
    expect(exporter.counters).toMatchObject({ unknownTemplateSets: 1, records: 0 });
    const late = v9({ sequence: 2, exportS: 1_700_000_060 }, set(0, template(300, ...SIMPLE)));
    const records = decode([late], exporter);
    expect(records.map((record) => [ends(record)[0], record.getWide(L.SOURCE_BYTES)])).toEqual([
      ['192.0.2.1', 100],
      ['192.0.2.2', 200],
    ]);
    // Times are those of the message that brought the data.
    expect(timeMs(records[0] as FlowRecord, L.START_S)).toBe(1_700_000_000_000);
    expect(exporter.counters).toMatchObject({ heldSetsReplayed: 1, heldSetsDropped: 0, sequenceGaps: 0 });
  });

  it('takes a template that changes', () => {
    const records = decode([
      v9({ sequence: 1 }, set(0, template(300, ...SIMPLE)), set(300, simple(1, 100, 2))),
      v9({ sequence: 2 }, set(0, template(300, [12, 4], [8, 4])), set(300, u8(198, 51, 100, 7, 192, 0, 2, 9))),
    ]);
    expect(records.map((record) => ends(record)[0])).toEqual(['192.0.2.1', '192.0.2.9']);
  });

  it('keeps templates of source ids apart', () => {
    const exporter = new ExporterState();
    decode(
      [v9({ domain: 1 }, set(0, template(300, ...SIMPLE))), v9({ domain: 2 }, set(300, simple(1, 1, 1)))],
      exporter,
    );
    expect(exporter.counters).toMatchObject({ unknownTemplateSets: 1, records: 0 });
  });

  it('reads sampling from options and multiplies', () => {
    const options = join(
      u16(301, 4, 8),
      specifiers([
        [1, 4],
        [34, 4],
        [35, 1],
      ]),
      u8(0, 0),
    );
    const messages = [
      v9({ sequence: 1 }, set(1, options), set(301, u32(0), u32(100), u8(2), u8(0, 0, 0))),
      v9({ sequence: 2 }, set(0, template(300, ...SIMPLE)), set(300, simple(1, 60, 2))),
    ];
    const [scaled] = decode(messages);
    expect([scaled?.getWide(L.SOURCE_BYTES), scaled?.getWide(L.SOURCE_PACKETS), scaled?.get(L.SAMPLING_RATE)]).toEqual([
      6000, 200, 100,
    ]);
    const [raw] = decode(messages, new ExporterState({ scaleBySampling: false }));
    expect([raw?.getWide(L.SOURCE_BYTES), raw?.get(L.SAMPLING_RATE)]).toEqual([60, 100]);
  });

  it('places uptimes around the export, over the wrap of 32 bits', () => {
    const times = template(300, [8, 4], [22, 4], [21, 4]);
    const at = (uptimeMs: number, first: number, last: number) =>
      decode([v9({ uptimeMs }, set(0, times), set(300, u8(192, 0, 2, 1), u32(first, last)))]).map((record) => [
        timeMs(record, L.START_S) - 1_700_000_000_000,
        timeMs(record, L.END_S) - 1_700_000_000_000,
      ]);
    expect(at(10_000, 4_000, 9_500)).toEqual([[-6_000, -500]]);
    expect(at(1_000, 0xffff_ffff - 999, 500)).toEqual([[-2_000, -500]]);
    expect(at(1_000, 500, 1_200)).toEqual([[-500, 200]]);
    expect(at(4_000_000_000, 0, 3_999_999_000)).toEqual([[-4_000_000_000, -1_000]]);
  });
});

describe('IPFIX', () => {
  it('reads fields of variable length, of enterprises and structured data past them', () => {
    const fields = template(400, [8, 4], [82, 65_535], [1234, 3, 9], [292, 65_535], [4, 1], [12, 4]);
    const long = new Uint8Array(300).fill(65);
    const record = join(
      u8(192, 0, 2, 1),
      u8(255),
      u16(300),
      long,
      u8(1, 2, 3),
      u8(5, 3, 1, 2, 3, 4),
      u8(17),
      u8(9, 9, 9, 9),
    );
    const short = join(u8(192, 0, 2, 2), u8(0), u8(1, 2, 3), u8(0), u8(6), u8(8, 8, 8, 8));
    const records = decode([ipfix({}, set(2, fields), set(400, record, short))]);
    expect(records.map((each) => [...ends(each), each.get(L.PROTOCOL)])).toEqual([
      ['192.0.2.1', '9.9.9.9', 17],
      ['192.0.2.2', '8.8.8.8', 6],
    ]);
  });

  it('reads biflows', () => {
    const fields = template(
      400,
      [8, 4],
      [12, 4],
      [1, 8],
      [2, 4],
      [1, 8, 29_305],
      [2, 4, 29_305],
      [152, 8, 29_305],
      [152, 8],
    );
    const record = join(
      simple(1, 0, 0).subarray(0, 8),
      u64(700),
      u32(7),
      u64(900),
      u32(9),
      u64(1_700_000_001_000),
      u64(1_700_000_000_500),
    );
    const [found] = decode([ipfix({}, set(2, fields), set(400, record))]);
    expect(
      [L.SOURCE_BYTES, L.SOURCE_PACKETS, L.DESTINATION_BYTES, L.DESTINATION_PACKETS].map((word) =>
        found?.getWide(word),
      ),
    ).toEqual([700, 7, 900, 9]);
    expect(found?.get(L.TIME_HAS)).toBe(15);
    expect([timeMs(found!, L.SOURCE_START_S), timeMs(found!, L.DESTINATION_START_S)]).toEqual([
      1_700_000_000_500, 1_700_000_001_000,
    ]);
  });

  it.each([
    ['seconds', [150, 4], u32(1_700_000_000), 1_700_000_000_000, 0],
    ['milliseconds', [152, 8], u64(1_700_000_000_123), 1_700_000_000_123, 0],
    ['microseconds', [154, 8], join(u32(1_700_000_000 + 2_208_988_800), u32(0x8000_0000)), 1_700_000_000_500, 0],
    ['nanoseconds', [156, 8], join(u32(1_700_000_000 + 2_208_988_800), u32(0x4000_0004)), 1_700_000_000_250, 1],
    ['microseconds before the export', [158, 4], u32(2_500_000), 1_699_999_997_500, 0],
  ] as const)('reads %s', (_name, field, bytes, ms, ns) => {
    const [found] = decode([ipfix({}, set(2, template(400, [8, 4], field)), set(400, u8(192, 0, 2, 1), bytes))]);
    expect([timeMs(found!, L.START_S), found!.get(L.START_NS) % 1e6]).toEqual([ms, ns]);
  });

  it('takes the start of the exporter from its options for uptimes', () => {
    const options = join(
      u16(401, 2, 1),
      specifiers([
        [144, 4],
        [160, 8],
      ]),
    );
    const [found] = decode([
      ipfix({}, set(3, options), set(401, u32(1), u64(1_699_999_000_000))),
      ipfix(
        { sequence: 1 },
        set(2, template(400, [8, 4], [22, 4], [21, 4])),
        set(400, u8(192, 0, 2, 1), u32(5_000, 6_000)),
      ),
    ]);
    expect([timeMs(found!, L.START_S), timeMs(found!, L.END_S)]).toEqual([1_699_999_005_000, 1_699_999_006_000]);
  });

  it('scales by one sampled of many, by selector', () => {
    const options = join(
      u16(401, 3, 1),
      specifiers([
        [302, 2],
        [305, 4],
        [306, 4],
      ]),
    );
    const [found] = decode([
      ipfix({}, set(3, options), set(401, u16(7), u32(1), u32(99))),
      ipfix(
        { sequence: 1 },
        set(2, template(400, [8, 4], [302, 2], [2, 4])),
        set(400, u8(192, 0, 2, 1), u16(7), u32(3)),
      ),
    ]);
    expect(found?.getWide(L.SOURCE_PACKETS)).toBe(300);
  });

  it('withdraws a template, and all of them', () => {
    const exporter = new ExporterState();
    const data = set(400, simple(1, 1, 1));
    decode([ipfix({}, set(2, template(400, ...SIMPLE)), data, set(2, u16(400, 0)), data)], exporter);
    expect(exporter.counters).toMatchObject({ records: 1, unknownTemplateSets: 1, templateWithdrawals: 1 });
    decode(
      [ipfix({}, set(2, template(400, ...SIMPLE), template(401, ...SIMPLE))), ipfix({}, set(2, u16(2, 0)))],
      exporter,
    );
    expect(exporter.counters.templateWithdrawals).toBe(3);
  });
});

describe('sequence numbers', () => {
  const data = (sequence: number, records: number) =>
    ipfix({ sequence }, set(400, ...Array.from({ length: records }, (_, index) => simple(index, 1, 1))));
  const start = ipfix({ sequence: 0 }, set(2, template(400, ...SIMPLE)));

  it.each([
    ['no loss', [data(0, 3), data(3, 2), data(5, 1)], { sequenceGaps: 0, sequenceLost: 0 }],
    ['lost records', [data(0, 3), data(10, 2), data(12, 1)], { sequenceGaps: 1, sequenceLost: 7 }],
    [
      'a late message',
      [data(0, 3), data(5, 2), data(3, 2), data(7, 1)],
      { sequenceGaps: 1, sequenceLost: 2, reordered: 1 },
    ],
    ['a restart', [data(0, 3), data(3, 5), data(0, 2), data(2, 2)], { sequenceGaps: 0, restarts: 1 }],
    ['an absurd step', [data(0, 3), data(2_000_000_000, 1), data(2_000_000_001, 1)], { sequenceLost: 0, restarts: 1 }],
  ])('%s', (_name, messages, expected) => {
    const exporter = new ExporterState();
    decode([start, ...messages], exporter);
    expect(exporter.counters).toMatchObject(expected);
  });

  it('wraps', () => {
    const exporter = new ExporterState();
    const beforeWrap = ipfix({ sequence: 0xffff_fffe }, set(2, template(400, ...SIMPLE)));
    decode([beforeWrap, data(0xffff_fffe, 3), data(1, 1)], exporter);
    expect(exporter.counters.sequenceGaps).toBe(0);
  });
});

describe('bounds', () => {
  it('forgets templates of a flood', () => {
    const exporter = new ExporterState();
    const flood = Array.from({ length: 20_000 }, (_, index) =>
      v9({ sequence: index }, set(0, template(256 + (index % 60_000), ...SIMPLE, [1000 + (index % 50), 4]))),
    );
    decode(flood, exporter);
    const [domain] = exporter.domains;
    expect(domain?.templates.size).toBe(MAX_TEMPLATES);
    expect(exporter.counters.evicted).toBe(20_000 - MAX_TEMPLATES);
  });

  it('forgets domains and held sets of a flood', () => {
    const exporter = new ExporterState();
    const big = set(999, new Uint8Array(20_000));
    decode(
      Array.from({ length: 500 }, (_, index) => v9({ domain: index }, big)),
      exporter,
    );
    expect([...exporter.domains]).toHaveLength(MAX_DOMAINS);
    decode(
      Array.from({ length: 500 }, (_, index) => v9({ domain: 7, sequence: index }, big)),
      exporter,
    );
    for (const domain of exporter.domains) {
      expect(domain.held.length).toBeLessThanOrEqual(MAX_HELD_SETS);
      expect(domain.held.reduce((sum, each) => sum + each.bytes.length, 0)).toBeLessThanOrEqual(MAX_HELD_BYTES);
    }
    expect(exporter.counters.heldSetsDropped).toBeGreaterThan(900);
  });
});

describe('what we encode', () => {
  const bothWays = (record: FlowRecord) => line(record);

  it('reads back from IPFIX with biflows, at each precision', () => {
    fc.assert(
      fc.property(
        fc.array(specs(), { minLength: 1, maxLength: 20 }),
        fc.constantFrom('ms', 'us', 'ns'),
        (flows, times) => {
          const records = flows.map(makeRecord);
          const messages = encoded(
            (deliver) => new TemplateEncoder(10, deliver, { ...OPTIONS, biflow: true, times }),
            records,
          );
          for (const message of messages) expect(message.length).toBeLessThanOrEqual(OPTIONS.maxBytes);
          const exporter = new ExporterState();
          expect(decode(messages, exporter).map(bothWays)).toEqual(records.map(bothWays));
          expect(exporter.counters).toMatchObject({
            malformed: 0,
            sequenceGaps: 0,
            reordered: 0,
            unknownTemplateSets: 0,
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    [9, false],
    [10, false],
    [5, true],
  ] as const)('reads back from version %i as two directions', (version, isSmall) => {
    fc.assert(
      fc.property(fc.array(specs(isSmall), { minLength: 1, maxLength: 40 }), (flows) => {
        const records = flows.map(makeRecord);
        const messages = encoded(
          (deliver) =>
            version === 5 ? new V5Encoder(deliver, OPTIONS) : new TemplateEncoder(version, deliver, OPTIONS),
          records,
        );
        const exporter = new ExporterState();
        const found = decode(messages, exporter);
        expect(found).toHaveLength(records.length * 2);
        for (const [index, record] of records.entries()) {
          const there = found[index * 2] as FlowRecord;
          const back = found[index * 2 + 1] as FlowRecord;
          expect(ends(there)).toEqual(ends(record));
          expect([...ends(back)].reverse()).toEqual(ends(record));
          for (const [word, of, from] of [
            [L.SOURCE_PACKETS, there, L.SOURCE_PACKETS],
            [L.SOURCE_BYTES, there, L.SOURCE_BYTES],
            [L.SOURCE_PACKETS, back, L.DESTINATION_PACKETS],
            [L.SOURCE_BYTES, back, L.DESTINATION_BYTES],
          ] as const) {
            expect(of.getWide(word)).toBe(record.getWide(from));
          }
          expect(timeMs(there, L.START_S)).toBe(timeMs(record, L.START_S));
          expect(timeMs(back, L.END_S)).toBe(timeMs(record, L.END_S));
          expect(there.get(L.SOURCE_TOS)).toBe(record.get(L.SOURCE_TOS));
        }
        expect(exporter.counters).toMatchObject({ malformed: 0, sequenceGaps: 0, reordered: 0 });
      }),
      { numRuns: 40 },
    );
  });

  it('repeats templates by messages and by time', () => {
    let nowMs = 1_700_100_000_000;
    const messages: Uint8Array[] = [];
    const encoder = new TemplateEncoder(9, (message) => messages.push(message), {
      ...OPTIONS,
      nowMs: () => nowMs,
      templateMessages: 3,
      templateMs: 5_000,
    });
    const send = () => {
      encoder.add(flow());
      encoder.flush();
    };
    for (let index = 0; index < 7; index++) send();
    nowMs += 6_000;
    send();
    const begins = messages.map((message) => new DataView(message.buffer, message.byteOffset).getUint16(20));
    expect(begins).toEqual([0, 256, 256, 0, 256, 256, 0, 0]);
  });

  it('cuts counters that version 5 cannot hold, and says so', () => {
    const messages: Uint8Array[] = [];
    const encoder = new V5Encoder((message) => messages.push(message), OPTIONS);
    encoder.add(flow({ bytes: [2 ** 40, 5] }));
    encoder.add(flow({ version: 6, source: new Uint8Array(16).fill(32), destination: new Uint8Array(16).fill(33) }));
    encoder.flush();
    expect(encoder.counters).toMatchObject({ records: 2, clamped: 1, skipped: 1 });
    expect(decode(messages)[0]?.getWide(L.SOURCE_BYTES)).toBe(0xffff_ffff);
  });
});

describe('hostile bytes', () => {
  const seeds = [
    ...encoded(
      (deliver) => new TemplateEncoder(10, deliver, { ...OPTIONS, biflow: true }),
      [flow(), flow({ protocol: 17 })],
    ),
    ...encoded((deliver) => new TemplateEncoder(9, deliver, OPTIONS), [flow(), flow({ protocol: 1 })]),
    ...encoded((deliver) => new V5Encoder(deliver, OPTIONS), [flow()]),
    ipfix(
      {},
      set(
        3,
        u16(401, 2, 1),
        specifiers([
          [144, 4],
          [160, 8],
        ]),
      ),
      set(401, u32(1), u64(1_699_999_000_000)),
    ),
    ipfix({}, set(2, template(400, [8, 4], [82, 65_535], [4, 1])), set(400, u8(1, 2, 3, 4), u8(3, 1, 2, 3), u8(6))),
  ];

  it('never throw, however they are changed', () => {
    const exporter = new ExporterState();
    const decoder = new NetflowDecoder();
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(1500), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        fc.nat(1500),
        (seed, changes, cut) => {
          const message = seed.slice(0, Math.max(seed.length - (cut % 40), 0));
          for (const [at, value] of changes) if (message.length > 0) message[at % message.length] = value;
          decoder.decode(message, exporter, (record) => {
            if (record.get(L.END_S) < record.get(L.START_S)) throw new Error('ends before it starts');
          });
        },
      ),
      { numRuns: 4000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom(1, 5, 7, 9, 10), (bytes, version) => {
        if (bytes.length > 1) bytes.set([0, version]);
        decoder.decode(bytes, exporter, () => {});
      }),
      { numRuns: 4000 },
    );
  });

  it('leave a stream of messages only where it is no more one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...seeds), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 700 }),
        (messages, chunk) => {
          const whole = join(...messages);
          const splitter = new MessageSplitter();
          const found: Uint8Array[] = [];
          for (let from = 0; from < whole.length; from += chunk) {
            splitter.push(whole.subarray(from, from + chunk), (message) => found.push(message.slice()));
          }
          splitter.push(new Uint8Array(0), (message) => found.push(message.slice()), true);
          expect(found.map((message) => Buffer.from(message).toString('hex'))).toEqual(
            messages.map((message) => Buffer.from(message).toString('hex')),
          );
        },
      ),
      { numRuns: 200 },
    );
    const splitter = new MessageSplitter();
    splitter.push(new Uint8Array(1000).fill(77), () => {});
    expect([splitter.broken, splitter.lostBytes]).toEqual([true, 1000]);
  });
});
