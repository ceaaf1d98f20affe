/** Addresses of IPv4, IPv6 and Ethernet under a key: one to one, and what an address means by its form stays. */
import { changingBits, PrefixCipher } from './prefix.ts';

const NET_BYTES = 3;
const ALL_ONES = 0xff;

export interface AddressPolicy {
  /** Networks and hosts in them change; what is false stays as it is. */
  readonly changesNets: boolean;
  readonly changesHosts: boolean;
  /** Bits of an IPv4 address that are its network. */
  readonly netBits: number;
  readonly keepsBroadcast: boolean;
  readonly keepsMulticast: boolean;
  readonly changesMacs: boolean;
  readonly keepsVendors: boolean;
  readonly keepsMacBroadcast: boolean;
  readonly keepsMacMulticast: boolean;
  /** Addresses of IPv4 in four bytes, or networks in three, and what takes their place. */
  readonly translations: readonly (readonly [from: Buffer, to: Buffer])[];
}

export class Addresses {
  readonly #policy: AddressPolicy;
  readonly #ip4: PrefixCipher;
  readonly #ip6: PrefixCipher;
  readonly #mac: PrefixCipher;

  /** @param keyOf 32 bytes of key for a purpose */
  constructor(policy: AddressPolicy, keyOf: (purpose: string) => Buffer) {
    this.#policy = policy;
    this.#ip4 = new PrefixCipher(keyOf('ipv4'));
    this.#ip6 = new PrefixCipher(keyOf('ipv6'));
    this.#mac = new PrefixCipher(keyOf('ethernet'));
  }

  ip4(address: Buffer): Buffer {
    if (this.#isFixed4(address)) return address;
    const found = this.#plain4(address);
    return this.#policy.translations.reduce((result, pair) => this.#translated(address, result, pair), found);
  }

  #plain4(address: Buffer): Buffer {
    const { changesNets, changesHosts, netBits } = this.#policy;
    const from = changesNets ? classBits(address[0] as number) : netBits;
    const changes = changingBits(4, from, changesHosts ? 32 : netBits);
    const isEdge = this.#isEdge(address);
    if (isEdge) changes[3] = 0;
    let result = this.#ip4.turn(address, changes);
    // Nothing else may become an address that stays: the last byte goes round until it comes out elsewhere.
    while (!isEdge && changes[3] !== 0 && this.#isEdge(result)) {
      const again = Buffer.concat([address.subarray(0, NET_BYTES), result.subarray(NET_BYTES)]);
      result[NET_BYTES] = this.#ip4.turn(again, changes)[NET_BYTES] as number;
    }
    while (this.#isFixed4(result)) result = this.#ip4.turn(result, changes);
    return result;
  }

  /** Ends of a network of 24 bits: its broadcast address, and the address of the network itself. */
  #isEdge(address: Buffer): boolean {
    return this.#policy.keepsBroadcast && (address[3] === ALL_ONES || address[3] === 0);
  }

  #isFixed4(address: Buffer): boolean {
    const isOne = address.every((byte) => byte === 0) || address.every((byte) => byte === ALL_ONES);
    return isOne || (this.#policy.keepsMulticast && (address[0] as number) >> 4 === 14);
  }

  /** A place that is taken by a translation goes to what the translated one would have become. */
  #translated(address: Buffer, result: Buffer, [from, to]: readonly [Buffer, Buffer]): Buffer {
    const { length } = from;
    const replaced = (start: Buffer): Buffer => Buffer.concat([start.subarray(0, length), result.subarray(length)]);
    if (address.subarray(0, length).equals(from)) return replaced(to);
    if (!result.subarray(0, length).equals(to)) return result;
    const whole = length === NET_BYTES ? Buffer.concat([from, address.subarray(NET_BYTES)]) : from;
    return replaced(this.#plain4(whole));
  }

  ip6(address: Buffer): Buffer {
    const { changesNets, changesHosts, keepsMulticast } = this.#policy;
    const isNone = address.subarray(0, 15).every((byte) => byte === 0) && (address[15] as number) <= 1;
    if (isNone || (keepsMulticast && address[0] === ALL_ONES)) return address;
    const changes = changingBits(16, changesNets ? scopeBits(address[0] as number) : 64, changesHosts ? 128 : 64);
    return this.#ip6.turn(address, changes);
  }

  mac(address: Buffer): Buffer {
    const { changesMacs, keepsVendors, keepsMacBroadcast, keepsMacMulticast } = this.#policy;
    const isBroadcast = address.every((byte) => byte === ALL_ONES);
    const isNone = address.every((byte) => byte === 0);
    const isMulticast = ((address[0] as number) & 1) === 1;
    if (!changesMacs || isNone || (isBroadcast ? keepsMacBroadcast : isMulticast && keepsMacMulticast)) return address;
    const changes = changingBits(6, keepsVendors ? 24 : 0);
    // Group and local addresses stay what they are.
    changes[0] = (changes[0] as number) & 0xfc;
    return this.#mac.turn(address, changes);
  }
}

/** Bits that tell the class of an IPv4 address; they stay, so that no address moves into or out of multicast. */
function classBits(first: number): number {
  return first < 128 ? 1 : first < 192 ? 2 : first < 224 ? 3 : 4;
}

/** Bits that tell the scope of an IPv6 address: global, unique local, link local, multicast. */
function scopeBits(first: number): number {
  if (first >> 5 === 1) return 3;
  if (first >> 1 === 0x7e) return 7;
  return first === 0xfe ? 10 : 8;
}
