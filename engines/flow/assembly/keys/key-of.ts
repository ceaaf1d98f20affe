/** The key of the packet at hand, by what its innermost header is. */
import { KEY_FIVE_TUPLE, KEY_MAC, KEY_MATRIX_IP, KEY_MATRIX_MAC, KEY_MPLS, KEY_VLAN } from '../../src/table/options';
import * as key from '../key';
import * as options from '../table/options';
import * as view from '../view';
import { arpKey } from './arp';
import { etherKey } from './ether';
import { ipv4Key } from './ipv4';
import { ipv6Key } from './ipv6';
import { isisKey } from './isis';
import { wlanKey } from './wlan';

/**
 * Makes the key. Moves the view behind the headers that it looks at.
 *
 * @returns false if the packet makes no flow
 */
export function makeKey(): bool {
  view.reversed = false;
  key.clear();
  if ((options.key & (KEY_FIVE_TUPLE | KEY_MATRIX_IP)) == 0 || (options.key & KEY_MATRIX_MAC) != 0) {
    return etherKey();
  }
  switch (view.networkType()) {
    case view.TYPE_IP: return view.ip != 0 && ipv4Key();
    case view.TYPE_IPV6: return view.ip != 0 && ipv6Key();
    case view.TYPE_ARP:
    case view.TYPE_RARP: return arpKey();
    case view.NETWORK_WLAN: return wlanKey();
    case view.NETWORK_ISIS: return isisKey();
    // Argus means to keep flows of UDT over Ethernet by their socket and never does.
    case view.TYPE_UDTOE: return false;
  }
  if (view.ip == 0) return etherKey();
  view.network = (view.network & 0xffff0000) | view.TYPE_IP;
  return ipv4Key();
}

/** Closes the key of the packet with what the options add to it. */
export function closeKey(): void {
  let added: u32 = 0;
  if ((options.key & (KEY_VLAN | KEY_MPLS | KEY_MAC)) != 0) added = addOptions();
  key.close(added);
}

function addOptions(): u32 {
  const own = <u32>load<u8>(key.head, key.HEAD_WORDS);
  if (own == 0) return 0;
  let at = key.words + <usize>((own - 1) << 2);
  let added: u32 = 0;
  if ((options.key & KEY_VLAN) != 0) {
    store<u32>(at, (view.encapsulation & view.ENCAPSULATION_VLAN) != 0 ? view.vlanTag & 0x0fff : 0);
    at += 4;
    added++;
  }
  if ((options.key & KEY_MPLS) != 0) {
    store<u32>(at, (view.encapsulation & view.ENCAPSULATION_MPLS) != 0 ? view.mplsLabel : 0);
    at += 4;
    added++;
  }
  if ((options.key & KEY_MAC) != 0 && view.ethernet != 0 && own + added + 3 < key.MAX_KEY_WORDS) {
    const source = view.reversed ? view.ethernet : view.ethernet + 6;
    const destination = view.reversed ? view.ethernet + 6 : view.ethernet;
    memory.copy(at, destination, 6);
    memory.copy(at + 6, source, 6);
    store<u32>(at, load<u16>(view.ethernet, 12), 12);
    added += 4;
  }
  return added;
}
