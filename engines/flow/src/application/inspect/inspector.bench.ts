/**
 * What inspection costs a flow: public captures, each repeated under other addresses, through the flow table with and
 * without an inspector. Run with node; wants the captures.
 */
import { join } from 'node:path';
import { eachRecord, openCapture, type RecordBlock } from '@undercroft/packet';
import { captureFolder } from '@undercroft/packet/testing';
import { TransactionColumns } from '../../archive/transaction-columns.ts';
import { FlowTable } from '../../table/flow-table.ts';
import { GENERATE_APP_BYTES, GENERATE_INSPECTION, GENERATE_TCP_PERFORMANCE } from '../../table/options.ts';
import { ARGUS_SETTINGS } from '../../table/settings.ts';
import { Inspector } from './inspector.ts';

const COPIES = 200;
const ROUNDS = 5;
const MAX_BLOCK = 900_000;
const ETHERNET = 1;
const SETS: Readonly<Record<string, readonly string[]>> = {
  dns: ['ndpi/default/pcap/dns_exfiltration.pcap', 'ndpi/default/pcap/dns-google-nsid.pcapng'],
  http: ['ndpi/default/pcap/bt-http.pcapng', 'ndpi/default/pcap/http_auth.pcap', 'ndpi/default/pcap/malware.pcap'],
  tls: ['ndpi/default/pcap/tunnelbear.pcap', 'ndpi/default/pcap/443-curl.pcap', 'ndpi/default/pcap/chrome.pcap'],
  quic: ['ndpi/default/pcap/quic-29.pcap', 'ndpi/default/pcap/google_meet.pcapng'],
  mixed: [
    'ndpi/default/pcap/KakaoTalk_chat.pcap',
    'ndpi/default/pcap/anyconnect-vpn.pcap',
    'ndpi/default/pcap/wa_voice.pcap',
  ],
};

const columns = new TransactionColumns('bench', 65_536);
const folder = captureFolder();
if (folder === null) throw new Error('There are no captures to be read');
for (const [name, files] of Object.entries(SETS)) {
  const blocks = await copiesOf(files.map((file) => join(folder, file)));
  const costs: number[] = [];
  let line = '';
  for (let round = 0; round < ROUNDS; round++) {
    const without = run(blocks, false);
    const inspected = run(blocks, true);
    const { flows, packets } = inspected.counts;
    costs.push((inspected.cpuUs - without.cpuUs) / flows);
    line = `${flows} flows, ${packets} packets shown`;
  }
  costs.sort((one, other) => one - other);
  console.log(`${name}: ${line}, ${costs[ROUNDS >> 1]!.toFixed(1)} us of CPU a flow (${costs[0]!.toFixed(1)} at best)`);
}

function run(blocks: readonly RecordBlock[], isInspected: boolean) {
  const inspector = new Inspector({ sink: columns });
  const generate = GENERATE_TCP_PERFORMANCE | GENERATE_APP_BYTES | (isInspected ? GENERATE_INSPECTION : 0);
  const table = new FlowTable({ ...ARGUS_SETTINGS, quirks: 0, generate }, inspector);
  const before = process.cpuUsage();
  for (const block of blocks) table.addBlock(block, () => {});
  table.finish(() => {});
  inspector.finish();
  columns.take();
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: user + system, counts: inspector.counts() };
}

/** Each frame again with both its IPv4 addresses changed in the same way. */
async function copiesOf(files: readonly string[]): Promise<RecordBlock[]> {
  const frames: { readonly head: Uint8Array; readonly frame: Uint8Array }[] = [];
  for (const file of files) {
    for await (const block of openCapture(file)) {
      if (block.linkType !== ETHERNET) continue;
      eachRecord(block, (offset, capturedBytes, wireBytes, timeS, timeNs) => {
        const head = Buffer.alloc(16);
        head.writeUInt32LE(timeS, 0);
        head.writeUInt32LE(timeNs, 4);
        head.writeUInt32LE(capturedBytes, 8);
        head.writeUInt32LE(wireBytes, 12);
        frames.push({ head, frame: block.bytes.slice(offset, offset + capturedBytes) });
      });
    }
  }
  const blocks: RecordBlock[] = [];
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const flush = () => {
    if (bytes === 0) return;
    blocks.push({
      bytes: Buffer.concat(parts),
      littleEndian: true,
      nanoseconds: true,
      linkType: ETHERNET,
      interface: 0,
    });
    parts = [];
    bytes = 0;
  };
  for (let copy = 0; copy < COPIES; copy++) {
    for (const { head, frame } of frames) {
      const changed = Uint8Array.from(frame);
      if (changed[12] === 8 && changed[13] === 0) {
        changed[27] = (changed[27] as number) ^ copy;
        changed[31] = (changed[31] as number) ^ copy;
      }
      parts.push(head, changed);
      bytes += head.length + changed.length;
      if (bytes >= MAX_BLOCK) flush();
    }
  }
  flush();
  return blocks;
}
