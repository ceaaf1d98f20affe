/** Where an address is, by databases (MMDB) that the user names. */
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { Reader, type Response } from 'mmdb-lib';

const MAX_FILE_BYTES = 512 * 1024 * 1024;
const MAX_REMEMBERED = 50_000;

export interface Place {
  /** Two letters (ISO 3166). */
  readonly country: string | null;
  readonly asn: number | null;
  /** Who runs the network. */
  readonly organisation: string | null;
}

const NOWHERE: Place = { country: null, asn: null, organisation: null };

export class Places {
  readonly #readers: readonly Reader<Response>[];
  readonly #known = new Map<string, Place>();

  private constructor(readers: readonly Reader<Response>[]) {
    this.#readers = readers;
  }

  /** @param files databases of countries, cities or networks @throws Error where one cannot be read */
  static async open(files: readonly string[]): Promise<Places> {
    const readers: Reader<Response>[] = [];
    for (const file of files) {
      const { size } = await stat(file);
      if (size > MAX_FILE_BYTES) throw new RangeError(`${file} has ${size} bytes: more than ${MAX_FILE_BYTES}`);
      readers.push(new Reader<Response>(await readFile(file)));
    }
    return new Places(readers);
  }

  /** @returns undefined where no database knows the address */
  find(address: string): Place | undefined {
    if (isIP(address) === 0) return undefined;
    let place = this.#known.get(address);
    if (place === undefined) {
      place = this.#readers.reduce((sum, reader) => merged(sum, lookUp(reader, address)), NOWHERE);
      if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
      this.#known.set(address, place);
    }
    return place.country === null && place.asn === null ? undefined : place;
  }
}

/** A damaged database knows nothing. */
function lookUp(reader: Reader<Response>, address: string): unknown {
  try {
    return reader.get(address);
  } catch {
    return null;
  }
}

function merged(place: Place, found: unknown): Place {
  if (typeof found !== 'object' || found === null) return place;
  const entry = found as Record<string, unknown>;
  const country = codeOf(entry['country']) ?? codeOf(entry['registered_country']) ?? codeOf(entry);
  const asn = entry['autonomous_system_number'] ?? entry['asn'];
  const organisation = entry['autonomous_system_organization'] ?? entry['as_name'];
  const number = typeof asn === 'number' ? asn : Number.parseInt(String(asn ?? '').replace(/^AS/i, ''), 10);
  return {
    country: place.country ?? country,
    asn: place.asn ?? (Number.isSafeInteger(number) ? number : null),
    organisation: place.organisation ?? (typeof organisation === 'string' ? organisation : null),
  };
}

function codeOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const { iso_code: iso, country_code: code } = value as { iso_code?: unknown; country_code?: unknown };
  const found = iso ?? code;
  return typeof found === 'string' && /^[A-Z]{2}$/.test(found) ? found : null;
}
