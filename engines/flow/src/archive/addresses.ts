/** Addresses as texts, each spelt once: a record's address is a number or a short key until somebody reads it. */
import { addressText } from '@undercroft/packet';
import type { FlowRecord } from '../record/record.ts';

/** The IPv4 address as a number, or the four words of an IPv6 address. */
export type AddressKey = number | string;

const MAX_TEXTS = 100_000;
const IPV6_WORDS = 4;

export class AddressTexts {
  readonly #texts = new Map<AddressKey, string>();
  readonly #bytes = new Uint8Array(16);
  readonly #words = new Uint32Array(this.#bytes.buffer);

  /** @param at word of the record at which the address is */
  readonly keyOf = ({ words, base }: FlowRecord, at: number, isIpv4: boolean): AddressKey => {
    const first = words[base + at]!;
    return isIpv4 ? first : `${first} ${words[base + at + 1]} ${words[base + at + 2]} ${words[base + at + 3]}`;
  };

  readonly textOf = (key: AddressKey): string => {
    let text = this.#texts.get(key);
    if (text === undefined) {
      if (typeof key === 'number') this.#words[0] = key;
      else for (const [index, word] of key.split(' ').entries()) this.#words[index % IPV6_WORDS] = Number(word);
      text = addressText(this.#bytes.subarray(0, typeof key === 'number' ? 4 : 16));
      if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
      this.#texts.set(key, text);
    }
    return text;
  };
}
