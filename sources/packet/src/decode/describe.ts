/** A packet in one line of text, for people and tests. */
import * as flags from './flags.ts';
import * as kinds from './layers.ts';
import { NONE } from './layout.ts';
import { flagNames, LAYER_NAMES } from './names.ts';
import type { PacketView } from './view.ts';

const TCP_LETTERS: readonly (readonly [number, string])[] = [
  [flags.TCP_FIN, 'F'],
  [flags.TCP_SYN, 'S'],
  [flags.TCP_RST, 'R'],
  [flags.TCP_PSH, 'P'],
  [flags.TCP_ACK, '.'],
  [flags.TCP_URG, 'U'],
  [flags.TCP_ECE, 'E'],
  [flags.TCP_CWR, 'W'],
];

/** Layers outermost first, addresses, what its transport says, its payload, and what is wrong with it. */
export function describe(packet: PacketView): string {
  const parts = [layerPath(packet)];
  const ends = endsText(packet);
  if (ends !== '') parts.push(ends);
  const transport = transportText(packet);
  if (transport !== '') parts.push(transport);
  if (packet.has(flags.FLAG_FRAGMENT)) {
    parts.push(`fragment ${packet.fragmentId}@${packet.fragmentOffset}${packet.fragmentMore ? '+' : ''}`);
  }
  parts.push(`${packet.payloadWireBytes} bytes`);
  const found = flagNames(packet.flags);
  if (found.length > 0) parts.push(`[${found.join(', ')}]`);
  return parts.join(' ');
}

/** `ethernet/vlan/ipv4/tcp` */
export function layerPath(packet: PacketView): string {
  const names: string[] = [];
  for (let index = 0; index < packet.layers; index++) names.push(LAYER_NAMES.get(packet.layerKind(index)) ?? '?');
  return names.length === 0 ? `link ${packet.linkType}` : names.join('/');
}

function endsText(packet: PacketView): string {
  if (packet.ipVersion === 0) return '';
  const v6 = packet.ipVersion === 6;
  const end = (address: string, port: number) =>
    port === 0 ? address : v6 ? `[${address}]:${port}` : `${address}:${port}`;
  return `${end(packet.sourceText, packet.sourcePort)} > ${end(packet.destinationText, packet.destinationPort)}`;
}

function transportText(packet: PacketView): string {
  if (packet.transport === NONE) return packet.ipVersion === 0 ? '' : `protocol ${packet.protocol}`;
  const kind = packet.layerKind(packet.transport);
  if (kind === kinds.LAYER_TCP) {
    const letters = TCP_LETTERS.filter(([bit]) => packet.tcpFlags & bit).map(([, letter]) => letter);
    const acknowledgement = packet.tcpFlags & flags.TCP_ACK ? ` ack ${packet.tcpAcknowledgement}` : '';
    return `[${letters.join('')}] seq ${packet.tcpSequence}${acknowledgement} win ${packet.tcpWindow}`;
  }
  if (kind === kinds.LAYER_ICMP || kind === kinds.LAYER_ICMPV6 || kind === kinds.LAYER_IGMP) {
    return `type ${packet.icmpType} code ${packet.icmpCode}`;
  }
  return '';
}
