/** Lays the fragments of a datagram over each other. */
import { FLAG_FRAGMENTS_CONFLICT, FLAG_FRAGMENTS_OVERLAP } from '../../src/decode/flags';
import {
  FRAGMENT_POLICY_BSD,
  FRAGMENT_POLICY_BSD_RIGHT,
  FRAGMENT_POLICY_LAST,
  FRAGMENT_POLICY_LINUX,
  FRAGMENT_POLICY_SOLARIS,
  FRAGMENT_POLICY_WINDOWS,
} from '../../src/fragment/policies';
import {
  FIRST_FRAGMENT,
  FRAGMENT_BYTES,
  FRAGMENT_START,
  gather,
  NEXT_FRAGMENT,
  POLICY,
  TOTAL_BYTES,
} from './datagram';

const UNIT_BYTES: u32 = 8;

/**
 * @param to takes the datagram's bytes
 * @param scratch room for one fragment
 * @param owners a u32 for each 8 bytes: where the fragment that they are of starts (in 8 bytes) and, above, ends
 * @returns FLAG_FRAGMENTS_… bits
 */
export function paint(datagram: usize, to: usize, scratch: usize, owners: usize): u32 {
  const total = load<u32>(datagram, TOTAL_BYTES);
  const policy = <u32>load<u8>(datagram, POLICY);
  memory.fill(owners, 0, ((total + 7) >> 3) << 2);
  let found: u32 = 0;
  let fragment = <usize>load<u32>(datagram, FIRST_FRAGMENT);
  while (fragment != 0) {
    const start = load<u32>(fragment, FRAGMENT_START);
    const end = start + load<u32>(fragment, FRAGMENT_BYTES);
    gather(fragment, scratch);
    found |= paintOne(to, scratch, owners, start, end, end < total ? end : total, policy);
    fragment = <usize>load<u32>(fragment, NEXT_FRAGMENT);
  }
  return found;
}

/** Of a fragment from start to end the bytes before a limit. */
function paintOne(to: usize, from: usize, owners: usize, start: u32, end: u32, limit: u32, policy: u32): u32 {
  const owner = (start >> 3) | (end << 16);
  let found: u32 = 0;
  for (let at = start; at < limit; at += UNIT_BYTES) {
    const bytes = limit - at < UNIT_BYTES ? limit - at : UNIT_BYTES;
    const entry = owners + <usize>((at >> 3) << 2);
    const before = load<u32>(entry);
    const source = from + <usize>(at - start);
    if (before != 0) {
      found |= FLAG_FRAGMENTS_OVERLAP;
      const beforeEnd = before >> 16;
      const both = beforeEnd - at < bytes ? beforeEnd - at : bytes;
      if (memory.compare(to + at, source, both) != 0) found |= FLAG_FRAGMENTS_CONFLICT;
      if (!newerWins(policy, (before & 0xffff) << 3, beforeEnd, start, end)) {
        // Behind an older fragment that ends within these 8 bytes.
        if (both < bytes) memory.copy(to + at + both, source + both, bytes - both);
        continue;
      }
    }
    memory.copy(to + at, source, bytes);
    store<u32>(entry, owner);
  }
  return found;
}

/** Does the newer of two fragments that overlap give the bytes? */
function newerWins(policy: u32, olderStart: u32, olderEnd: u32, start: u32, end: u32): bool {
  switch (policy) {
    case FRAGMENT_POLICY_LAST: return true;
    case FRAGMENT_POLICY_BSD: return start < olderStart;
    case FRAGMENT_POLICY_BSD_RIGHT: return start >= olderStart;
    case FRAGMENT_POLICY_LINUX: return start <= olderStart;
    case FRAGMENT_POLICY_WINDOWS: return start < olderStart && end > olderEnd;
    case FRAGMENT_POLICY_SOLARIS: return start < olderStart && end >= olderEnd;
  }
  return false;
}
