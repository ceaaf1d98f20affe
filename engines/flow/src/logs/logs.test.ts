import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../netflow/testing/peers.ts';
import { type FlowSpec, flow, makeRecord, specs } from '../netflow/testing/records.ts';
import * as L from '../record/layout.ts';
import { CsvFormat } from './csv.ts';
import { connState, flowUid, history } from './facts.ts';
import { FIELDS } from './fields.ts';
import { toJson, toJsonLine } from './json.ts';
import { LogFile } from './log-file.ts';
import type { DnsTransaction, HttpTransaction, TlsHandshake } from './transactions.ts';
import { type ZeekLog, zeekHeader, zeekJson, zeekLine } from './zeek/format.ts';
import { belongsInConnLog, connLog, DNS_LOG, HTTP_LOG, SSL_LOG } from './zeek/logs.ts';
import { ZeekWriter } from './zeek/writer.ts';

const SYN = 2;
const FIN = 1;
const RST = 4;
const ACK = 16;
const PUSH = 8;

describe('the outcome of a connection', () => {
  it.each<[string, Partial<FlowSpec>, string, string]>([
    ['an attempt without an answer', { flags: [SYN, 0], packets: [3, 0] }, 'S0', 'S'],
    ['a refusal', { flags: [SYN, RST | ACK], packets: [1, 1] }, 'REJ', 'Sar'],
    ['established', { flags: [SYN | ACK | PUSH, SYN | ACK | PUSH] }, 'S1', 'ShAaDd'],
    ['closed by both', { flags: [SYN | ACK | FIN, SYN | ACK | FIN] }, 'SF', 'ShAaFf'],
    ['closed by the source alone', { flags: [SYN | ACK | FIN, SYN | ACK] }, 'S2', 'ShAaF'],
    ['closed by the destination alone', { flags: [SYN | ACK, SYN | ACK | FIN] }, 'S3', 'ShAaf'],
    ['aborted by the source', { flags: [SYN | ACK | RST, SYN | ACK] }, 'RSTO', 'ShAaR'],
    ['aborted by the destination', { flags: [SYN | ACK, SYN | ACK | RST] }, 'RSTR', 'ShAar'],
    ['an attempt taken back', { flags: [SYN | RST, 0], packets: [2, 0] }, 'RSTOS0', 'SR'],
    ['an attempt and a FIN', { flags: [SYN | FIN, 0], packets: [2, 0] }, 'SH', 'SF'],
    ['the middle of one', { flags: [ACK | PUSH, ACK] }, 'OTH', 'AaD'],
    ['UDP both ways', { protocol: 17 }, 'SF', 'Dd'],
    ['UDP without an answer', { protocol: 17, packets: [1, 0] }, 'S0', 'D'],
    ['UDP of the answer alone', { protocol: 17, packets: [0, 1] }, 'SHR', 'd'],
    ['ICMP', { protocol: 1, destinationPort: 0x0800 }, 'OTH', ''],
  ])('%s', (_name, changes, state, letters) => {
    const record = flow(changes);
    expect([connState(record), history(record)]).toEqual([state, letters]);
  });
});

describe('JSON', () => {
  it('has the fields of OCSF and of the record', () => {
    const record = flow({ flags: [SYN | ACK | FIN, SYN | ACK | FIN] });
    record.set(L.HAS, record.get(L.HAS) | L.HAS_VLAN | L.HAS_ASN);
    record.set(L.VLAN_HAS, 1);
    record.set(L.SOURCE_VLAN, 12);
    record.set(L.SOURCE_ASN, 64_500);
    expect(toJson(record)).toEqual({
      class_uid: 4001,
      category_uid: 4,
      activity_id: 6,
      type_uid: 400_106,
      severity_id: 1,
      time: 1_700_000_000_250,
      start_time: 1_700_000_000_250,
      end_time: 1_700_000_001_750,
      duration: 1_500,
      src_endpoint: { ip: '192.0.2.1', port: 51_000, vlan_uid: '12', autonomous_system: { number: 64_500 } },
      dst_endpoint: { ip: '198.51.100.7', port: 443 },
      connection_info: {
        uid: flowUid(record),
        protocol_num: 6,
        protocol_name: 'tcp',
        protocol_ver_id: 4,
        tcp_flags: 19,
      },
      traffic: { bytes: 10_200, bytes_in: 9_000, bytes_out: 1_200, packets: 18, packets_in: 8, packets_out: 10 },
      flow: {
        conn_state: 'SF',
        history: 'ShAaFf',
        cause: 'status',
        tcp_status: 0x1f,
        stos: 0,
        dtos: 0,
        sttl: 0,
        dttl: 0,
      },
    });
  });

  it('is one line, whatever the record', () => {
    fc.assert(
      fc.property(specs(), (spec) => {
        const line = toJsonLine(makeRecord(spec));
        expect(line).not.toContain('\n');
        expect(JSON.parse(line).traffic.bytes_out).toBe(spec.bytes[0]);
      }),
      { numRuns: 100 },
    );
  });

  it('is made of any words without an error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(L.RECORD_WORDS - 1), fc.integer({ min: 0, max: 0xffff_ffff })), { maxLength: 60 }),
        (words) => {
          const record = flow();
          for (const [word, value] of words) record.set(word, value);
          toJsonLine(record);
          for (const read of Object.values(FIELDS)) read(record);
          zeekLine(connLog(), record);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('ids of flows', () => {
  it('are the same for all records of a flow, and others for others', () => {
    const first = flow();
    const later = flow({ startMs: 1_700_000_009_000, packets: [1, 0] });
    expect(flowUid(first)).not.toBe(flowUid(later));
    for (const record of [first, later]) record.set(L.SEQUENCE, 77);
    expect(flowUid(first)).toBe(flowUid(later));
    expect(flowUid(first)).toMatch(/^C[0-9A-Za-z]{17}$/);
    expect(flowUid(flow({ sourcePort: 51_001 }))).not.toBe(flowUid(flow()));
  });
});

describe('CSV', () => {
  it('has the chosen fields, and nothing for what is not told', () => {
    const format = new CsvFormat(['stime', 'dur', 'saddr', 'dport', 'svlan', 'conn_state']);
    expect(format.header).toBe('stime,dur,saddr,dport,svlan,conn_state');
    expect(format.line(flow())).toBe('1700000000.250000,1.500000,192.0.2.1,443,,SF');
  });

  it('quotes labels', () => {
    const record = flow();
    const text = Buffer.from('a="b,c"');
    record.set(L.HAS, record.get(L.HAS) | L.HAS_LABEL);
    record.set(L.LABEL_AT, 1024 - 16);
    record.set(L.LABEL_BYTES, text.length);
    record.bytes.set(text, 1024 - 16);
    expect(new CsvFormat(['label', 'proto']).line(record)).toBe('"a=""b,c""",tcp');
  });

  it('names all fields that are none', () => {
    expect(() => new CsvFormat(['saddr', 'nope', 'neither'])).toThrow('no such field: nope, neither');
  });
});

/** Reads a log by its own header, as zeek-cut does. */
function zeekCut(text: string, names: readonly string[]): (string | null | string[])[][] {
  const lines = text.split('\n');
  const head = new Map<string, string[]>();
  const rows: (string | null | string[])[][] = [];
  let separator = ' ';
  for (const line of lines) {
    if (line.startsWith('#separator ')) {
      separator = unescaped(line.slice('#separator '.length));
    } else if (line.startsWith('#')) {
      const [name = '', ...values] = line.slice(1).split(separator);
      head.set(name, values);
    } else if (line !== '') {
      const cells = line.split(separator);
      const fields = head.get('fields') ?? [];
      const types = head.get('types') ?? [];
      expect(cells).toHaveLength(fields.length);
      rows.push(
        names.map((name) => {
          const index = fields.indexOf(name);
          const cell = cells[index] as string;
          if (cell === head.get('unset_field')?.[0]) return null;
          const isMany = /^(set|vector)/.test(types[index] as string);
          if (cell === head.get('empty_field')?.[0]) return isMany ? [] : '';
          return isMany ? cell.split(head.get('set_separator')?.[0] ?? ',').map(unescaped) : unescaped(cell);
        }),
      );
    }
  }
  return rows;
}

function unescaped(text: string): string {
  const bytes: number[] = [];
  const raw = Buffer.from(text);
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === 0x5c && raw[at + 1] === 0x78) {
      bytes.push(Number.parseInt(raw.subarray(at + 2, at + 4).toString(), 16));
      at += 3;
    } else bytes.push(raw[at] as number);
  }
  return Buffer.from(bytes).toString();
}

const AT = {
  timeS: 1_700_000_000.25,
  uid: 'Cabc',
  sourceAddress: '192.0.2.1',
  sourcePort: 51_000,
  destinationAddress: '198.51.100.7',
  destinationPort: 53,
};
const DNS: DnsTransaction = {
  ...AT,
  transport: 'udp',
  id: 7,
  roundTripS: 0.0125,
  query: 'example.org',
  queryClass: 1,
  queryType: 16,
  queryTypeName: 'TXT',
  responseCode: 0,
  responseCodeName: 'NOERROR',
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  reserved: 0,
  answers: ['a,b\tc', '-'],
  ttlsS: [60, 3600],
  rejected: false,
};
const HTTP: HttpTransaction = {
  ...AT,
  depth: 1,
  method: 'GET',
  host: 'example.org',
  uri: '/',
  userAgent: '',
  requestBodyBytes: 0,
  responseBodyBytes: 12,
  statusCode: 200,
  proxied: [],
};
const TLS: TlsHandshake = {
  ...AT,
  version: 'TLSv13',
  serverName: 'example.org',
  resumed: false,
  established: true,
  nextProtocol: 'h2',
};

function document<Row>(log: ZeekLog<Row>, ...rows: Row[]): string {
  return `${zeekHeader(log, 1_700_000_000_000)}${rows.map((row) => `${zeekLine(log, row)}\n`).join('')}`;
}

describe("Zeek's logs", () => {
  it('have a header that says how to read them', () => {
    expect(zeekHeader(connLog(), 1_700_000_000_000)).toBe(
      [
        '#separator \\x09',
        '#set_separator\t,',
        '#empty_field\t(empty)',
        '#unset_field\t-',
        '#path\tconn',
        '#open\t2023-11-14-22-13-20',
        '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents',
        '#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount\tcount\tset[string]',
        '',
      ].join('\n'),
    );
  });

  it('have flows', () => {
    const log = connLog({ isLocal: (address) => address.startsWith('192.') });
    const record = flow();
    record.set(L.HAS, record.get(L.HAS) | L.HAS_ENCAPSULATION | L.HAS_APP_BYTES);
    record.set(L.SOURCE_ENCAPSULATION, 2);
    record.setWide(L.SOURCE_APP_BYTES, 660);
    const names = [
      'ts',
      'id.orig_h',
      'id.resp_p',
      'proto',
      'duration',
      'orig_bytes',
      'conn_state',
      'local_orig',
      'local_resp',
      'orig_ip_bytes',
      'service',
    ];
    expect(zeekCut(document(log, record), names)).toEqual([
      ['1700000000.250000', '192.0.2.1', '443', 'tcp', '1.500000', '660', 'SF', 'T', 'F', '1060', null],
    ]);
    expect(belongsInConnLog(flow())).toBe(true);
  });

  it('have DNS, HTTP and TLS', () => {
    expect(
      zeekCut(document(DNS_LOG, DNS), ['trans_id', 'rtt', 'query', 'qclass_name', 'answers', 'TTLs', 'AA', 'RD']),
    ).toEqual([
      ['7', '0.012500', 'example.org', 'C_INTERNET', ['a,b\tc', '-'], ['60.000000', '3600.000000'], 'F', 'T'],
    ]);
    expect(zeekCut(document(HTTP_LOG, HTTP), ['method', 'user_agent', 'proxied', 'status_code', 'referrer'])).toEqual([
      ['GET', '', [], '200', null],
    ]);
    expect(zeekCut(document(SSL_LOG, TLS), ['server_name', 'established', 'next_protocol', 'cert_chain_fps'])).toEqual([
      ['example.org', 'T', 'h2', null],
    ]);
  });

  it('give back any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 4 }),
        (query, answers) => {
          const whole = Buffer.from(query).toString();
          const [row] = zeekCut(
            document(DNS_LOG, { ...DNS, query: whole, answers: answers.map((each) => Buffer.from(each).toString()) }),
            ['query', 'answers'],
          );
          expect(row).toEqual([whole, answers.map((each) => Buffer.from(each).toString())]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('as JSON have the same names', () => {
    expect(JSON.parse(zeekJson(HTTP_LOG, HTTP))).toMatchObject({
      ts: 1_700_000_000.25,
      'id.orig_h': '192.0.2.1',
      method: 'GET',
      trans_depth: 1,
    });
    expect(JSON.parse(zeekJson(HTTP_LOG, HTTP))).not.toHaveProperty('referrer');
  });
});

describe('files of logs', () => {
  const folders: { remove(): void }[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) folder.remove();
  });
  function folder(): string {
    const made = temporaryFolder();
    folders.push(made);
    return made.path;
  }

  it('are rotated by the clock and packed, each with header and footer', async () => {
    const path = folder();
    let nowMs = 1_700_000_000_000;
    const writer = new ZeekWriter(DNS_LOG, { folder: path, gzip: true, rotateMs: 3_600_000, nowMs: () => nowMs });
    writer.write(DNS);
    await writer.file.flush();
    nowMs += 3_600_000;
    writer.write(DNS);
    await writer.file.close();
    expect((await readdir(path)).sort()).toEqual(['dns.2023-11-14-22-13-20.log.gz', 'dns.log']);
    const packed = gunzipSync(await readFile(join(path, 'dns.2023-11-14-22-13-20.log.gz'))).toString();
    expect(packed.split('\n')[5]).toBe('#open\t2023-11-14-22-13-20');
    expect(packed).toContain('\n#close\t2023-11-14-23-13-20\n');
    expect(zeekCut(await readFile(join(path, 'dns.log'), 'utf8'), ['query'])).toEqual([['example.org']]);
  });

  it('are rotated by size, two of one second apart by a number, and keep what an earlier run left', async () => {
    const path = join(folder(), 'flows.json');
    const nowMs = () => 1_700_000_000_000;
    for (let run = 0; run < 2; run++) {
      const log = new LogFile({ path, rotateMs: 0, rotateBytes: 10, nowMs });
      for (const line of ['{"first":1}', '{"second":2}', '{"third":3}']) {
        log.write(line);
        await log.flush();
      }
      await log.close();
    }
    const names = await readdir(join(path, '..'));
    expect(names).toHaveLength(6);
    const lines = await Promise.all(names.map((name) => readFile(join(path, '..', name), 'utf8')));
    expect(lines.sort()).toEqual([
      '{"first":1}\n',
      '{"first":1}\n',
      '{"second":2}\n',
      '{"second":2}\n',
      '{"third":3}\n',
      '{"third":3}\n',
    ]);
  });

  it('say that they cannot be written', async () => {
    const path = join(folder(), 'file');
    await writeFile(path, '');
    const log = new LogFile({ path: join(path, 'flows.json'), nowMs: Date.now });
    log.write('{}');
    await expect(log.flush()).rejects.toThrow();
    log.write('{}');
    expect(log.dropped).toBe(1);
  });
});
