/** How many addresses of each kind are sources and destinations, by what the registries (IANA) say of them. */
import { DESTINATION_ADDRESS, FLOW_IPV4, FLOW_IPV6, FLOW_TYPE, SOURCE_ADDRESS } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { swapped } from '../filter/readers.ts';

const MAX_ADDRESSES = 10_000_000;
const LABEL_WIDTH = 25;

/** First addresses of blocks, their prefix lengths and names; longer prefixes first. */
const IPV4_BLOCKS: readonly (readonly [first: number, prefix: number, name: string])[] = [
  [0xc0000200, 24, 'Unicast Test Net'],
  [0xc6336400, 24, 'Unicast Test Net'],
  [0xcb007100, 24, 'Unicast Test Net'],
  [0xe0000000, 24, 'Multicast Local'],
  [0xe0000100, 24, 'Multicast Internet'],
  [0xe0000000, 16, 'Multicast AdHoc'],
  [0xe0020000, 16, 'Multicast SdpSap'],
  [0xefc00000, 14, 'Multicast OrgLocal'],
  [0xefff0000, 16, 'Multicast SiteLocal'],
  [0xa9fe0000, 16, 'Unicast Link Local'],
  [0xc0a80000, 16, 'Unicast Private'],
  [0xac100000, 12, 'Unicast Private'],
  [0x00000000, 8, 'Unicast This Network'],
  [0x0a000000, 8, 'Unicast Private'],
  [0x7f000000, 8, 'Unicast LoopBack'],
  [0xe8000000, 8, 'Multicast Src Spec'],
  [0xe9000000, 8, 'Multicast GLOP Blk'],
  [0xe0000000, 4, 'Multicast Reserved'],
  [0xf0000000, 4, 'Unicast Reserved'],
];
const IPV4_NAMES = [
  'Unicast',
  'Unicast This Network',
  'Unicast Private',
  'Unicast LoopBack',
  'Unicast Link Local',
  'Unicast Test Net',
  'Unicast Reserved',
  'Multicast Local',
  'Multicast Internet',
  'Multicast AdHoc',
  'Multicast Reserved',
  'Multicast SdpSap',
  'Multicast Src Spec',
  'Multicast GLOP Blk',
  'Multicast OrgLocal',
  'Multicast SiteLocal',
];
const IPV6_NAMES = [
  'Unspecified',
  'Loopback',
  'LinkLocal',
  'SiteLocal',
  'Global',
  'Multicast Node Local',
  'Multicast Link Local',
  'Multicast Site Local',
  'Multicast Org  Local',
  'Multicast Global',
];
const IPV6_SCOPES: Readonly<Record<number, string>> = {
  1: 'Multicast Node Local',
  2: 'Multicast Link Local',
  5: 'Multicast Site Local',
  8: 'Multicast Org  Local',
};

export class AddressTally {
  readonly #isOneWay: boolean;
  readonly #seen = new Set<string>();
  readonly #counts = new Map<string, [number, number]>();

  /** @param isOneWay only sources are counted: every host is one */
  constructor(isOneWay: boolean) {
    this.#isOneWay = isOneWay;
  }

  add(record: FlowRecord): void {
    const type = record.get(FLOW_TYPE);
    if (type !== FLOW_IPV4 && type !== FLOW_IPV6) return;
    this.#count(record, type, SOURCE_ADDRESS, 0);
    if (!this.#isOneWay) this.#count(record, type, DESTINATION_ADDRESS, 1);
  }

  #count(record: FlowRecord, type: number, at: number, side: 0 | 1): void {
    const words = [0, 1, 2, 3].map((i) => (i === 0 || type === FLOW_IPV6 ? swapped(record.get(at + i)) : 0));
    const key = `${side} ${type} ${words.join(' ')}`;
    if (this.#seen.has(key) || this.#seen.size >= MAX_ADDRESSES) return;
    this.#seen.add(key);
    const name = type === FLOW_IPV4 ? `IPv4 ${ipv4Kind(words[0] as number)}` : `IPv6 ${ipv6Kind(words)}`;
    const counts = this.#counts.get(name) ?? [0, 0];
    counts[side] += 1;
    this.#counts.set(name, counts);
  }

  text(): string {
    let text = 'Address Summary\n';
    for (const name of [...IPV4_NAMES.map((one) => `IPv4 ${one}`), ...IPV6_NAMES.map((one) => `IPv6 ${one}`)]) {
      const counts = this.#counts.get(name);
      if (counts === undefined) continue;
      const [sources, destinations] = counts;
      const label = `  ${name.padEnd(LABEL_WIDTH)}`;
      text += this.#isOneWay
        ? `${label} ${String(sources).padEnd(10)}\n`
        : `${label} src ${String(sources).padEnd(10)}  dst ${String(destinations).padEnd(10)}\n`;
    }
    return text;
  }
}

function ipv4Kind(address: number): string {
  const found = IPV4_BLOCKS.find(([first, prefix]) => (address ^ first) >>> (32 - prefix) === 0);
  return found?.[2] ?? 'Unicast';
}

function ipv6Kind(words: readonly number[]): string {
  const [first = 0, second = 0, third = 0, fourth = 0] = words;
  if (first === 0 && second === 0 && third === 0 && fourth <= 1) return fourth === 1 ? 'Loopback' : 'Unspecified';
  if (first >>> 24 === 0xff) return IPV6_SCOPES[(first >>> 16) & 15] ?? 'Multicast Global';
  if (first >>> 22 === 0x3fa) return 'LinkLocal';
  return first >>> 22 === 0x3fb ? 'SiteLocal' : 'Global';
}
