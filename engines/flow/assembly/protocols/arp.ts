/** ARP: who answered. */
import { be16 } from '../../../../sources/packet/assembly/bytes';
import { QUIRK_ARP_UNTAGGED } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as flows from '../flow';
import { ARP_REPLY } from '../keys/arp';
import * as view from '../view';

/** With addresses of Ethernet and IPv4. */
const MESSAGE_BYTES: u32 = 28;

export function updateArp(flow: usize): void {
  if (view.ethernet == 0) return;
  const message = keeps(QUIRK_ARP_UNTAGGED) ? view.behindEthernet : view.upper;
  if (!view.has(message, MESSAGE_BYTES)) return;
  view.length -= MESSAGE_BYTES;
  view.captured -= MESSAGE_BYTES;
  view.upper = message + MESSAGE_BYTES;
  if (be16(message + 6) != ARP_REPLY) return;
  store<u8>(flow, flows.NETWORK_ARP, flows.NETWORK_KIND);
  store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
  store<u32>(flow, load<u32>(message, 8), flows.NETWORK);
  store<u16>(flow, load<u16>(message, 12), flows.NETWORK + 4);
}
