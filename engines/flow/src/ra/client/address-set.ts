/** A set of addresses from a list: single ones, prefixes, ranges; one a line, what follows is ignored. */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { FLOW_IPV4, FLOW_IPV6, FLOW_TYPE } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { swapped } from '../filter/readers.ts';
import { ClientError } from '../options/settings.ts';
import { addressNumber } from '../text/parse-address.ts';

const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** First and last of spans, in order, none of which meet. */
interface Spans {
  readonly first: readonly bigint[];
  readonly last: readonly bigint[];
}

export class AddressSet {
  readonly #ipv4: Spans;
  readonly #ipv6: Spans;

  /** @throws ClientError for a line that is neither empty, a comment nor begins with an address */
  constructor(text: string, path = 'addresses') {
    const ipv4: [bigint, bigint][] = [];
    const ipv6: [bigint, bigint][] = [];
    for (const [index, line] of text.split('\n').entries()) {
      const word =
        line
          .replace(/[#;].*$/s, '')
          .trim()
          .split(/[\s,"]+/)[0] ?? '';
      if (word === '') continue;
      const span = spanOf(word);
      if (span === null) throw new ClientError(`${path}:${index + 1}: ${word} is no address, prefix or range`);
      (span.version === 4 ? ipv4 : ipv6).push([span.first, span.last]);
    }
    this.#ipv4 = joined(ipv4);
    this.#ipv6 = joined(ipv6);
  }

  static read(path: string): AddressSet {
    try {
      if (statSync(path).size > MAX_FILE_BYTES) throw new RangeError(`more than ${MAX_FILE_BYTES} bytes`);
      return new AddressSet(readFileSync(path, 'latin1'), path);
    } catch (error) {
      if (error instanceof ClientError) throw error;
      throw new ClientError(`${path}: ${(error as Error).message}`);
    }
  }

  /** @param at SOURCE_ADDRESS or DESTINATION_ADDRESS */
  has(record: FlowRecord, at: number): boolean {
    const type = record.get(FLOW_TYPE);
    if (type === FLOW_IPV4) return isWithin(this.#ipv4, BigInt(swapped(record.get(at))));
    if (type !== FLOW_IPV6) return false;
    let address = 0n;
    for (let word = 0; word < 4; word += 1) address = (address << 32n) | BigInt(swapped(record.get(at + word)));
    return isWithin(this.#ipv6, address);
  }
}

interface Span {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

function spanOf(word: string): Span | null {
  const [from = '', to] = word.split('-');
  if (to !== undefined) {
    const first = spanOf(from);
    const last = spanOf(to);
    if (first === null || last === null || first.version !== last.version || last.last < first.first) return null;
    return { version: first.version, first: first.first, last: last.last };
  }
  const [address = '', length] = word.split('/');
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  // `010/8` and `10/8`, as lists of the registries have them.
  const whole = version === 0 && /^[\d.]+$/.test(address) && length !== undefined ? padded(address) : address;
  const number = addressNumber(whole);
  if (number === null || prefix < 0 || prefix > bits) return null;
  const rest = (1n << BigInt(bits - prefix)) - 1n;
  return { version: isIP(whole) === 6 ? 6 : 4, first: number & ~rest, last: number | rest };
}

function padded(address: string): string {
  const parts = address
    .split('.')
    .filter((part) => part !== '')
    .map((part) => String(Number(part)));
  return [...parts, '0', '0', '0', '0'].slice(0, 4).join('.');
}

function joined(spans: [bigint, bigint][]): Spans {
  spans.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  const first: bigint[] = [];
  const last: bigint[] = [];
  for (const [from, to] of spans) {
    const end = last.at(-1);
    if (end !== undefined && from <= end + 1n) {
      if (to > end) last[last.length - 1] = to;
    } else {
      first.push(from);
      last.push(to);
    }
  }
  return { first, last };
}

function isWithin({ first, last }: Spans, address: bigint): boolean {
  let low = 0;
  let high = first.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((first[middle] as bigint) <= address) low = middle + 1;
    else high = middle;
  }
  return low > 0 && (last[low - 1] as bigint) >= address;
}
