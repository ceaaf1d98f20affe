/** Packets to begin with: those of the public captures where they are, and a few of every kind made here. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eachRecord } from '../src/file/block.ts';
import { openCapture } from '../src/file/capture.ts';

export interface Seed {
  readonly frame: Uint8Array;
  readonly linkType: number;
}

const MAX_PER_CAPTURE = 60;
const MAX_FRAME_BYTES = 2048;
const PLAIN: readonly (readonly [linkType: number, hex: string])[] = [
  [1, '00112233445566778899aabb08004500002800010000400600000a0000010a000002005000510000000100000002501020000000000000'],
  [1, '00112233445566778899aabb810000050800450000200001200040110000c0a80001c0a80002003500350010000001020304050607'],
  [
    1,
    '00112233445566778899aabb86dd6000000000183cff20010db8000000000000000000000001200100000000000000000000000000022c000104000000003a00000100000001800000000001000101020304',
  ],
  [101, '4500003c000000004004000001010101020202024500002800010000402f000001010101020202022000655800000001001122334455'],
  [
    1,
    '00112233445566778899aabb08004500005000010000401100000a0000010a00000212b512b5003c00000800000000000100001122334455667788990a0b08004500001c0001000040010000010101010202020208000000000100010000',
  ],
  [
    113,
    '0000000100060011223344550000080045000028000100004084000001010101020202020001000200000000000000000003001000000000',
  ],
  [
    127,
    '00000800000000000802000000112233445566778899aabbccddeeff00001000aaaa03000000080045000014000100004001000001010101020202',
  ],
  [9, 'ff030021450000140001000040320000010101010202020200000001'],
];

/** @param folder of captures, or null */
export async function seeds(folder: string | null): Promise<Seed[]> {
  const found: Seed[] = PLAIN.map(([linkType, hex]) => ({ linkType, frame: Uint8Array.from(Buffer.from(hex, 'hex')) }));
  if (folder === null) return found;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(pcap|pcapng|cap)$/.test(name),
  );
  for (const file of files.sort()) {
    let taken = 0;
    for await (const block of openCapture(join(folder, file), { skipBad: true })) {
      if (taken >= MAX_PER_CAPTURE) break;
      eachRecord(block, (offset, capturedBytes) => {
        if (taken++ >= MAX_PER_CAPTURE || capturedBytes > MAX_FRAME_BYTES) return;
        found.push({ linkType: block.linkType, frame: block.bytes.slice(offset, offset + capturedBytes) });
      });
    }
  }
  return found;
}
