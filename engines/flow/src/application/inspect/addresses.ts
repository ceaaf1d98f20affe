/** Addresses as text: each made once. */
import { addressText } from '@undercroft/packet';

const MAX_TEXTS = 50_000;

export class AddressMemory {
  readonly #ipv4 = new Map<number, string>();
  readonly #ipv6 = new Map<string, string>();

  /** @param at of four bytes, or of sixteen */
  read(bytes: Uint8Array, view: DataView, at: number, isIpv6: boolean): string {
    if (isIpv6) {
      const key = `${view.getBigUint64(at)} ${view.getBigUint64(at + 8)}`;
      return remembered(this.#ipv6, key, bytes, at, 16);
    }
    return remembered(this.#ipv4, view.getUint32(at), bytes, at, 4);
  }
}

function remembered<Key>(texts: Map<Key, string>, key: Key, bytes: Uint8Array, at: number, count: number): string {
  let text = texts.get(key);
  if (text === undefined) {
    text = addressText(bytes.subarray(at, at + count));
    if (texts.size >= MAX_TEXTS) texts.clear();
    texts.set(key, text);
  }
  return text;
}
