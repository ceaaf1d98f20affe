/** Fragments of IP datagrams: what has come, what overlaps, when the datagram is whole. */
import { be16 } from '../../../../sources/packet/assembly/bytes';
import { QUIRK_FRAGMENT_LENGTH } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as flows from '../flow';
import { fragmentOffset, moreFragments } from '../keys/ipv6';
import { PROTOCOL_TCP } from '../keys/protocols';
import * as view from '../view';
import { appendRange, dropNext, giveRanges } from './fragment-ranges';
import { toParent } from './fragment-parent';
import * as state from './fragment-state';

/** Steps through a list; a datagram has no more ranges. */
const MAX_STEPS: u32 = 16384;

/** What is to be done with the flow of fragments. */
export const FRAGMENT_GOES_ON: u32 = 0;
/** The datagram is whole: its flow is to be forgotten, and sent before if no other flow has taken it. */
export const FRAGMENT_WHOLE: u32 = 1;
export const FRAGMENT_WHOLE_ALONE: u32 = 2;

/** Begins the state of a datagram's fragments. */
export function beginFragments(flow: usize): void {
  memory.fill(flow + flows.NETWORK, 0, state.FRAGMENT_STATE_BYTES);
  store<u8>(flow, flows.NETWORK_FRAGMENT, flows.NETWORK_KIND);
  store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
}

/**
 * Adds the packet at hand.
 *
 * @param isIpv6 its offset lies in the fragment header
 * @param isFirst the flow began with it
 * @returns FRAGMENT_…
 */
export function addFragment(flow: usize, isIpv6: bool, isFirst: bool): u32 {
  if (!flows.hasPart(flow, flows.HAS_NETWORK)) return FRAGMENT_GOES_ON;
  if (<u32>load<u8>(flow, flows.NETWORK_KIND) != flows.NETWORK_FRAGMENT) {
    if (!isFirst) return FRAGMENT_GOES_ON;
    beginFragments(flow);
  }
  const part = flow + flows.NETWORK;
  let offset: i32 = 0;
  let bytes: i32 = view.length;
  let protocol: u32 = 0;
  if (isIpv6) {
    offset = fragmentOffset();
    protocol = view.peek8(view.fragment6);
  } else {
    offset = <i32>(be16(view.ip + 6) & 0x1fff) << 3;
    bytes = <i32>be16(view.ip + 2) - (<i32>(load<u8>(view.ip) & 0xf) << 2);
    protocol = load<u8>(view.ip, 9);
  }
  addTo(part, state.FRAGMENT_TOTAL_BYTES, view.length);
  place(flow, part, offset, offset + bytes, protocol);
  addTo(part, state.FRAGMENT_COUNT, 1);
  if (view.length > load<i32>(part, state.FRAGMENT_LONGEST)) store<i32>(part, view.length, state.FRAGMENT_LONGEST);
  const isLast = isIpv6 ? !moreFragments() : (be16(view.ip + 6) & 0x2000) == 0;
  if (isLast) store<u32>(part, wholeLength(offset, bytes, isIpv6), state.FRAGMENT_LENGTH);
  return finish(flow, part);
}

function finish(flow: usize, part: usize): u32 {
  const length = load<u32>(part, state.FRAGMENT_LENGTH);
  if (length != 0) {
    if (length != load<u32>(part, state.FRAGMENT_BYTES)) return FRAGMENT_GOES_ON;
    const taken = toParent(flow);
    giveRanges(part);
    return taken ? FRAGMENT_WHOLE : FRAGMENT_WHOLE_ALONE;
  }
  if (!placed) appendRange(part, restStart, restEnd);
  return FRAGMENT_GOES_ON;
}

function wholeLength(offset: i32, bytes: i32, isIpv6: bool): u32 {
  if (!keeps(QUIRK_FRAGMENT_LENGTH)) return offset + bytes;
  const length = isIpv6 ? offset + <i32>be16(view.ip + 4) - 8 : offset + bytes;
  return length & 0xffff;
}

// What is left of the packet's range after looking at the list.
let placed: bool = false;
let restStart: i32 = 0;
let restEnd: i32 = 0;

/** Puts a range into the list as Argus does, and counts what of it is new. */
function place(flow: usize, part: usize, first: i32, behind: i32, protocol: u32): void {
  const head = part + state.FRAGMENT_RANGE;
  let start = first;
  let end = behind;
  let isNew = true;
  placed = false;
  if (load<i32>(head, state.RANGE_END) == 0) {
    store<i32>(head, start, state.RANGE_START);
    store<i32>(head, end, state.RANGE_END);
    placed = true;
  } else {
    let range = head;
    let before: usize = 0;
    for (let step: u32 = 0; range != 0 && !placed && step < MAX_STEPS; step++) {
      const next = <usize>load<u32>(range, state.RANGE_NEXT);
      const rangeStart = load<i32>(range, state.RANGE_START);
      const rangeEnd = load<i32>(range, state.RANGE_END);
      if (start > rangeEnd) {
        before = range;
        range = next;
      } else if (start == rangeEnd) {
        if (next == 0) {
          store<i32>(range, end, state.RANGE_END);
          placed = true;
        } else {
          const nextStart = load<i32>(next, state.RANGE_START);
          if (end == nextStart) {
            store<i32>(range, load<i32>(next, state.RANGE_END), state.RANGE_END);
            dropNext(range);
            placed = true;
          } else if (end < nextStart) {
            store<i32>(range, end, state.RANGE_END);
            placed = true;
          } else {
            start = nextStart;
            store<i32>(range, nextStart, state.RANGE_END);
            qualify(flow, state.QUALIFIER_OVERLAP);
            before = range;
            range = next;
          }
        }
      } else if (start < rangeStart) {
        if (end == rangeStart) {
          store<i32>(range, start, state.RANGE_START);
          placed = true;
        } else if (end < rangeStart) {
          range = 0;
        } else {
          qualify(flow, state.QUALIFIER_OVERLAP);
          if (end > rangeEnd) {
            addTo(part, state.FRAGMENT_BYTES, rangeStart - rangeEnd);
            if (before != 0) {
              dropNext(before);
            } else if (next != 0) {
              store<i32>(head, load<i32>(next, state.RANGE_START), state.RANGE_START);
              store<i32>(head, load<i32>(next, state.RANGE_END), state.RANGE_END);
              dropNext(head);
            } else {
              store<i32>(head, start, state.RANGE_START);
              store<i32>(head, end, state.RANGE_END);
              placed = true;
            }
            before = 0;
            range = head;
          } else {
            end = rangeStart;
            store<i32>(range, start, state.RANGE_START);
            placed = true;
          }
        }
      } else if (end <= rangeEnd) {
        if (start != rangeStart || end != rangeEnd) qualify(flow, state.QUALIFIER_OVERLAP);
        isNew = false;
        placed = true;
      } else {
        qualify(flow, state.QUALIFIER_OVERLAP);
        const nextStart = next != 0 ? load<i32>(next, state.RANGE_START) : i32.MAX_VALUE;
        if (nextStart < end) {
          start = nextStart;
          store<i32>(range, nextStart, state.RANGE_END);
        } else {
          start = rangeEnd;
        }
        before = range;
        range = next;
      }
    }
    // A range before all others is not listed.
    if (!placed && before == 0) placed = true;
    if (
      (load<u8>(flow, flows.NETWORK_QUALIFIER) & state.QUALIFIER_OVERLAP) != 0 &&
      protocol == PROTOCOL_TCP &&
      start == 1
    ) {
      qualify(flow, state.QUALIFIER_TCP_OFFSET);
    }
  }
  if (isNew) addTo(part, state.FRAGMENT_BYTES, end - start);
  restStart = start;
  restEnd = end;
}

function qualify(flow: usize, bit: u32): void {
  store<u8>(flow, load<u8>(flow, flows.NETWORK_QUALIFIER) | <u8>bit, flows.NETWORK_QUALIFIER);
}

function addTo(part: usize, field: usize, value: i32): void {
  store<u32>(part + field, load<u32>(part + field) + value);
}
