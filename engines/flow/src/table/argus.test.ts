import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureFolder } from '@undercroft/packet/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { hasTool, recordsOf, runTool } from '../argus/testing/tools.ts';
import * as option from './options.ts';
import { ARGUS_SETTINGS, type FlowTableSettings } from './settings.ts';
import differences from './testing/differences.json' with { type: 'json' };
import { withoutStale } from './testing/stale.ts';
import { encodedRecords } from './testing/tables.ts';

const folder = captureFolder();
const SAMPLE = [
  'ndpi/default/pcap/443-curl.pcap',
  'ndpi/default/pcap/dns_fragmented.pcap',
  'ndpi/default/pcap/rtp.pcapng',
  'ndpi/default/pcap/windowsupdate_over_http.pcap',
  'ndpi/default/pcap/fuzz-2006-09-29-28586.pcap',
  'zeek/mixed-vlan-mpls.pcap',
  'zeek/ip6_esp.pcap',
  'zeek/ssh/single-conn.pcap',
  'zeek/arp-who-has-radiotap.pcap',
];
const isAll = process.env['UNDERCROFT_ALL_CAPTURES'] !== undefined;
/** argus sleeps for most of a run. */
const AT_ONCE = 4;

const EVERYTHING = ['-A', '-J', '-R', '-Z', '-m', '-U', '64'];
const generate =
  option.GENERATE_APP_BYTES |
  option.GENERATE_JITTER |
  option.GENERATE_PACKET_SIZE |
  option.GENERATE_MAC |
  option.GENERATE_TCP_PERFORMANCE;
interface Run {
  readonly argv: readonly string[];
  /** argus.conf(5). */
  readonly config?: Readonly<Record<string, string>>;
  readonly settings: Partial<FlowTableSettings>;
  /** Known to differ. */
  readonly except?: readonly string[];
}

const RUNS: readonly Run[] = [
  { argv: EVERYTHING, settings: { generate, userDataBytes: 64 } },
  { argv: ['-S', '1'], settings: { intervalUs: 1_000_000 } },
  { argv: ['-S', '60', ...EVERYTHING], settings: { intervalUs: 60_000_000, generate, userDataBytes: 64 } },
  {
    argv: ['-S', '1.7'],
    config: {
      FLOW_TYPE: 'Bidirectional',
      FLOW_KEY: 'CLASSIC_5_TUPLE+VLAN+MPLS',
      GENERATE_START_RECORDS: 'yes',
      GENERATE_BIDIRECTIONAL_TIMESTAMPS: 'yes',
      TRACK_DUPLICATES: 'yes',
      CAPTURE_FULL_CONTROL_DATA: 'yes',
      KEYSTROKE: 'tcp',
      TCP_TIMEOUT: '1',
    },
    settings: {
      intervalUs: 1_700_000,
      key: option.KEY_FIVE_TUPLE | option.KEY_VLAN | option.KEY_MPLS,
      generate:
        option.GENERATE_START_RECORDS |
        option.GENERATE_SIDE_TIMES |
        option.GENERATE_DUPLICATES |
        option.GENERATE_CONTROL_DATA |
        option.GENERATE_KEYSTROKES_TCP,
      idleS: { ...ARGUS_SETTINGS.idleS, tcp: 1 },
    },
  },
  {
    argv: [],
    config: { FLOW_TYPE: 'Bidirectional', FLOW_KEY: 'LAYER_3_MATRIX' },
    settings: { key: option.KEY_MATRIX_IP },
    // Fragments of a pair of addresses: we mark the side that has sent them, argus does not.
    except: ['ndpi/default/pcap/dns_fragmented.pcap'],
  },
];

const temporary = mkdtempSync(join(tmpdir(), 'flow-table-'));
afterAll(() => rmSync(temporary, { recursive: true }));
let files = 0;

/** By way of a file: to a pipe whose reader is busy argus does not write all. */
async function argusRecords(capture: string, { argv, config = {} }: Run): Promise<Buffer> {
  files += 1;
  const path = join(temporary, `${files}.argus`);
  const configPath = join(temporary, `${files}.conf`);
  const lines = Object.entries(config).map(([key, value]) => `ARGUS_${key}="${value}"\n`);
  writeFileSync(configPath, lines.join(''));
  await runTool('argus', ['-X', '-F', configPath, ...argv, '-r', capture, '-w', path]);
  const bytes = readFileSync(path);
  rmSync(path);
  return bytes;
}

const isFlow = (record: Uint8Array): boolean => (record[0] as number) >> 4 !== 8;
const comparable = (records: Iterable<Uint8Array>): string[] =>
  [...records].filter(isFlow).map((record) => withoutStale(record).toString('hex'));

function captures(root: string): string[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(pcap|pcapng|cap)$/.test(name),
  );
  const known = names.filter((name) => !(name in differences.records) && !(name in differences.options));
  return isAll ? known : known.filter((name) => SAMPLE.includes(name));
}

describe.skipIf(folder === null || !hasTool('argus'))('beside argus', () => {
  it.each(RUNS)(
    'makes the records that argus $argv $config.FLOW_KEY makes, byte for byte',
    async (run) => {
      const waiting = captures(folder as string).filter((name) => !run.except?.includes(name));
      const different: string[] = [];
      const compare = async (): Promise<void> => {
        for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
          const path = join(folder as string, name);
          const theirs = comparable(recordsOf(await argusRecords(path, run)));
          const ours = comparable(await encodedRecords(path, run.settings));
          if (ours.join('\n') !== theirs.join('\n')) different.push(name);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, compare));
      expect(different).toEqual([]);
    },
    900_000,
  );
});
