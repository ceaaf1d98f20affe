/** Which addresses are inside: blocks of IPv4 and IPv6. */
import { BlockList, isIPv6 } from 'node:net';

/** IPv6 answers kept: the list of the runtime is asked once for each of them. */
const MAX_KNOWN = 50_000;

export class Networks {
  readonly #ipv4: { readonly network: number; readonly mask: number }[] = [];
  readonly #ipv6 = new BlockList();
  readonly #known = new Map<string, boolean>();

  /** @param blocks `10.0.0.0/8`, `fc00::/7`, or single addresses @throws RangeError on one that is neither */
  constructor(blocks: readonly string[]) {
    for (const block of blocks) {
      const [address = '', bits] = block.split('/');
      if (isIPv6(address)) this.#ipv6.addSubnet(address, bits === undefined ? 128 : Number(bits), 'ipv6');
      else {
        const network = ipv4Number(address);
        const length = bits === undefined ? 32 : Number(bits);
        if (network === undefined || !(length >= 0 && length <= 32))
          throw new RangeError(`${block} is no block of addresses`);
        const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
        this.#ipv4.push({ network: (network & mask) >>> 0, mask });
      }
    }
  }

  inside(address: string): boolean {
    const number = ipv4Number(address);
    if (number !== undefined) return this.#ipv4.some(({ network, mask }) => (number & mask) >>> 0 === network);
    let known = this.#known.get(address);
    if (known === undefined) {
      known = isIPv6(address) && this.#ipv6.check(address, 'ipv6');
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(address, known);
    }
    return known;
  }

  loopback(address: string): boolean {
    return address === '::1' || address.startsWith('127.');
  }

  /** Addresses that are nobody's alone: multicast, broadcast, unspecified, loopback. */
  special(address: string): boolean {
    const number = ipv4Number(address);
    if (number === undefined) return /^(ff|::1?$)/i.test(address);
    const first = number >>> 24;
    return first >= 224 || first === 127 || first === 0 || (number & 255) === 255;
  }
}

/** The network that an address is likely to share with its neighbours: its /24, or the /48 of IPv6. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
  const [head = '', ...tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const three = tail.length === 0 ? groups.slice(0, 3) : [...groups, '0', '0', '0'].slice(0, 3);
  return `${three.join(':')}::/48`;
}

/** @returns undefined if it is not four numbers */
function ipv4Number(address: string): number | undefined {
  let number = 0;
  let part = -1;
  let parts = 0;
  for (let index = 0; index <= address.length; index++) {
    const code = index === address.length ? 46 : address.charCodeAt(index);
    if (code === 46) {
      if (part < 0 || part > 255) return undefined;
      number = number * 256 + part;
      part = -1;
      parts += 1;
    } else if (code >= 48 && code <= 57) part = Math.max(part, 0) * 10 + code - 48;
    else return undefined;
  }
  return parts === 4 ? number : undefined;
}
