/** Who may send flow exports. */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { UndercroftError } from '@undercroft/kernel';

/** @returns an address as the socket tells it, without the wrapping of IPv4 in IPv6 and without a zone */
export function plainAddress(address: string): string {
  const mapped = address.startsWith('::ffff:') ? address.slice(7) : address;
  return isIP(mapped) === 4 ? mapped : (address.split('%')[0] as string);
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
