/** Who may send flow exports. */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { UndercroftError } from '@undercroft/kernel';

/** @returns an address as the socket tells it, without the wrapping of IPv4 in IPv6 and without a zone */
export function plainAddress(address: string): string {
  const mapped = address.startsWith('::ffff:') ? address.slice(7) : address;
  return isIP(mapped) === 4 ? mapped : (address.split('%')[0] as string);
}

/** Bytes of an address in network order. */
export function addressBytes(address: string): Uint8Array {
  if (!isIPv6(address)) return Uint8Array.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':').flatMap(ipv6Part));
  const before = words(head);
  const after = tail === undefined ? [] : words(tail);
  const zeroes = new Array<number>(Math.max(0, 16 - before.length - after.length)).fill(0);
  return Uint8Array.from([...before, ...zeroes, ...after]).subarray(0, 16);
}

function ipv6Part(part: string): number[] {
  if (part.includes('.')) return part.split('.').map(Number);
  const value = Number.parseInt(part, 16);
  return [value >>> 8, value & 0xff];
}

export class AllowList {
  readonly #list = new BlockList();
  readonly #all: boolean;

  /**
   * @param entries addresses and blocks such as 10.0.0.0/8; everybody if there are none
   * @throws UndercroftError `flow.collector.allow` for what is neither
   */
  constructor(entries: readonly string[]) {
    this.#all = entries.length === 0;
    for (const entry of entries) {
      const [address = '', bits] = entry.split('/');
      const version = isIP(address);
      const prefix = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
      if (version === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > (version === 6 ? 128 : 32)) {
        throw new UndercroftError('flow.collector.allow', `${entry} is no address and no block of addresses`, {
          fix: 'Write 192.0.2.7 or 192.0.2.0/24.',
        });
      }
      this.#list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
    }
  }

  allows(address: string): boolean {
    return this.#all || this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}
