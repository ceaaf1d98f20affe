/** TCP as Argus follows it: the connection's state, and what each side's sequence numbers tell. */
import { be16, be32 } from '../../../../sources/packet/assembly/bytes';
import { CAUSE_STOP } from '../../src/record/layout';
import { QUIRK_TCP_ECN_FLAGS, QUIRK_TCP_ODD_FLAGS } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as flows from '../flow';
import * as options from '../table/options';
import * as queues from '../table/queues';
import { send } from '../table/send';
import { restart } from '../table/restart';
import * as view from '../view';
import { parseTcpOptions } from './tcp-options';
import { followSequence } from './tcp-sequence';
import * as tcp from './tcp-state';

export const FIN: u32 = 0x01;
export const SYN: u32 = 0x02;
export const RST: u32 = 0x04;
export const PUSH: u32 = 0x08;
export const ACK: u32 = 0x10;
export const URG: u32 = 0x20;
export const ECE: u32 = 0x40;
export const CWR: u32 = 0x80;

const HEADER_BYTES: u32 = 20;
const OPTION_SOURCE_ECN: u32 = 0x40000000;
const OPTION_DESTINATION_ECN: u32 = 0x80000000;

// As BSD numbers the states of a connection.
const CLOSED: u32 = 0;
const LISTEN: u32 = 1;
const SYN_SENT: u32 = 2;
const SYN_RECEIVED: u32 = 3;
const ESTABLISHED: u32 = 4;
const CLOSE_WAIT: u32 = 5;
const FIN_WAIT_1: u32 = 6;
const CLOSING: u32 = 7;
const LAST_ACK: u32 = 8;
const FIN_WAIT_2: u32 = 9;
const TIME_WAIT: u32 = 10;

/**
 * @param isFirst the flow begins with this packet
 * @returns true if the flow began anew with it
 */
export function updateTcp(flow: usize, isFirst: bool): bool {
  const header = view.upper;
  if (!view.has(header, HEADER_BYTES)) return false;
  const headerBytes = <i32>(load<u8>(header, 12) >> 4) << 2;
  const flags = <u32>load<u8>(header, 13);
  if (isFirst) {
    begin(flow, header, headerBytes, flags);
    return false;
  }
  const part = flow + flows.NETWORK;
  const source = part + (view.forward ? tcp.TCP_SOURCE : tcp.TCP_DESTINATION);
  const destination = part + (view.forward ? tcp.TCP_DESTINATION : tcp.TCP_SOURCE);
  if (load<u32>(part, tcp.TCP_STATE) == LISTEN) {
    const isSyn = (flags & SYN) != 0;
    if (isSyn) beginAgain(flow);
    store<u8>(source, load<u8>(source, tcp.SIDE_FLAGS) | <u8>flags, tcp.SIDE_FLAGS);
    store<u64>(source, view.now, tcp.SIDE_LAST);
    return isSyn;
  }
  store<u8>(flow, options.tcpPerformance ? flows.NETWORK_TCP : flows.NETWORK_TCP_STATUS, flows.NETWORK_KIND);
  view.pass(headerBytes);
  if (headerBytes > <i32>HEADER_BYTES) parseTcpOptions(header + HEADER_BYTES, headerBytes - HEADER_BYTES, part, source);
  store<u8>(source, load<u8>(source, tcp.SIDE_FLAGS) | <u8>flags, tcp.SIDE_FLAGS);
  const negotiated = load<u32>(part, tcp.TCP_OPTIONS) & (OPTION_SOURCE_ECN | OPTION_DESTINATION_ECN);
  if (negotiated != 0 && (flags & (ECE | ACK)) == (ECE | ACK)) {
    addStatus(part, view.forward ? tcp.STATUS_SOURCE_CONGESTED : tcp.STATUS_DESTINATION_CONGESTED);
  }
  if (followSequence(flow, source, destination, header, flags)) {
    const state = followState(part, source, destination, header, flags);
    if (state == LISTEN) {
      if (flags == SYN) {
        store<u32>(source, load<u32>(source, tcp.SIDE_BYTES) - view.length, tcp.SIDE_BYTES);
        view.pass(-headerBytes);
        beginAgain(flow);
        return false;
      }
    } else if (state == CLOSED || state == TIME_WAIT) {
      if ((load<u32>(part, tcp.TCP_STATUS) & tcp.STATUS_RESET) == 0) addStatus(part, tcp.STATUS_CLOSED);
    }
  }
  store<u64>(source, view.now, tcp.SIDE_LAST);
  return false;
}

/** A connection on a pair of ports that has seen another: the old one's record goes out at once. */
function beginAgain(flow: usize): void {
  send(flow, CAUSE_STOP);
  restart(flow);
  queues.leave(flow);
  queues.push(queues.statusQueue, flow);
}

function begin(flow: usize, header: usize, headerBytes: i32, flags: u32): void {
  const part = flow + flows.NETWORK;
  store<u8>(flow, flows.NETWORK_TCP_FIRST, flows.NETWORK_KIND);
  store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
  memory.fill(part, 0, tcp.TCP_BYTES);
  view.pass(headerBytes);
  const source = part + (view.forward ? tcp.TCP_SOURCE : tcp.TCP_DESTINATION);
  const destination = part + (view.forward ? tcp.TCP_DESTINATION : tcp.TCP_SOURCE);
  if (headerBytes > <i32>HEADER_BYTES) parseTcpOptions(header + HEADER_BYTES, headerBytes - HEADER_BYTES, part, source);
  const sequence = be32(header + 4);
  const acknowledgement = be32(header + 8);
  const window = be16(header + 14);
  store<u32>(source, view.length, tcp.SIDE_BYTES);
  store<u8>(source, flags, tcp.SIDE_FLAGS);
  store<u64>(source, view.now, tcp.SIDE_LAST);
  if ((flags & RST) != 0) {
    store<u32>(part, tcp.STATUS_RESET, tcp.TCP_STATUS);
    store<u32>(source, tcp.STATUS_RESET, tcp.SIDE_STATUS);
    store<u32>(part, LISTEN, tcp.TCP_STATE);
    setSequence(source, sequence != 0 ? sequence - 1 : acknowledgement - 1);
    store<u32>(source, sequence != 0 ? sequence + view.length : acknowledgement - 1, tcp.SIDE_SEQUENCE);
    store<u32>(destination, acknowledgement - 1, tcp.SIDE_ACKNOWLEDGEMENT);
    return;
  }
  store<u16>(source, window, tcp.SIDE_WINDOW);
  const kind = flags & (FIN | SYN | ACK | PUSH | URG);
  if (kind == SYN) {
    setState(part, tcp.STATUS_SYN, SYN_SENT);
    setSequence(source, sequence);
    if ((flags & (ECE | CWR)) == (ECE | CWR)) addOption(part, OPTION_SOURCE_ECN);
    return;
  }
  if (isSynAck(kind)) {
    setState(part, tcp.STATUS_SYN_ACK, SYN_RECEIVED);
    setSequence(source, sequence);
    store<u32>(destination, acknowledgement - 1, tcp.SIDE_ACKNOWLEDGEMENT);
    if ((flags & (ECE | CWR)) == ECE) addOption(part, OPTION_DESTINATION_ECN);
    return;
  }
  setSequence(source, sequence - 1);
  store<u32>(source, sequence + view.length, tcp.SIDE_SEQUENCE);
  if ((kind & (FIN | SYN)) == 0 && kind != 0) {
    if ((kind & ACK) != 0) store<u32>(destination, acknowledgement - 1, tcp.SIDE_ACKNOWLEDGEMENT);
    setState(part, tcp.STATUS_ESTABLISHED, ESTABLISHED);
  } else if (isFin(kind)) {
    setState(part, tcp.STATUS_FIN, FIN_WAIT_1);
  } else {
    setState(part, tcp.STATUS_ESTABLISHED, keeps(QUIRK_TCP_ODD_FLAGS) ? CLOSING : ESTABLISHED);
  }
}

function isSynAck(kind: u32): bool {
  if (kind == (SYN | ACK)) return true;
  return !keeps(QUIRK_TCP_ODD_FLAGS) && (kind == (SYN | ACK | PUSH) || kind == (SYN | ACK | PUSH | URG));
}

function isFin(kind: u32): bool {
  if (kind == FIN || kind == (FIN | ACK)) return true;
  if (keeps(QUIRK_TCP_ODD_FLAGS)) return false;
  return (kind & (FIN | SYN | ACK)) == (FIN | ACK);
}

/** @returns the state after the packet; LISTEN if it asks for a new connection */
function followState(part: usize, source: usize, destination: usize, header: usize, seen: u32): u32 {
  const flags = keeps(QUIRK_TCP_ECN_FLAGS) ? seen : seen & (SYN | ACK | RST | FIN);
  let state = load<u32>(part, tcp.TCP_STATE);
  if ((flags & RST) != 0) {
    addStatus(part, tcp.STATUS_RESET);
    addSideStatus(source, tcp.STATUS_RESET);
    state = afterReset(state, source, destination, be32(header + 4));
  } else {
    state = afterPacket(state, part, source, destination, flags);
  }
  if (state != LISTEN) store<u32>(part, state, tcp.TCP_STATE);
  return state;
}

function afterReset(state: u32, source: usize, destination: usize, sequence: u32): u32 {
  const acknowledged = load<u32>(source, tcp.SIDE_ACKNOWLEDGEMENT);
  if (state == SYN_SENT) return load<u32>(destination, tcp.SIDE_SEQUENCE) == acknowledged ? LISTEN : CLOSING;
  const window = <u32>load<u16>(source, tcp.SIDE_WINDOW) >> load<u8>(source, tcp.SIDE_SHIFT);
  return sequence >= acknowledged && sequence < acknowledged + window ? CLOSED : CLOSING;
}

function afterPacket(state: u32, part: usize, source: usize, destination: usize, flags: u32): u32 {
  switch (state) {
    case LISTEN:
    case SYN_SENT:
      if (flags == SYN) {
        retransmitted(source);
      } else if (flags == (SYN | ACK)) {
        const answersItself = (load<u32>(source, tcp.SIDE_STATUS) & tcp.STATUS_SYN) != 0;
        addStatus(part, tcp.STATUS_SYN_ACK);
        addSideStatus(source, tcp.STATUS_SYN_ACK);
        if (answersItself) return LISTEN;
        if (load<u32>(destination, tcp.SIDE_SEQUENCE) == load<u32>(source, tcp.SIDE_ACKNOWLEDGEMENT)) {
          store<u32>(part, sinceUs(destination), tcp.TCP_SYNACK);
        }
        return SYN_RECEIVED;
      } else if ((flags & FIN) != 0) {
        return seenFin(part, source);
      } else if ((flags & ACK) != 0) {
        return seenEstablished(part, source);
      }
      return state;
    case SYN_RECEIVED:
      if ((flags & FIN) != 0) return seenFin(part, source);
      if ((flags & SYN) != 0) {
        retransmitted(source);
        return state;
      }
      if ((flags & ACK) == 0) return state;
      if (load<u32>(source, tcp.SIDE_SEQUENCE) == load<u32>(destination, tcp.SIDE_ACKNOWLEDGEMENT)) {
        store<u32>(part, sinceUs(destination), tcp.TCP_ACKDAT);
      }
      return seenEstablished(part, source);
    case ESTABLISHED:
      if ((flags & FIN) != 0) return seenFin(part, source);
      if ((flags & SYN) != 0) {
        if ((flags & ACK) != 0) addStatus(part, tcp.STATUS_SYN_ACK | tcp.STATUS_ESTABLISHED);
        retransmitted(source);
      }
      return state;
    case CLOSE_WAIT:
    case FIN_WAIT_1:
    case LAST_ACK:
    case FIN_WAIT_2:
      return afterFin(state, part, source, destination, flags);
    case CLOSING:
    case TIME_WAIT:
      if ((flags & (SYN | ACK)) == SYN) return LISTEN;
      if ((flags & ACK) != 0) {
        const acknowledged = load<u32>(source, tcp.SIDE_ACKNOWLEDGEMENT);
        const isDone =
          load<u32>(source, tcp.SIDE_SEQUENCE) == acknowledged &&
          load<u32>(destination, tcp.SIDE_SEQUENCE) == acknowledged;
        if (isDone) return CLOSED;
      }
      return state;
    case CLOSED:
      return (flags & (SYN | ACK)) == SYN ? LISTEN : state;
  }
  return state;
}

function afterFin(state: u32, part: usize, source: usize, destination: usize, flags: u32): u32 {
  const asksAnew = (flags & (SYN | ACK)) == SYN && (state == CLOSE_WAIT || state == FIN_WAIT_1);
  if (asksAnew) return LISTEN;
  if ((flags & FIN) != 0) {
    if ((flags & ACK) != 0) {
      addStatus(part, tcp.STATUS_FIN);
      addSideStatus(source, tcp.STATUS_FIN);
    } else if ((load<u32>(destination, tcp.SIDE_STATUS) & tcp.STATUS_FIN_ACK) != 0) {
      retransmitted(source);
    }
  }
  const acknowledges =
    (flags & ACK) != 0 &&
    view.length == 0 &&
    (load<u32>(destination, tcp.SIDE_STATUS) & tcp.STATUS_FIN) != 0 &&
    load<u32>(destination, tcp.SIDE_SEQUENCE) == load<u32>(source, tcp.SIDE_ACKNOWLEDGEMENT);
  if (!acknowledges) return state;
  addStatus(part, tcp.STATUS_FIN_ACK);
  addSideStatus(destination, tcp.STATUS_FIN_ACK);
  return FIN_WAIT_2;
}

function seenFin(part: usize, source: usize): u32 {
  addStatus(part, tcp.STATUS_FIN);
  addSideStatus(source, tcp.STATUS_FIN);
  return FIN_WAIT_1;
}

function seenEstablished(part: usize, source: usize): u32 {
  addStatus(part, tcp.STATUS_ESTABLISHED);
  addSideStatus(source, tcp.STATUS_ESTABLISHED);
  return ESTABLISHED;
}

export function retransmitted(source: usize): void {
  addSideStatus(source, tcp.STATUS_RETRANSMITTED);
  store<u32>(source, load<u32>(source, tcp.SIDE_RETRANSMITTED) + 1, tcp.SIDE_RETRANSMITTED);
}

export function addSideStatus(side: usize, bits: u32): void {
  store<u32>(side, load<u32>(side, tcp.SIDE_STATUS) | bits, tcp.SIDE_STATUS);
}

function addStatus(part: usize, bits: u32): void {
  store<u32>(part, load<u32>(part, tcp.TCP_STATUS) | bits, tcp.TCP_STATUS);
}

function addOption(part: usize, bits: u32): void {
  store<u32>(part, load<u32>(part, tcp.TCP_OPTIONS) | bits, tcp.TCP_OPTIONS);
}

function setState(part: usize, status: u32, state: u32): void {
  store<u32>(part, status, tcp.TCP_STATUS);
  store<u32>(part, state, tcp.TCP_STATE);
}

function setSequence(side: usize, value: u32): void {
  store<u32>(side, value, tcp.SIDE_BASE);
  store<u32>(side, value, tcp.SIDE_SEQUENCE);
}

/** Microseconds since a side's last packet, whichever came first. */
function sinceUs(side: usize): u32 {
  const last = load<u64>(side, tcp.SIDE_LAST);
  return <u32>((view.now > last ? view.now - last : last - view.now) / 1000);
}
