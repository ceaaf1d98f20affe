/** Who made a network card: the registry's prefixes, as they lie on many machines beside Nmap, Wireshark or IEEE's list. */
import { readFile } from 'node:fs/promises';

/** Where distributions put them; the first that is there serves. */
const FILES = [
  '/usr/share/nmap/nmap-mac-prefixes',
  '/usr/share/ieee-data/oui.txt',
  '/var/lib/ieee-data/oui.txt',
  '/usr/share/wireshark/manuf',
  '/etc/wireshark/manuf',
] as const;
const MAX_FILE_CHARACTERS = 32 * 1024 * 1024;
/** Prefixes of 24, 28 and 36 bits, as hexadecimal digits; the longest that fits tells most. */
const DIGITS = [9, 7, 6] as const;
/** Set by hand or by a virtual machine: no maker. */
const LOCALLY_ADMINISTERED = 2;

export class MacVendors {
  readonly #names: ReadonlyMap<string, string>;

  /** @param text of any of the three forms */
  constructor(text: string) {
    this.#names = parsePrefixes(text);
  }

  /** @returns undefined where no list is installed */
  static async open(files: readonly string[] = FILES): Promise<MacVendors | undefined> {
    for (const file of files) {
      const text = await readFile(file, 'utf8').catch(() => null);
      if (text === null || text.length > MAX_FILE_CHARACTERS) continue;
      const vendors = new MacVendors(text);
      if (vendors.size > 0) return vendors;
    }
    return undefined;
  }

  get size(): number {
    return this.#names.size;
  }

  /** @param mac `00:1b:21:0a:0b:0c` */
  find(mac: string): string | undefined {
    const digits = mac.replace(/[^0-9a-fA-F]/g, '').toUpperCase();
    if (digits.length < 6 || (Number.parseInt(digits.slice(0, 2), 16) & LOCALLY_ADMINISTERED) !== 0) return undefined;
    for (const count of DIGITS) {
      const name = this.#names.get(digits.slice(0, count));
      if (name !== undefined) return name;
    }
    return undefined;
  }
}

/** `001B21 Intel`, `00-1B-21   (hex)		Intel`, `00:1B:21	Intel	Intel Corporate`, `00:1B:C5:00:00:00/36	...`. */
function parsePrefixes(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const parts =
      /^([0-9A-Fa-f]{6,9})\s+(\S.*)$/.exec(line) ??
      /^([0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2})\s+\(hex\)\s+(\S.*)$/.exec(line) ??
      /^([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){2,5}(?:\/\d\d)?)\s+(\S.*)$/.exec(line);
    if (parts === null) continue;
    const [prefix = '', bits] = (parts[1] as string).split('/');
    const digits = prefix.replace(/[^0-9A-Fa-f]/g, '').toUpperCase();
    const name = (parts[2] as string).split('\t').at(-1) as string;
    names.set(bits === undefined ? digits : digits.slice(0, Number(bits) / 4), name.trim());
  }
  return names;
}
