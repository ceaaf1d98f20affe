import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { captureFolder } from '@undercroft/packet/testing';
import { describe, expect, it } from 'vitest';
import { argusRecords, decodeOne, hasTool, raPrints, recordsOf, runTool } from '../testing/tools.ts';
import { RecordEncoder } from './encode.ts';

const folder = captureFolder();
const present = hasTool('argus') && hasTool('ra');
if (folder === null || !present) console.info('skipped: captures or the programs argus and ra are not here');

/** Each has another kind of flow: what the name says, ICMP errors, fragments, tags, LLC, IPv6, RTP, times before 1971. */
const CAPTURES = [
  'suricata-verify/bug-3616-smtp/input.pcap',
  'ndpi/default/pcap/KakaoTalk_chat.pcap',
  'ndpi/default/pcap/dns_fragmented.pcap',
  'ndpi/default/pcap/fuzz-2006-09-29-28586.pcap',
  'ndpi/default/pcap/BGP_redist.pcap',
  'ndpi/default/pcap/capwap.pcap',
  'ndpi/default/pcap/anyconnect-vpn.pcap',
  'ndpi/default/pcap/collectd.pcap',
  'zeek/vlan-pcp-dei.pcapng',
  'zeek/finger/long-reply-line.pcapng',
];

/** argus does not set the bytes behind the counters of a metric part with application bytes. */
function withoutStaleBytes(record: Uint8Array): Uint8Array {
  const clean = Uint8Array.from(record);
  const view = new DataView(clean.buffer);
  if ((clean[0] as number) >= 0x80) return clean;
  for (let at = 4; at < clean.length; ) {
    const type = clean[at] as number;
    const words = type === 0x50 ? view.getUint16(at + 2) : (clean[at + 3] as number);
    if (type === 0x10 && clean[at + 1] === 4) {
      const form = (clean[at + 2] as number) - 1;
      clean.fill(0, at + 4 + ((form < 4 ? 6 : 3) << (form & 3)), at + words * 4);
    }
    at += words * 4;
  }
  return clean;
}

async function rewritten(stream: Uint8Array): Promise<Buffer> {
  const encoder = new RecordEncoder();
  const parts: Uint8Array[] = [];
  for (const bytes of recordsOf(stream)) {
    const record = decodeOne(bytes);
    if (record !== null) parts.push(encoder.encode(record).slice());
  }
  return Buffer.concat(parts);
}

describe.skipIf(folder === null || !present).concurrent("argus' own records", () => {
  for (const capture of CAPTURES) {
    for (const options of [[], ['-A', '-J', '-R', '-Z', '-m', '-U', '64']]) {
      it(`${capture} ${options.join(' ')}: read and written again they are the same bytes, and print the same`, async () => {
        const path = join(folder as string, capture);
        if (!existsSync(path)) return;
        const theirs = await argusRecords(path, options);
        const ours = await rewritten(theirs);
        expect(ours.length).toBeGreaterThan(128);
        const expected = Buffer.concat([...recordsOf(theirs)].map(withoutStaleBytes));
        expect(ours.equals(expected)).toBe(true);
        const printed = await raPrints(theirs);
        expect(printed.split('\n').length).toBeGreaterThan(2);
        expect(await raPrints(ours)).toBe(printed);
      }, 60_000);
    }
  }
});

describe.skipIf(folder === null || !present || !hasTool('racluster'))("the clients' records", () => {
  it('merged, with histograms and relative times, they print the same after us', async () => {
    const theirs = await argusRecords(join(folder as string, CAPTURES[1] as string), ['-A', '-J', '-Z', '-U', '64']);
    for (const options of [
      ['-m', 'saddr', 'daddr', 'proto'],
      ['-M', 'rmon', '-m', 'saddr'],
      ['-m', 'matrix'],
    ]) {
      const { stdout } = await runTool(
        'racluster',
        ['-F', '/dev/null', '-X', '-r', '-', '-w', '-', ...options],
        theirs,
      );
      const printed = await raPrints(stdout);
      expect(printed.split('\n').length).toBeGreaterThan(5);
      expect(await raPrints(await rewritten(stdout))).toBe(printed);
    }
  }, 60_000);
});
