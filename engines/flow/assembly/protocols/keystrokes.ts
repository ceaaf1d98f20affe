/**
 * Finds a typist in a TCP flow: small packets of the client that the server echoes, at a typist's pace. The thresholds
 * are Argus' (OPTION_KEYSTROKE).
 */
import { be32 } from '../../../../sources/packet/assembly/bytes';
import {
  KEYSTROKE_CLIENT_MAX,
  KEYSTROKE_CLIENT_MIN,
  KEYSTROKE_GAP_MAX,
  KEYSTROKE_INTERVAL_MIN_US,
  KEYSTROKE_PACKETS_MIN,
  KEYSTROKE_PACKET_GAP_MAX,
  KEYSTROKE_RATIO_MAX,
  KEYSTROKE_RATIO_MIN,
  KEYSTROKE_SERVER_MAX,
  KEYSTROKE_SERVER_MIN,
  OPTION_KEYSTROKE,
} from '../../src/table/options';
import * as extras from '../extra';
import * as flows from '../flow';
import { BLOCK_KEYSTROKES } from '../table/blocks';
import { takeBlock } from '../table/memory';
import * as options from '../table/options';
import * as view from '../view';
import * as state from './keystroke-state';

const HEADER_BYTES: u32 = 20;
/** SSH's packets are multiples of a cipher's block. */
const SSH_BLOCK: i32 = 4;

export function followKeystrokes(flow: usize): void {
  const header = view.upper;
  if (!view.has(header, HEADER_BYTES)) return;
  const isSsh = options.keystrokesSsh;
  if (isSsh && (load<u32>(flow, flows.STATUS) & flows.STATUS_SSH) == 0) return;
  const keystrokes = stateOf(flow);
  if (keystrokes == 0) return;
  // Packets without a header that could be read would count as well; there are none here.
  const packets = load<i32>(keystrokes, state.KEYSTROKES_PACKETS) + 1;
  store<i32>(keystrokes, packets, state.KEYSTROKES_PACKETS);
  if (packets < threshold(KEYSTROKE_PACKETS_MIN)) return;
  const bytes = view.length - (<i32>(load<u8>(header, 12) >> 4) << 2);
  if (bytes <= 0) return;
  if (isSsh && bytes % SSH_BLOCK != 0) {
    store<u32>(flow, load<u32>(flow, flows.STATUS) & ~flows.STATUS_SSH, flows.STATUS);
    return;
  }
  flows.addPart(flow, flows.HAS_KEYSTROKES);
  if (view.forward) fromClient(keystrokes, be32(header + 4) + bytes, bytes, packets);
  else fromServer(keystrokes, be32(header + 8), bytes, packets);
}

function fromClient(keystrokes: usize, behind: u32, bytes: i32, packets: i32): void {
  if (bytes < threshold(KEYSTROKE_CLIENT_MIN) || bytes > threshold(KEYSTROKE_CLIENT_MAX)) return;
  const candidate = freeCandidate(keystrokes);
  const now = <i64>(view.now / 1000);
  store<i64>(candidate, now, state.CANDIDATE_TIME);
  store<i64>(candidate, now - load<i64>(keystrokes, state.KEYSTROKES_CLIENT_TIME), state.CANDIDATE_INTERVAL);
  store<u32>(candidate, behind, state.CANDIDATE_SEQUENCE);
  store<i32>(candidate, packets, state.CANDIDATE_PACKET);
}

/** A free place, or that of the oldest candidate that is not tentative, or the first. */
function freeCandidate(keystrokes: usize): usize {
  let oldest: i32 = i32.MAX_VALUE;
  let found = candidateAt(keystrokes, 0);
  for (let index: u32 = 0; index < state.CANDIDATES; index++) {
    const candidate = candidateAt(keystrokes, index);
    const packet = load<i32>(candidate, state.CANDIDATE_PACKET);
    if (packet == 0) return candidate;
    if (load<u32>(candidate, state.CANDIDATE_TENTATIVE) != 0 || packet >= oldest) continue;
    oldest = packet;
    found = candidate;
  }
  return found;
}

function fromServer(keystrokes: usize, acknowledged: u32, bytes: i32, packets: i32): void {
  let candidate: usize = 0;
  for (let index: u32 = 0; index < state.CANDIDATES && candidate == 0; index++) {
    const each = candidateAt(keystrokes, index);
    const isAnswered =
      load<u32>(each, state.CANDIDATE_TENTATIVE) == 0 && load<u32>(each, state.CANDIDATE_SEQUENCE) == acknowledged;
    if (isAnswered) candidate = each;
  }
  if (candidate == 0) return;
  const now = <i64>(view.now / 1000);
  if (!isKeystroke(keystrokes, candidate, bytes, packets, now)) {
    clearTentative(keystrokes);
    memory.fill(candidate, 0, state.CANDIDATE_BYTES);
    return;
  }
  const packet = load<i32>(candidate, state.CANDIDATE_PACKET);
  const follows = packet - load<i32>(keystrokes, state.KEYSTROKES_LAST_PACKET) <= threshold(KEYSTROKE_PACKET_GAP_MAX);
  const tentative = clearTentative(keystrokes);
  store<i32>(keystrokes, packet, state.KEYSTROKES_LAST_PACKET);
  store<i64>(keystrokes, load<i64>(candidate, state.CANDIDATE_TIME), state.KEYSTROKES_CLIENT_TIME);
  store<i64>(keystrokes, now, state.KEYSTROKES_SERVER_TIME);
  if (follows) {
    const strokes = load<u32>(keystrokes, state.KEYSTROKES_STROKES) + 1 + tentative;
    store<u32>(keystrokes, strokes, state.KEYSTROKES_STROKES);
    memory.fill(candidate, 0, state.CANDIDATE_BYTES);
  } else {
    store<u32>(candidate, 1, state.CANDIDATE_TENTATIVE);
  }
}

function isKeystroke(keystrokes: usize, candidate: usize, bytes: i32, packets: i32, now: i64): bool {
  if (packets - load<i32>(candidate, state.CANDIDATE_PACKET) > threshold(KEYSTROKE_GAP_MAX)) return false;
  if (bytes < threshold(KEYSTROKE_SERVER_MIN) || bytes > threshold(KEYSTROKE_SERVER_MAX)) return false;
  const interval = load<i64>(candidate, state.CANDIDATE_INTERVAL);
  if (interval < threshold(KEYSTROKE_INTERVAL_MIN_US)) return false;
  const ratio = <f32>(<f64>interval / <f64>(now - load<i64>(keystrokes, state.KEYSTROKES_SERVER_TIME)));
  return ratio >= ratioAt(KEYSTROKE_RATIO_MIN) && ratio <= ratioAt(KEYSTROKE_RATIO_MAX);
}

/** @returns how many there were */
function clearTentative(keystrokes: usize): u32 {
  let cleared: u32 = 0;
  for (let index: u32 = 0; index < state.CANDIDATES; index++) {
    const candidate = candidateAt(keystrokes, index);
    if (load<u32>(candidate, state.CANDIDATE_TENTATIVE) == 0) continue;
    memory.fill(candidate, 0, state.CANDIDATE_BYTES);
    cleared++;
  }
  return cleared;
}

function candidateAt(keystrokes: usize, index: u32): usize {
  return keystrokes + state.KEYSTROKES_CANDIDATES + <usize>(index * state.CANDIDATE_BYTES);
}

function stateOf(flow: usize): usize {
  const extra = extras.extraOf(flow);
  if (extra == 0) return 0;
  let keystrokes = <usize>load<u32>(extra, extras.KEYSTROKES);
  if (keystrokes == 0) {
    keystrokes = takeBlock(BLOCK_KEYSTROKES);
    if (keystrokes == 0) return 0;
    store<u32>(extra, <u32>keystrokes, extras.KEYSTROKES);
    store<i32>(keystrokes, -threshold(KEYSTROKE_PACKET_GAP_MAX), state.KEYSTROKES_LAST_PACKET);
  }
  return keystrokes;
}

function threshold(index: i32): i32 {
  return load<i32>(options.block + (<usize>(OPTION_KEYSTROKE + index) << 2));
}

function ratioAt(index: i32): f32 {
  return load<f32>(options.block + (<usize>(OPTION_KEYSTROKE + index) << 2));
}
