/** The sampled head of a packet into a draft, through the packet decoder. */
import { PacketDecoder } from '@undercroft/packet';
import { type Draft, fillAddresses } from '../../netflow/language/draft.ts';
import { ICMP, ICMPV6, IGMP, TCP } from '../../netflow/language/protocols.ts';
import {
  DESTINATION_MAC,
  DESTINATION_PORT,
  MAC_ETHER_TYPE,
  PROTOCOL,
  SOURCE_MAC,
  SOURCE_PORT,
} from '../../record/layout.ts';

export interface HeaderReader {
  /**
   * @param protocol of the header, as sFlow numbers it: 1 Ethernet, 11 IPv4, 12 IPv6, ...
   * @param frameBytes of the whole packet
   * @returns false where nobody can read such a header
   */
  read(header: Uint8Array, protocol: number, frameBytes: number, draft: Draft): boolean;
}

/** Header protocols to link types of capture files. */
const LINK_TYPES: Readonly<Record<number, number>> = { 1: 1, 5: 107, 7: 9, 11: 101, 12: 101 };
const ETHERNET = 1;
const ETHERNET_BYTES = 14;
const VLAN_TYPES = new Set([0x8100, 0x88a8]);
/** Longer heads are cut: nobody samples that much. */
const MAX_HEADER_BYTES = 2048;

export function headerReader(): HeaderReader {
  const decoder = new PacketDecoder({ maxBlockBytes: MAX_HEADER_BYTES, maxPackets: 1 });
  return {
    read(whole, protocol, frameBytes, draft) {
      const linkType = LINK_TYPES[protocol];
      if (linkType === undefined || whole.length === 0) return false;
      const header = whole.subarray(0, MAX_HEADER_BYTES);
      const packet = decoder.decodeFrame(header, { linkType, wireBytes: frameBytes });
      const { record } = draft;
      if (protocol === ETHERNET && header.length >= ETHERNET_BYTES) readEthernet(header, draft);
      record.set(MAC_ETHER_TYPE, packet.etherType);
      if (packet.ipVersion === 0) return true;
      record.set(PROTOCOL, packet.protocol);
      fillAddresses(draft, packet.source, packet.destination);
      const side = draft.side(false);
      draft.setTos(side, packet.tos);
      draft.setTtl(side, packet.ttl);
      draft.isFragment = packet.fragmentOffset > 0 || packet.fragmentMore;
      if (packet.protocol === TCP) record.set(side.tcpFlags, packet.tcpFlags);
      if (packet.protocol === ICMP || packet.protocol === ICMPV6 || packet.protocol === IGMP) {
        draft.icmp = (packet.icmpType << 8) | packet.icmpCode;
      } else {
        record.set(SOURCE_PORT, packet.sourcePort);
        record.set(DESTINATION_PORT, packet.destinationPort);
      }
      return true;
    },
  };
}

function readEthernet(header: Uint8Array, draft: Draft): void {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  draft.setMac(DESTINATION_MAC, view, 0);
  draft.setMac(SOURCE_MAC, view, 6);
  if (VLAN_TYPES.has(view.getUint16(12)) && header.length >= ETHERNET_BYTES + 2) draft.setVlan(1, view.getUint16(14));
}
