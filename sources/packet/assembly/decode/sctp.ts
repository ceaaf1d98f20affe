/** SCTP and DCCP. @see RFC 9260, RFC 4340 */
import { be16 } from '../bytes';
import { FLAG_BAD_HEADER_LENGTH, FLAG_BAD_OPTION, FLAG_FRAGMENT } from '../../src/decode/flags';
import { LAYER_DCCP, LAYER_END, LAYER_SCTP } from '../../src/decode/layers';
import { DESTINATION_PORT, SOURCE_PORT } from '../../src/decode/layout';
import { DECODE_CHECKSUMS } from '../../src/decode/options';
import { available, flag, flagged, head, pushTransport, remaining, room } from './cursor';
import { judgeSctp, judgeTransport } from './judge';

const MAX_CHUNKS: u32 = 256;

export function sctp(packet: usize, options: u32): u32 {
  if (!room(packet, 12)) return LAYER_END;
  const at = head(packet);
  if (options & DECODE_CHECKSUMS) judgeSctp(packet);
  const type = available(packet) > 12 ? <u32>load<u8>(at, 12) : 0;
  if (!pushTransport(packet, LAYER_SCTP, type, 12)) return LAYER_END;
  store<u16>(packet, be16(at), SOURCE_PORT);
  store<u16>(packet, be16(at + 2), DESTINATION_PORT);
  chunks(packet);
  return LAYER_END;
}

/** Each has type, flags and a length that its padding to words is not part of. */
function chunks(packet: usize): void {
  const at = head(packet);
  const present = available(packet);
  const bytes = remaining(packet);
  let offset: u32 = 0;
  for (let count: u32 = 0; offset + 4 <= present; count++) {
    const length = be16(at + offset + 2);
    if (length < 4 || count == MAX_CHUNKS || (offset + length > bytes && !flagged(packet, FLAG_FRAGMENT))) {
      flag(packet, FLAG_BAD_OPTION);
      return;
    }
    offset += (length + 3) & ~3;
  }
}

export function dccp(packet: usize, options: u32): u32 {
  if (!room(packet, 12)) return LAYER_END;
  const at = head(packet);
  const headerBytes = <u32>load<u8>(at, 4) << 2;
  const least: u32 = load<u8>(at, 8) & 1 ? 16 : 12;
  const rest = remaining(packet);
  if (headerBytes < least || headerBytes > rest) {
    flag(packet, FLAG_BAD_HEADER_LENGTH);
    return LAYER_END;
  }
  if (options & DECODE_CHECKSUMS) {
    // How many words of the data the checksum covers, plus one; zero is all.
    const coverage = <u32>load<u8>(at, 5) & 15;
    const bytes = coverage == 0 ? rest : headerBytes + ((coverage - 1) << 2);
    judgeTransport(packet, 33, bytes < rest ? bytes : rest);
  }
  const type = <u32>(load<u8>(at, 8) >> 1) & 15;
  if (!pushTransport(packet, LAYER_DCCP, type, headerBytes)) return LAYER_END;
  store<u16>(packet, be16(at), SOURCE_PORT);
  store<u16>(packet, be16(at + 2), DESTINATION_PORT);
  return LAYER_END;
}
