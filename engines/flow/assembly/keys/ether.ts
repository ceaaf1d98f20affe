/** Keys of what is no IP: MACs, the higher one last, and the Ethernet type or the saps of LLC. */
import { KEY_ONE_WAY } from '../../src/table/options';
import * as key from '../key';
import * as options from '../table/options';
import * as view from '../view';

const MAC_BYTES: u32 = 6;

export function etherKey(): bool {
  // Without an Ethernet header Argus takes what lies there for one.
  const header = view.ethernet != 0 ? view.ethernet : view.upper;
  view.length = view.wireBytes;
  const type = view.peek16(header + 12);
  return macKey(header, (options.key & KEY_ONE_WAY) == 0 ? MAC_BYTES : 0, type);
}

/** @param compared bytes of the MACs that tell which is higher */
export function macKey(header: usize, compared: u32, ethernetType: u32): bool {
  key.setHead(key.KIND_FIVE_TUPLE, key.TYPE_ETHERNET, 4);
  let swapped = false;
  for (let index: u32 = 0; index < compared; index++) {
    const source = view.peek8(header + MAC_BYTES + index);
    const destination = view.peek8(header + index);
    if (source == destination) continue;
    swapped = source > destination;
    break;
  }
  if (swapped) view.reversed = true;
  for (let index: u32 = 0; index < MAC_BYTES; index++) {
    store<u8>(key.words + index, view.peek8(header + index + <usize>(swapped ? MAC_BYTES : <u32>0)));
    store<u8>(key.words + MAC_BYTES + index, view.peek8(header + index + <usize>(swapped ? 0 : MAC_BYTES)));
  }
  let type = ethernetType;
  if ((view.encapsulation & view.ENCAPSULATION_LLC) != 0) {
    type = 0;
    const network = view.networkType();
    if (network != view.NETWORK_CLNS && network != view.NETWORK_ESIS && network != view.NETWORK_NULLNS) {
      if (network == view.NETWORK_ISIS) type = view.NETWORK_ISIS;
      else view.network &= 0xffff0000;
    }
    store<u8>(key.words, swapped ? view.sourceSap : view.destinationSap, 14);
    store<u8>(key.words, swapped ? view.destinationSap : view.sourceSap, 15);
  }
  store<u16>(key.words, type, 12);
  return true;
}
