/** Databases of places and networks (MMDB) that the user has. */
import { readFileSync } from 'node:fs';
import { Reader, type Response } from 'mmdb-lib';
import { ClientError } from '../options/settings.ts';

const MAX_REMEMBERED = 50_000;

/** What `RALABEL_GEOIP_CITY` may ask for, and where a database of cities has it. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  cco: ['country', 'iso_code'],
  cname: ['country', 'names', 'en'],
  reg: ['subdivisions', '0', 'iso_code'],
  region: ['subdivisions', '0', 'iso_code'],
  city: ['city', 'names', 'en'],
  pcode: ['postal', 'code'],
  lat: ['location', 'latitude'],
  lon: ['location', 'longitude'],
  long: ['location', 'longitude'],
  metro: ['location', 'metro_code'],
  cont: ['continent', 'code'],
};

export interface CityRule {
  /** `saddr`, `daddr`, `inode` */
  readonly ends: readonly string[];
  readonly fields: readonly string[];
}

/** `saddr,daddr:lat,lon`, `*:city,region` @throws ClientError for a name that is none */
export function cityRule(text: string): CityRule {
  const [ends = '', names = ''] = text.split(':');
  const fields = names.split(/[,/\s]+/).filter((name) => name !== '');
  const unknown = fields.find((name) => PATHS[name] === undefined);
  if (unknown !== undefined) throw new ClientError(`RALABEL_GEOIP_CITY: ${unknown} is not known`);
  const all = ends.trim() === '*' ? ['saddr', 'daddr', 'inode'] : ends.split(/[,\s]+/).filter((end) => end !== '');
  return { ends: all, fields };
}

export class PlaceBase {
  readonly #reader: Reader<Response>;
  readonly #known = new Map<string, unknown>();

  /** @throws ClientError */
  constructor(path: string) {
    try {
      this.#reader = new Reader<Response>(readFileSync(path));
    } catch (error) {
      throw new ClientError(`${path}: ${(error as Error).message}`);
    }
  }

  /** A damaged database knows nothing. */
  #find(address: string): unknown {
    if (this.#known.has(address)) return this.#known.get(address);
    let found: unknown = null;
    try {
      found = this.#reader.get(address);
    } catch {
      found = null;
    }
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(address, found);
    return found;
  }

  /** 0 where none is known. */
  asNumber(address: string): number {
    const number = at(this.#find(address), ['autonomous_system_number']) ?? at(this.#find(address), ['asn']);
    const value = Number(String(number ?? '').replace(/^AS/i, ''));
    return Number.isSafeInteger(value) && value > 0 ? value : 0;
  }

  /** The fields' values with commas between; '' where none is known. */
  city(address: string, fields: readonly string[]): string {
    const found = this.#find(address);
    const values = fields.map((field) => String(at(found, PATHS[field] as readonly string[]) ?? ''));
    return values.every((value) => value === '') ? '' : values.join(',').replaceAll(':', ' ');
  }
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return typeof found === 'string' || typeof found === 'number' ? found : undefined;
}
