/**
 * Each packet of public captures beside tshark: layers, addresses, ports, sequence numbers, lengths, checksums. A sample
 * by default; `UNDERCROFT_ALL_CAPTURES=1` reads them all.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCapture } from '../file/capture.ts';
import { captureFolder } from '../testing/captures.ts';
import { PacketDecoder } from './decoder.ts';
import { describe as text } from './describe.ts';
import { explanation } from './testing/explained.ts';
import { differences, tsharkIsThere, tsharkRows } from './testing/tshark.ts';

const SAMPLE_EVERY = 12;
const folder = captureFolder();
const reason = folder === null ? 'no captures' : tsharkIsThere() ? null : 'no tshark';

describe.skipIf(reason !== null)(`the decoder beside tshark${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  const workspace = mkdtempSync(join(tmpdir(), 'undercroft-decode-'));
  const merged = join(workspace, 'all.pcapng');

  beforeAll(() => {
    const all = readdirSync(folder!, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(pcap|pcapng|cap)$/.test(name),
    );
    const every = process.env['UNDERCROFT_ALL_CAPTURES'] === '1' ? 1 : SAMPLE_EVERY;
    const chosen = all.sort().filter((_, index) => index % every === 0);
    // One run of tshark for all of them.
    spawnSync('mergecap', ['-a', '-F', 'pcapng', '-w', merged, ...chosen.map((name) => join(folder!, name))]);
  });
  afterAll(() => rmSync(workspace, { recursive: true }));

  it('says the same of every packet, or why not', { timeout: 300_000 }, async () => {
    const rows = tsharkRows(merged);
    const decoder = new PacketDecoder({ checksums: true });
    const unexplained: string[] = [];
    let packets = 0;
    let differing = 0;
    for await (const block of openCapture(merged)) {
      decoder.load(block);
      for (let count = decoder.next(); count > 0; count = decoder.next()) {
        for (let index = 0; index < count; index++) {
          const packet = decoder.packet(index);
          const row = rows[packets++];
          if (row === undefined) continue;
          const found = differences(packet, row);
          if (found.length === 0) continue;
          differing++;
          const path = row['frame.protocols'][0] ?? '';
          if (explanation(packet, path) === null)
            unexplained.push(`${packets}: ${found.join('; ')} (${path}; ${text(packet)})`);
        }
      }
    }
    expect(unexplained).toEqual([]);
    expect(packets).toBe(rows.length);
    expect(packets).toBeGreaterThan(1000);
    expect(differing / packets).toBeLessThan(0.05);
  });
});
