/** Ethernet frames of the shared captures, read as far as a test needs: classic pcap files, little endian. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MAX_FILE_BYTES = 400_000;

/** @returns up to `perFile` frames of each of the first `files` captures */
export function framesOf(folder: string, files: number, perFile: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let read = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.pcap') || read === files) continue;
    const bytes = readFileSync(join(folder, name));
    if (bytes.length < 40 || bytes.length > MAX_FILE_BYTES) continue;
    if (bytes.readUInt32LE(0) !== 0xa1b2c3d4 || bytes.readUInt32LE(20) !== 1) continue;
    read += 1;
    for (let at = 24, left = perFile; at + 16 <= bytes.length && left > 0; left -= 1) {
      const captured = bytes.readUInt32LE(at + 8);
      frames.push(bytes.subarray(at + 16, at + 16 + captured));
      at += 16 + captured;
    }
  }
  return frames;
}
