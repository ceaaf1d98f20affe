/**
 * What to scan, as Nmap writes it: addresses, names, CIDR blocks, octet ranges (`10.0.0-3.1,5,9`), IPv6 literals and
 * blocks. Blocks are walked, never held.
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { badRequest, UndercroftError } from '@undercroft/kernel';

/** A /16 of IPv4: its result is still one message. More is split by the caller. */
export const MAX_ADDRESSES = 65_536;
const MAX_TARGETS = 4_096;

export type Target =
  | { readonly kind: 'name'; readonly name: string }
  /** `first + i` for i below `count`, as 128-bit numbers. */
  | { readonly kind: 'block'; readonly family: 4 | 6; readonly first: bigint; readonly count: number }
  | { readonly kind: 'octets'; readonly octets: readonly (readonly number[])[]; readonly count: number };

/** @throws UndercroftError `scan.target` naming the word that cannot be read */
export function parseTargets(words: readonly string[]): readonly Target[] {
  if (words.length === 0)
    throw badRequest(
      'scan.target',
      'There is no target.',
      'Give an address, a name or a block, e.g. 127.0.0.1 or 192.168.1.0/24.',
    );
  if (words.length > MAX_TARGETS)
    throw badRequest('scan.target', `More than ${MAX_TARGETS} targets in one scan.`, 'Use blocks, or several scans.');
  const targets = words.map(parseTarget);
  const total = targets.reduce((sum, target) => sum + countOf(target), 0);
  if (total > MAX_ADDRESSES)
    throw badRequest(
      'scan.target',
      `${total} addresses are more than the ${MAX_ADDRESSES} of one scan.`,
      'Split the block.',
    );
  return targets;
}

export function countOf(target: Target): number {
  return target.kind === 'name' ? 1 : target.count;
}

/** Every address of a block or octet range, in order. */
export function* addressesOf(target: Exclude<Target, { kind: 'name' }>): Generator<string> {
  if (target.kind === 'block') {
    for (let i = 0; i < target.count; i++)
      yield target.family === 4 ? ipv4Text(target.first + BigInt(i)) : ipv6Text(target.first + BigInt(i));
    return;
  }
  const [a = [], b = [], c = [], d = []] = target.octets;
  for (const first of a)
    for (const second of b)
      for (const third of c) for (const fourth of d) yield `${first}.${second}.${third}.${fourth}`;
}

function parseTarget(word: string): Target {
  const text = word.trim();
  const [address = '', prefix, ...more] = text.split('/');
  if (more.length > 0) throw unreadable(word);
  if (isIP(address) !== 0) return block(word, address, prefix);
  if (prefix !== undefined) throw unreadable(word);
  if (/^[\d.,*-]+$/.test(text)) return octets(word, text);
  // RFC 1123 names; an underscore is not allowed in hosts but met in the wild.
  if (/^(?=.{1,253}$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+$/.test(text))
    return { kind: 'name', name: text };
  throw unreadable(word);
}

/** Length of a block's prefix; that of a single address where none is written. */
function prefixLength(word: string, address: string, prefix: string | undefined): number {
  const bits = isIPv4(address) ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (!/^\d{1,3}$/.test(prefix ?? '0') || length > bits) throw unreadable(word);
  return length;
}

function block(word: string, address: string, prefix: string | undefined): Target {
  const family = isIPv4(address) ? 4 : 6;
  const bits = family === 4 ? 32 : 128;
  const length = prefixLength(word, address, prefix);
  const hostBits = BigInt(bits - length);
  if (hostBits > 24n)
    throw badRequest('scan.target', `${word} holds more addresses than one scan takes.`, 'Split the block.');
  const value = family === 4 ? ipv4Number(address) : ipv6Number(address);
  return { kind: 'block', family, first: (value >> hostBits) << hostBits, count: Number(1n << hostBits) };
}

function octets(word: string, text: string): Target {
  const parts = text.split('.');
  if (parts.length !== 4) throw unreadable(word);
  const lists = parts.map((part) => octetList(word, part));
  return { kind: 'octets', octets: lists, count: lists.reduce((product, list) => product * list.length, 1) };
}

function octetList(word: string, part: string): number[] {
  const found = new Set<number>();
  for (const piece of part.split(',')) {
    const match = /^(?:\*|(\d{1,3})|(\d{0,3})-(\d{0,3}))$/.exec(piece);
    if (match === null) throw unreadable(word);
    const [, single, from, to] = match;
    const low = single !== undefined ? Number(single) : from === undefined || from === '' ? 0 : Number(from);
    const high = single !== undefined ? Number(single) : to === undefined || to === '' ? 255 : Number(to);
    if (low > high || high > 255) throw unreadable(word);
    for (let value = low; value <= high; value++) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function unreadable(word: string): UndercroftError {
  return badRequest(
    'scan.target',
    `${JSON.stringify(word)} is no target.`,
    'Want an address, a name, a block (10.0.0.0/24) or octet ranges (10.0.0-3.1,5,9).',
  );
}

function ipv4Number(address: string): bigint {
  return address.split('.').reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

function ipv4Text(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

function ipv6Number(address: string): bigint {
  const plain = address
    .replace(
      /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
      (_all, a, b, c, d) =>
        `${((Number(a) << 8) | Number(b)).toString(16)}:${((Number(c) << 8) | Number(d)).toString(16)}`,
    )
    .replace(/%.*$/, '');
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** RFC 5952: lower case, the longest run of zeros as `::`. */
function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === '0') length++;
    if (length > best.length) best = { at, length };
  }
  if (best.at === -1) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}

/** Which addresses may be scanned: allowed blocks, less denied ones. */
export class Scope {
  readonly #allowed: readonly { readonly text: string; readonly list: BlockList }[];
  readonly #denied: readonly { readonly text: string; readonly list: BlockList }[];

  /** @throws UndercroftError when a block cannot be read */
  constructor(allowed: readonly string[], denied: readonly string[]) {
    this.#allowed = allowed.map(listOf);
    this.#denied = denied.map(listOf);
  }

  /** @returns the rule that forbids it, undefined when it may be scanned */
  refusal(address: string): string | undefined {
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    const denied = this.#denied.find((rule) => rule.list.check(address, family));
    if (denied !== undefined) return `scan.denied lists ${denied.text}`;
    return this.#allowed.some((rule) => rule.list.check(address, family))
      ? undefined
      : 'no block of scan.allowed holds it';
  }
}

/** Refused by {@link Scope.refusal}. */
export function outOfScope(address: string, refusal: string): UndercroftError {
  return new UndercroftError('scan.scope', `${address} may not be scanned: ${refusal}.`, {
    status: 403,
    fix: 'Change scan.allowed or scan.denied in the configuration, if the network is yours.',
  });
}

function listOf(text: string): { text: string; list: BlockList } {
  const [address = '', prefix, ...more] = text.trim().split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) throw unreadable(text);
  const list = new BlockList();
  list.addSubnet(address, prefixLength(text, address, prefix), family === 4 ? 'ipv4' : 'ipv6');
  return { text, list };
}
