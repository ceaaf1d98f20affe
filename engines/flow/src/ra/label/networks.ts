/** Values by network: for an address those of all networks that hold it, the widest first. */
import { isIP } from 'node:net';
import { addressBytes as bytesOf } from '@undercroft/packet';

const MAX_ENTRIES = 2_000_000;
const IPV4_BITS = 32;
const WORD = 2 ** IPV4_BITS;

export class Networks<T> {
  /** By bytes of an address and length of the prefix: values by the prefix's bytes. */
  readonly #tables = new Map<number, Map<string, T[]>>();
  #lengths: number[] = [];
  #count = 0;

  /** @param address 4 or 16 bytes @throws RangeError when there are too many */
  add(address: Uint8Array, bits: number, value: T): void {
    if (this.#count >= MAX_ENTRIES) throw new RangeError(`more than ${MAX_ENTRIES} networks`);
    this.#count += 1;
    const length = address.length * 256 + bits;
    let table = this.#tables.get(length);
    if (table === undefined) {
      table = new Map();
      this.#tables.set(length, table);
      this.#lengths = [...this.#tables.keys()].sort((one, other) => one - other);
    }
    const key = prefixKey(address, bits);
    const values = table.get(key);
    if (values === undefined) table.set(key, [value]);
    else values.push(value);
  }

  /** All whole networks between two addresses of IPv4, both included. */
  addRange(first: number, last: number, value: T): void {
    for (let from = first; from <= last; ) {
      let size = from === 0 ? WORD : lowestBit(from);
      while (from + size - 1 > last) size /= 2;
      const address = Uint8Array.of(from >>> 24, from >>> 16, from >>> 8, from);
      this.add(address, IPV4_BITS - Math.log2(size), value);
      from += size;
    }
  }

  find(address: Uint8Array): T[] {
    const found: T[] = [];
    for (const length of this.#lengths) {
      if (length >> 8 !== address.length) continue;
      const values = this.#tables.get(length)?.get(prefixKey(address, length & 255));
      if (values !== undefined) found.push(...values);
    }
    return found;
  }
}

function lowestBit(value: number): number {
  let bit = 1;
  while (value % (bit * 2) === 0) bit *= 2;
  return bit;
}

function prefixKey(address: Uint8Array, bits: number): string {
  const whole = bits >> 3;
  let key = '';
  for (let i = 0; i < whole; i += 1) key += String.fromCharCode(address[i] as number);
  const rest = bits & 7;
  return rest === 0 ? key : key + String.fromCharCode((address[whole] as number) & (0xff00 >> rest) & 0xff);
}

/** Bytes of an address in text, whatever its zone; null for what is none. */
export function addressBytes(text: string): Uint8Array | null {
  return isIP(text) === 0 ? null : (bytesOf(text.replace(/%.*$/, '')) ?? null);
}
