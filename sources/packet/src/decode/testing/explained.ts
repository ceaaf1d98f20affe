/** Why tshark says something else of a packet: all reasons there are in the public captures. */
import * as flags from '../flags.ts';
import type { PacketView } from '../view.ts';

const MALFORMED =
  flags.FLAG_TRUNCATED |
  flags.FLAG_SHORT |
  flags.FLAG_LENGTH_BEYOND |
  flags.FLAG_LENGTH_BELOW |
  flags.FLAG_BAD_HEADER_LENGTH |
  flags.FLAG_BAD_VERSION |
  flags.FLAG_BAD_OPTION |
  flags.FLAG_TOO_MANY_LAYERS;

type Reason = readonly [text: string, holds: (packet: PacketView, path: string) => boolean];

const REASONS: readonly Reason[] = [
  [
    'malformed: we stop before a header that lies or is cut, tshark shows what there is of it',
    (packet) => packet.has(MALFORMED),
  ],
  ['the first fragment of a tunnel: we look inside once it is whole', (packet) => packet.has(flags.FLAG_FRAGMENT)],
  ['CAPWAP: not looked into', (_, path) => path.includes(':capwap')],
  ['GRE with 802.11 inside (Aruba): not looked into', (_, path) => path.includes(':gre:wlan')],
  ["GTP's control plane: not looked into", (_, path) => path.includes(':gtpprime') || path.includes(':udp:gtp')],
  ['L2TP straight above IP: not looked into', (_, path) => path.includes(':ip:l2tp')],
  ['FabricPath: tshark takes the last four bytes for a check sequence', (_, path) => path.includes(':cfp:')],
  ['a home address option of a wrong length: tshark believes it', (_, path) => path.includes(':ipv6.dstopts')],
];

/** @returns the reason, or null for a difference that has none */
export function explanation(packet: PacketView, tsharkPath: string): string | null {
  return REASONS.find(([, holds]) => holds(packet, tsharkPath))?.[0] ?? null;
}
