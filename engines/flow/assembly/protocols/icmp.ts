/** ICMP: what the message says, and the flow that an error speaks of. */
import { be16, be32 } from '../../../../sources/packet/assembly/bytes';
import { QUIRK_ICMP_28_BYTES, QUIRK_ICMP_QUOTED_LENGTH } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as extras from '../extra';
import * as flows from '../flow';
import {
  ICMP_ECHO,
  ICMP_INFORMATION,
  ICMP_MASK,
  ICMP_MASK_REPLY,
  ICMP_REDIRECT,
  ICMP_TIMESTAMP,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
  QUOTE,
  isInformation,
} from '../keys/icmp';
import { closeKey, makeKey } from '../keys/key-of';
import { find } from '../table/slots';
import * as view from '../view';

/** The message with the header that it quotes. */
const WHOLE_BYTES: u32 = 28;
const HEADER_BYTES: u32 = 8;
const IP_BYTES: u32 = 20;

// State: u8 type, u8 code, u16 sequence number, u32 each: source, destination, those quoted, gateway.
const TYPE = 0;
const CODE = 1;
const SEQUENCE = 2;
const OUTER_SOURCE = 4;
const OUTER_DESTINATION = 8;
const INNER_SOURCE = 12;
const INNER_DESTINATION = 16;
const GATEWAY = 20;

const MAPPED_UNREACHABLE: u32 = 1;
const MAPPED_REDIRECT: u32 = 2;
const MAPPED_TIME_EXCEEDED: u32 = 4;

/** @returns true for a question: for what follows, its flow begins */
export function updateIcmp(flow: usize, isFirst: bool): bool {
  const message = view.upper;
  if (!view.has(message, keeps(QUIRK_ICMP_28_BYTES) ? WHOLE_BYTES : HEADER_BYTES)) return false;
  const part = flow + flows.NETWORK;
  const type = <u32>load<u8>(message);
  const isAsked = isInformation(type);
  let asks = false;
  if (isFirst) begin(flow, part, message, type);
  else if (isAsked) asks = goOn(flow, part, type);
  if (!isAsked && view.has(message + QUOTE, IP_BYTES)) mapError(part, message + QUOTE, type);
  return asks;
}

function begin(flow: usize, part: usize, message: usize, type: u32): void {
  store<u8>(flow, flows.NETWORK_ICMP, flows.NETWORK_KIND);
  store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
  memory.fill(part, 0, extras.ICMP_BYTES);
  store<u8>(part, type, TYPE);
  store<u8>(part, load<u8>(message, 1), CODE);
  store<u16>(part, be16(message + 6), SEQUENCE);
  store<u32>(part, be32(view.ip + 12), OUTER_SOURCE);
  store<u32>(part, be32(view.ip + 16), OUTER_DESTINATION);
  if (isInformation(type)) {
    if (type == ICMP_MASK_REPLY) store<u32>(part, view.peek32(message + 8), INNER_SOURCE);
  } else if (view.has(message + QUOTE, IP_BYTES)) {
    store<u32>(part, be32(message + QUOTE + 12), INNER_SOURCE);
    store<u32>(part, be32(message + QUOTE + 16), INNER_DESTINATION);
    store<u32>(part, be32(message + 4), GATEWAY);
  }
}

function goOn(flow: usize, part: usize, type: u32): bool {
  if (!flows.hasPackets(flow)) store<u8>(part, type, TYPE);
  if (type != ICMP_ECHO && type != ICMP_INFORMATION && type != ICMP_TIMESTAMP && type != ICMP_MASK) return false;
  store<u8>(part, type, TYPE);
  return true;
}

/** Notes the error at the flow of the packet that it quotes, and stretches that flow's time to it. */
function mapError(part: usize, quoted: usize, type: u32): void {
  const outer = view.ip;
  const length = view.length;
  const captured = view.captured;
  const upper = view.upper;
  const reversed = view.reversed;
  const encapsulation = view.encapsulation;
  view.ip = quoted;
  view.upper = quoted;
  if (makeKey()) {
    closeKey();
    const flow = find();
    if (flow != 0) mapTo(flow, part, type);
  }
  if (keeps(QUIRK_ICMP_QUOTED_LENGTH)) return;
  view.ip = outer;
  view.upper = upper;
  view.length = length;
  view.captured = captured;
  view.reversed = reversed;
  view.encapsulation = encapsulation;
  makeOuterKey();
}

/** The key at hand is that of the quoted packet: for what follows it must not be one of a fragment. */
function makeOuterKey(): void {
  const length = view.length;
  const captured = view.captured;
  const upper = view.upper;
  const reversed = view.reversed;
  makeKey();
  view.length = length;
  view.captured = captured;
  view.upper = upper;
  view.reversed = reversed;
}

function mapTo(flow: usize, part: usize, type: u32): void {
  const extra = extras.extraOf(flow);
  if (extra == 0) return;
  flows.addPart(flow, flows.HAS_ICMP);
  if (type == ICMP_UNREACHABLE) store<u8>(extra, MAPPED_UNREACHABLE, extras.ICMP_MAPPED);
  else if (type == ICMP_REDIRECT) store<u8>(extra, MAPPED_REDIRECT, extras.ICMP_MAPPED);
  else if (type == ICMP_TIME_EXCEEDED) store<u8>(extra, MAPPED_TIME_EXCEEDED, extras.ICMP_MAPPED);
  memory.copy(extra + extras.ICMP, part, extras.ICMP_BYTES);
  if (load<u64>(flow, flows.SOURCE_START) < flows.NO_TIME) {
    store<u8>(flow, 0, flows.TIME_KIND);
    store<u64>(flow, view.now, flows.SOURCE_START);
  } else {
    store<u8>(flow, 1, flows.TIME_KIND);
    store<u64>(flow, view.now, flows.SOURCE_END);
  }
}

export function updateIcmpv6(flow: usize, isFirst: bool): void {
  const message = view.upper;
  if (!view.has(message, HEADER_BYTES)) return;
  const part = flow + flows.NETWORK;
  const type = <u32>load<u8>(message);
  if (isFirst) {
    store<u8>(flow, flows.NETWORK_ICMP, flows.NETWORK_KIND);
    store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
    memory.fill(part, 0, extras.ICMP_BYTES);
    store<u8>(part, type, TYPE);
    store<u8>(part, load<u8>(message, 1), CODE);
    store<u16>(part, be16(message + 2), SEQUENCE);
  } else if ((type & 0x80) != 0 && !flows.hasPackets(flow)) {
    store<u8>(part, type, TYPE);
  }
}
