/** What sequence numbers, windows and IP identifications tell of a segment: sent again, out of order, in flight. */
import { be16, be32 } from '../../../../sources/packet/assembly/bytes';
import { QUIRK_IP_ID_SWAPPED, QUIRK_SEQUENCE_WRAPS } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as flows from '../flow';
import * as options from '../table/options';
import * as view from '../view';
import { ACK, FIN, RST, SYN, addSideStatus, retransmitted } from './tcp';
import * as tcp from './tcp-state';

/** An identification lower by less than this came late; lower by more, the numbers began anew. */
const LATE_IDS: i32 = 5000;

/** @returns false for a duplicate, which says nothing of the connection's state */
export function followSequence(flow: usize, source: usize, destination: usize, header: usize, flags: u32): bool {
  if (flags == SYN) return true;
  const bytes = view.length;
  const sequence = be32(header + 4);
  const next = sequence + bytes;
  const window = be16(header + 14);
  view.active = true;
  if ((flags & (FIN | RST)) == 0) {
    if (window == 0) {
      addSideStatus(source, tcp.STATUS_WINDOW_SHUT);
      view.active = false;
    } else {
      store<u16>(source, window, tcp.SIDE_WINDOW);
    }
  }
  if (bytes != 0 && load<u16>(destination, tcp.SIDE_WINDOW) != 0) countBytes(source, sequence, bytes, flags);
  else view.active = false;
  let isDuplicate = false;
  if (isBefore(next, sequence)) {
    const passed = load<u32>(source, tcp.SIDE_SEQUENCE) - load<u32>(source, tcp.SIDE_BASE);
    store<u32>(source, load<u32>(source, tcp.SIDE_ROLLED) + passed, tcp.SIDE_ROLLED);
    store<u32>(source, next, tcp.SIDE_BASE);
    store<u32>(source, next, tcp.SIDE_SEQUENCE);
  } else if (load<u32>(source, tcp.SIDE_BASE) == 0) {
    store<u32>(source, sequence, tcp.SIDE_BASE);
    store<u32>(source, next, tcp.SIDE_SEQUENCE);
  } else if (bytes != 0) {
    isDuplicate = judge(flow, source, destination, sequence, next, bytes);
  }
  if (isDuplicate) return false;
  if ((flags & ACK) != 0) acknowledge(source, destination, be32(header + 8), flags);
  return true;
}

function countBytes(source: usize, sequence: u32, bytes: i32, flags: u32): void {
  store<u32>(source, load<u32>(source, tcp.SIDE_BYTES) + bytes, tcp.SIDE_BYTES);
  const inFlight = load<u32>(source, tcp.SIDE_IN_FLIGHT);
  if (inFlight == 0) view.active = false;
  if ((load<u8>(source, tcp.SIDE_FLAGS) & FIN) != 0) {
    if (isBefore(sequence, load<u32>(source, tcp.SIDE_SEQUENCE))) retransmitted(source);
    else if ((flags & FIN) == 0) addSideStatus(source, tcp.STATUS_OUT_OF_ORDER);
  }
  if ((flags & SYN) == 0) store<u32>(source, inFlight + bytes, tcp.SIDE_IN_FLIGHT);
}

/** @returns true if the segment is a copy of the last one */
function judge(flow: usize, source: usize, destination: usize, sequence: u32, next: u32, bytes: i32): bool {
  const last = flow + (view.forward ? flows.SOURCE_LAST_ID : flows.DESTINATION_LAST_ID);
  const id = identification(flow);
  const lastId = <u32>load<u16>(last);
  store<u16>(last, id);
  if (options.duplicates && id != 0 && lastId == id) {
    if (view.forward) addSideStatus(source, tcp.STATUS_SOURCE_DUPLICATES);
    else addSideStatus(destination, tcp.STATUS_DESTINATION_DUPLICATES);
    return true;
  }
  if (load<u16>(destination, tcp.SIDE_WINDOW) == 0) return false;
  const acknowledged = load<u32>(destination, tcp.SIDE_ACKNOWLEDGEMENT);
  const window = <u32>load<u16>(source, tcp.SIDE_WINDOW);
  if (isBefore(sequence, acknowledged)) {
    if (acknowledged - sequence < window >> load<u8>(source, tcp.SIDE_SHIFT)) {
      again(source, bytes);
      view.active = false;
    }
    return false;
  }
  const highest = load<u32>(source, tcp.SIDE_SEQUENCE);
  const reached = isBefore(highest, next) ? next : highest;
  if (window != 0) {
    const step = <i32>id - <i32>lastId;
    if (lastId != 0 && step < 0 && step > -LATE_IDS) {
      addSideStatus(source, tcp.STATUS_OUT_OF_ORDER);
    } else if (load<u32>(source, tcp.SIDE_IN_FLIGHT) > reached - 1 - acknowledged) {
      again(source, bytes);
      view.active = false;
    } else if (isBefore(next, highest)) {
      if (sequence == acknowledged + 1) again(source, bytes);
      else addSideStatus(source, tcp.STATUS_OUT_OF_ORDER);
    }
  }
  store<u32>(source, reached, tcp.SIDE_SEQUENCE);
  return false;
}

/** A segment that was sent before is not in flight twice. */
function again(source: usize, bytes: i32): void {
  retransmitted(source);
  store<u32>(source, load<u32>(source, tcp.SIDE_IN_FLIGHT) - bytes, tcp.SIDE_IN_FLIGHT);
}

function acknowledge(source: usize, destination: usize, number: u32, flags: u32): void {
  if (number == 0) return;
  const before = load<u32>(source, tcp.SIDE_ACKNOWLEDGEMENT);
  const sent = load<u32>(destination, tcp.SIDE_SEQUENCE);
  if (before != 0 && isBefore(before, sent)) store<u32>(destination, sent - 1 - before, tcp.SIDE_IN_FLIGHT);
  const now = number - 1;
  if (before == now) return;
  if (before == 0 || sent == number) {
    store<u32>(destination, 0, tcp.SIDE_IN_FLIGHT);
    if (sent == number) anotherWindow(destination);
  } else if ((flags & SYN) == 0) {
    const inFlight = load<u32>(destination, tcp.SIDE_IN_FLIGHT);
    const step = now - before;
    store<u32>(destination, inFlight < step ? 0 : inFlight - step, tcp.SIDE_IN_FLIGHT);
    anotherWindow(destination);
  }
  store<u32>(source, now, tcp.SIDE_ACKNOWLEDGEMENT);
}

function anotherWindow(side: usize): void {
  store<u32>(side, load<u32>(side, tcp.SIDE_WINDOWS) + 1, tcp.SIDE_WINDOWS);
}

/** IP identification of the packet. */
function identification(flow: usize): u32 {
  const attributes = flow + (view.forward ? flows.SOURCE_ATTRIBUTES : flows.DESTINATION_ATTRIBUTES);
  const id = load<u16>(attributes, flows.IP_ID);
  return keeps(QUIRK_IP_ID_SWAPPED) ? id : bswap<u16>(id);
}

function isBefore(one: u32, other: u32): bool {
  return keeps(QUIRK_SEQUENCE_WRAPS) ? one < other : <i32>(one - other) < 0;
}
