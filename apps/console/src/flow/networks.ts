/** Which network an address is in, as the map groups them: inside by its block, outside together. Pure. */

export type Place = 'inside' | 'loopback' | 'group' | 'outside';

interface Block {
  readonly bits: number;
  readonly value: bigint;
  readonly length: number;
}

/** Addresses of one inner network share so many bits. */
const NETWORK_BITS = { 32: 24, 128: 64 } as const;

/** Reads `10.0.0.1`, `fe80::1`, `::ffff:10.0.0.1`. @returns undefined if it is no address */
export function parseAddress(text: string): { readonly bits: 32 | 128; readonly value: bigint } | undefined {
  const four = ipv4(text);
  if (four !== undefined) return { bits: 32, value: BigInt(four) };
  const halves = text.replace(/%.*$/, '').split('::');
  if (!text.includes(':') || halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupOf)));
  const given = groups.reduce((all, half) => all + half.length, 0);
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const [head = [], tail = []] = groups;
  const all = [...head, ...Array.from({ length: 8 - given }, () => 0), ...tail];
  if (all.length !== 8 || all.some((group) => !(group >= 0 && group <= 0xffff))) return undefined;
  return { bits: 128, value: all.reduce((value, group) => (value << 16n) | BigInt(group), 0n) };
}

/** @param blocks `10.0.0.0/8`, as the configuration says what is inside; what cannot be read is passed over */
export function placesOf(blocks: readonly string[]): (address: string) => Place {
  const inside = blocks.flatMap((text): readonly Block[] => {
    const [address = '', length] = text.split('/');
    const parsed = parseAddress(address);
    if (parsed === undefined) return [];
    return [{ ...parsed, length: length === undefined ? parsed.bits : Number(length) }];
  });
  return (address) => {
    const parsed = parseAddress(address);
    if (parsed === undefined) return 'outside';
    const { bits, value } = parsed;
    const first = Number(value >> BigInt(bits - 8));
    if (bits === 32 ? first === 127 : value === 1n) return 'loopback';
    if (bits === 32 ? first >= 224 || value === 0n : first === 0xff || value === 0n) return 'group';
    return inside.some((block) => block.bits === bits && sharesBits(block, value)) ? 'inside' : 'outside';
  };
}

/** `10.20.4.0/24`, `fd00:1::/64`. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return address;
  const length = NETWORK_BITS[parsed.bits];
  const spare = BigInt(parsed.bits - length);
  const network = (parsed.value >> spare) << spare;
  if (parsed.bits === 32) return `${[24n, 16n, 8n, 0n].map((shift) => (network >> shift) & 255n).join('.')}/${length}`;
  const groups = [112n, 96n, 80n, 64n].map((shift) => ((network >> shift) & 0xffffn).toString(16));
  while (groups.at(-1) === '0') groups.pop();
  return `${groups.join(':')}::/${length}`;
}

function sharesBits({ bits, value, length }: Block, other: bigint): boolean {
  const spare = BigInt(Math.max(0, bits - length));
  return value >> spare === other >> spare;
}

function groupOf(text: string): number[] {
  const four = ipv4(text);
  if (four !== undefined) return [Math.floor(four / 0x10000), four % 0x10000];
  return [/^[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : -1];
}

function ipv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  return parts.some((part) => part > 255) ? undefined : parts.reduce((value, part) => value * 256 + part, 0);
}
