import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MacVendors } from './mac-vendors.ts';
import { Places } from './places.ts';

describe('makers of network cards', () => {
  it.each([
    ["Nmap's form", '001B21 Intel Corporate\n001BC5000 Converging Systems\n'],
    ["IEEE's form", '00-1B-21   (hex)\t\tIntel Corporate\n001B21     (base 16)\t\tIntel Corporate\n'],
    [
      "Wireshark's form",
      '# comment\n00:1B:21\tIntelCor\tIntel Corporate\n00:1B:C5:00:00:00/36\tConvergi\tConverging Systems\n',
    ],
  ])('are read in %s', (_form, text) => {
    const vendors = new MacVendors(text);
    expect(vendors.find('00:1b:21:0a:0b:0c')).toBe('Intel Corporate');
    expect(vendors.find('02:1b:21:0a:0b:0c')).toBeUndefined();
    expect(vendors.find('ff:ee')).toBeUndefined();
    if (vendors.size > 1) expect(vendors.find('00-1B-C5-00-01-02')).toMatch(/Converging Systems|undefined/);
  });

  it('are unknown where no list is installed', async () => {
    expect(await MacVendors.open(['/nowhere/oui.txt'])).toBeUndefined();
  });
});

describe('places', () => {
  it('come from a database that is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'undercroft-geo-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'small.mmdb');
    await writeFile(file, smallDatabase());
    const places = await Places.open([file]);
    expect(places.find('10.1.2.3')).toEqual({ country: 'DE', asn: 64500, organisation: null });
    expect(places.find('192.0.2.1')).toBeUndefined();
    expect(places.find('no address')).toBeUndefined();
    await writeFile(file, 'nothing of the kind');
    await expect(Places.open([file])).rejects.toThrow();
  });
});

/** One node: addresses whose first bit is 0 are somewhere, the others nowhere. */
function smallDatabase(): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0x40 | value.length]), Buffer.from(value)]);
  const map = (...entries: readonly Buffer[]) =>
    Buffer.concat([Buffer.from([0xe0 | (entries.length / 2)]), ...entries]);
  const u16 = (value: number) => Buffer.from([0xa2, value >> 8, value & 255]);
  const u32 = (value: number) =>
    Buffer.from([0xc4, value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
  const u64 = (value: number) => Buffer.from([0x01, 0x02, value]);
  const list = (...entries: readonly Buffer[]) => Buffer.concat([Buffer.from([entries.length, 0x04]), ...entries]);
  const data = map(text('country'), map(text('iso_code'), text('DE')), text('autonomous_system_number'), u32(64500));
  const metadata = map(
    ...[text('binary_format_major_version'), u16(2), text('binary_format_minor_version'), u16(0)],
    ...[text('build_epoch'), u64(1), text('database_type'), text('Test'), text('description'), map()],
    ...[
      text('ip_version'),
      u16(4),
      text('languages'),
      list(),
      text('node_count'),
      u32(1),
      text('record_size'),
      u16(24),
    ],
  );
  const tree = Buffer.from([0, 0, 17, 0, 0, 1]);
  return Buffer.concat([tree, Buffer.alloc(16), data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), metadata]);
}
