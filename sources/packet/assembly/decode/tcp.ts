/** TCP and its options. @see RFC 9293, RFC 7323, RFC 2018, RFC 3168 */
import { be16, be32 } from '../bytes';
import {
  FLAG_BAD_HEADER_LENGTH,
  FLAG_BAD_OPTION,
  FLAG_TRUNCATED,
  TCP_OPTION_FAST_OPEN,
  TCP_OPTION_MD5,
  TCP_OPTION_MSS,
  TCP_OPTION_OTHER,
  TCP_OPTION_SACK,
  TCP_OPTION_SACK_PERMITTED,
  TCP_OPTION_TIMESTAMP,
  TCP_OPTION_WINDOW_SCALE,
} from '../../src/decode/flags';
import { LAYER_END, LAYER_TCP } from '../../src/decode/layers';
import {
  DESTINATION_PORT,
  SOURCE_PORT,
  TCP_ACKNOWLEDGEMENT,
  TCP_FLAGS,
  TCP_HEADER_BYTES,
  TCP_MSS,
  TCP_OPTIONS,
  TCP_SEQUENCE,
  TCP_WINDOW,
  TCP_WINDOW_SCALE,
} from '../../src/decode/layout';
import { DECODE_CHECKSUMS } from '../../src/decode/options';
import { available, flag, head, pushTransport, remaining, room } from './cursor';
import { judgeTransport } from './judge';

const OPTION_KIND_MSS: u32 = 2;
const OPTION_KIND_WINDOW_SCALE: u32 = 3;

export function tcp(packet: usize, options: u32): u32 {
  if (!room(packet, 20)) return LAYER_END;
  const at = head(packet);
  const headerBytes = <u32>(load<u8>(at, 12) >> 4) << 2;
  if (headerBytes < 20 || headerBytes > remaining(packet)) {
    flag(packet, FLAG_BAD_HEADER_LENGTH);
    return LAYER_END;
  }
  const captured = available(packet);
  if (options & DECODE_CHECKSUMS) judgeTransport(packet, 6, remaining(packet));
  if (!pushTransport(packet, LAYER_TCP, 0, headerBytes)) return LAYER_END;
  store<u16>(packet, be16(at), SOURCE_PORT);
  store<u16>(packet, be16(at + 2), DESTINATION_PORT);
  store<u32>(packet, be32(at + 4), TCP_SEQUENCE);
  store<u32>(packet, be32(at + 8), TCP_ACKNOWLEDGEMENT);
  store<u8>(packet, headerBytes, TCP_HEADER_BYTES);
  store<u8>(packet, load<u8>(at, 13), TCP_FLAGS);
  store<u16>(packet, be16(at + 14), TCP_WINDOW);
  if (headerBytes > 20) {
    const present = captured < headerBytes ? captured : headerBytes;
    if (present < headerBytes) flag(packet, FLAG_TRUNCATED);
    tcpOptions(packet, at + 20, present - 20, present == headerBytes);
  }
  return LAYER_END;
}

function tcpOptions(packet: usize, from: usize, bytes: u32, complete: bool): void {
  // NOP, NOP, timestamps: what most segments carry.
  if (bytes == 12 && load<u32>(from) == 0x0a080101) {
    store<u8>(packet, TCP_OPTION_TIMESTAMP, TCP_OPTIONS);
    return;
  }
  let seen: u32 = 0;
  let at: u32 = 0;
  while (at < bytes) {
    const kind = <u32>load<u8>(from + at);
    if (kind == 0) break;
    if (kind == 1) {
      at++;
      continue;
    }
    const length = at + 1 < bytes ? <u32>load<u8>(from + at, 1) : 0;
    if (length < 2 || at + length > bytes) {
      if (complete) flag(packet, FLAG_BAD_OPTION);
      break;
    }
    seen |= tcpOptionBit(kind);
    if (kind == OPTION_KIND_MSS && length == 4) store<u16>(packet, be16(from + at + 2), TCP_MSS);
    if (kind == OPTION_KIND_WINDOW_SCALE && length == 3) store<u8>(packet, load<u8>(from + at, 2), TCP_WINDOW_SCALE);
    at += length;
  }
  store<u8>(packet, seen, TCP_OPTIONS);
}

function tcpOptionBit(kind: u32): u32 {
  switch (kind) {
    case OPTION_KIND_MSS: return TCP_OPTION_MSS;
    case OPTION_KIND_WINDOW_SCALE: return TCP_OPTION_WINDOW_SCALE;
    case 4: return TCP_OPTION_SACK_PERMITTED;
    case 5: return TCP_OPTION_SACK;
    case 8: return TCP_OPTION_TIMESTAMP;
    case 19: return TCP_OPTION_MD5;
    case 34: return TCP_OPTION_FAST_OPEN;
  }
  return TCP_OPTION_OTHER;
}
