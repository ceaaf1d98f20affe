/** UDP and UDP-Lite, and the tunnels that their ports tell. @see RFC 768, RFC 3828 */
import { be16 } from '../bytes';
import { FLAG_FRAGMENT, FLAG_LENGTH_BELOW, FLAG_LENGTH_BEYOND } from '../../src/decode/flags';
import { LAYER_END, LAYER_UDP, LAYER_UDP_LITE } from '../../src/decode/layers';
import { DESTINATION_PORT, SOURCE_PORT } from '../../src/decode/layout';
import { DECODE_CHECKSUMS } from '../../src/decode/options';
import { flag, flagged, head, narrow, pushTransport, remaining, room } from './cursor';
import { judgeTransport } from './judge';
import { tunnelOfPorts } from './tunnels';

export function udp(packet: usize, options: u32): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const bytes = be16(at + 4);
  // Zero in a jumbogram (RFC 2675) or where segmentation is left to the network card.
  if (bytes >= 8) narrow(packet, bytes);
  else if (bytes > 0) flag(packet, FLAG_LENGTH_BELOW);
  // Without a checksum IPv4 is content; IPv6 asks for one, but for tunnels (RFC 6935).
  if (options & DECODE_CHECKSUMS && load<u16>(at, 6) != 0) judgeTransport(packet, 17, remaining(packet));
  if (!pushTransport(packet, LAYER_UDP, 0, 8)) return LAYER_END;
  const source = be16(at);
  const destination = be16(at + 2);
  store<u16>(packet, source, SOURCE_PORT);
  store<u16>(packet, destination, DESTINATION_PORT);
  if (flagged(packet, FLAG_FRAGMENT)) return LAYER_END;
  return tunnelOfPorts(packet, options, source, destination);
}

export function udpLite(packet: usize, options: u32): u32 {
  if (!room(packet, 8)) return LAYER_END;
  const at = head(packet);
  const rest = remaining(packet);
  // How far the checksum reaches; zero is all of it.
  let coverage = be16(at + 4);
  if (coverage == 0) coverage = rest;
  if (coverage < 8) flag(packet, FLAG_LENGTH_BELOW);
  else if (coverage > rest) flag(packet, FLAG_LENGTH_BEYOND);
  else if (options & DECODE_CHECKSUMS) judgeTransport(packet, 136, coverage);
  if (!pushTransport(packet, LAYER_UDP_LITE, 0, 8)) return LAYER_END;
  store<u16>(packet, be16(at), SOURCE_PORT);
  store<u16>(packet, be16(at + 2), DESTINATION_PORT);
  return LAYER_END;
}
