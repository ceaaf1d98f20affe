/** Keys of ICMP and ICMPv6: type, code and what makes a question and its answer one flow. */
import { be16, be32 } from '../../../../sources/packet/assembly/bytes';
import { KEY_ONE_WAY } from '../../src/table/options';
import { QUIRK_AH_PROTOCOL } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as key from '../key';
import * as options from '../table/options';
import * as view from '../view';
import { PROTOCOL_ICMP } from './protocols';

export const ICMP_ECHO_REPLY: u32 = 0;
export const ICMP_UNREACHABLE: u32 = 3;
export const ICMP_REDIRECT: u32 = 5;
export const ICMP_ECHO: u32 = 8;
export const ICMP_TIME_EXCEEDED: u32 = 11;
export const ICMP_TIMESTAMP: u32 = 13;
export const ICMP_TIMESTAMP_REPLY: u32 = 14;
export const ICMP_INFORMATION: u32 = 15;
export const ICMP_INFORMATION_REPLY: u32 = 16;
export const ICMP_MASK: u32 = 17;
export const ICMP_MASK_REPLY: u32 = 18;
const ICMP_ROUTER_ADVERTISEMENT: u32 = 9;
const ICMP_ROUTER_SOLICITATION: u32 = 10;

const UNREACHABLE_NET: u32 = 0;
const UNREACHABLE_HOST: u32 = 1;
const UNREACHABLE_PROTOCOL: u32 = 2;
const UNREACHABLE_PORT: u32 = 3;
const REDIRECT_NET: u32 = 0;
const REDIRECT_HOST: u32 = 1;

const IP_BYTES: u32 = 20;
/** From the start of an error to the header that it quotes. */
export const QUOTE: u32 = 8;

const ICMPV6_BYTES: u32 = 8;
const ICMPV6_INFORMATION: u32 = 0x80;

/** Messages that ask and answer; the others speak of a packet. */
export function isInformation(type: u32): bool {
  return (
    type == ICMP_ECHO_REPLY ||
    type == ICMP_ECHO ||
    type == ICMP_ROUTER_ADVERTISEMENT ||
    type == ICMP_ROUTER_SOLICITATION ||
    (type >= ICMP_TIMESTAMP && type <= ICMP_MASK_REPLY)
  );
}

export function icmpKey(): bool {
  const message = view.upper;
  if (!view.has(message, 1)) return false;
  view.reversed = false;
  let type = <u32>load<u8>(message);
  let code: u32 = 0;
  let identification: u32 = 0;
  let sequence: u32 = 0;
  let transport: u32 = 0;
  let answer = false;
  if (isInformation(type)) {
    switch (type) {
      case ICMP_ECHO_REPLY:
      case ICMP_ECHO:
        answer = type == ICMP_ECHO_REPLY;
        type = ICMP_ECHO;
        if (view.has(message, 6)) identification = be16(message + 4);
        if (view.has(message, 8)) sequence = be16(message + 6);
        break;
      case ICMP_TIMESTAMP:
      case ICMP_TIMESTAMP_REPLY:
        answer = type == ICMP_TIMESTAMP_REPLY;
        type = ICMP_TIMESTAMP;
        break;
      case ICMP_INFORMATION:
      case ICMP_INFORMATION_REPLY:
        answer = type == ICMP_INFORMATION_REPLY;
        type = ICMP_INFORMATION;
        break;
      case ICMP_MASK:
      case ICMP_MASK_REPLY:
        answer = type == ICMP_MASK_REPLY;
        type = ICMP_MASK;
        break;
    }
  } else if (view.has(message, 2)) {
    code = load<u8>(message, 1);
    const quoted = message + QUOTE;
    if (view.has(quoted, IP_BYTES)) {
      if (type == ICMP_UNREACHABLE) {
        if (code == UNREACHABLE_PROTOCOL) {
          identification = load<u8>(quoted, 9);
        } else if (code == UNREACHABLE_PORT) {
          transport = load<u8>(quoted, 9);
          identification = view.peek16(quoted + (<u32>(load<u8>(quoted) & 0xf) << 2) + 2);
        } else if (code == UNREACHABLE_NET || code == UNREACHABLE_HOST) {
          identification = load<u16>(quoted, 16);
          sequence = load<u16>(quoted, 18);
        }
      } else if (type == ICMP_REDIRECT) {
        if (code == REDIRECT_NET || code == REDIRECT_HOST) {
          identification = load<u16>(quoted, 16);
          sequence = load<u16>(quoted, 18);
        } else {
          transport = load<u8>(quoted, 1);
        }
      }
    }
  }
  key.setHead(key.KIND_FIVE_TUPLE, key.TYPE_IPV4, 4);
  view.reversed = answer;
  const source = be32(view.ip + 12);
  const destination = be32(view.ip + 16);
  if (answer) key.addQualifier(key.QUALIFIER_DIRECTION);
  store<u32>(key.words, answer ? destination : source, 0);
  store<u32>(key.words, answer ? source : destination, 4);
  store<u32>(key.words, protocolOf(PROTOCOL_ICMP) | (transport << 8) | (type << 16) | (code << 24), 8);
  store<u32>(key.words, identification | (sequence << 16), 12);
  return true;
}

/** The protocol in the key of what may lie behind AH. */
export function protocolOf(protocol: u32): u32 {
  return keeps(QUIRK_AH_PROTOCOL) ? <u32>load<u8>(view.ip, 9) : protocol;
}

/** Into the key of IPv6: answers get the type of their question, so that both make one flow. */
export function icmpv6Key(): bool {
  const message = view.upper;
  if (!view.has(message, ICMPV6_BYTES)) return false;
  let type = <u32>load<u8>(message);
  if ((options.key & KEY_ONE_WAY) == 0 && (type & ICMPV6_INFORMATION) != 0) {
    switch (type) {
      case 129: type = 128; break;
      case 131:
      case 132: type = 130; break;
      case 134: type = 133; break;
      case 136: type = 135; break;
      case 145: type = 144; break;
    }
  }
  store<u32>(key.words, type | (<u32>load<u8>(message, 1) << 8), 36);
  return true;
}
