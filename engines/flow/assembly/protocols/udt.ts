/** UDT, the data transfer protocol over UDP, on its usual port: loss and sequence as Argus follows them. */
import { be32 } from '../../../../sources/packet/assembly/bytes';
import * as extras from '../extra';
import * as flows from '../flow';
import { BLOCK_UDT } from '../table/blocks';
import { takeBlock } from '../table/memory';
import * as view from '../view';

const PORT: u32 = 9000;
const HEADER_BYTES: u32 = 16;
const HANDSHAKE_BYTES: u32 = 28;
const CONTROL: u32 = 0x8000;
const HANDSHAKE_VERSION: u32 = 4;
const TYPE_CONGESTED: u32 = 4;

// State, words: state, status, the handshake as on the wire, then the source's numbers.
const STATUS = 4;
const HANDSHAKE = 8;
const SOURCE = 36;
const LAST_S = 0;
const LAST_US = 4;
const SEQUENCE = 8;
const STAMP = 12;
const SOLO = 40;
const FIRST = 44;
const MIDDLE = 48;
const LAST = 52;
const DROPS = 56;
const AGAIN = 60;

const STATUS_DROPPED: u32 = 0x30;
const STATUS_AGAIN: u32 = 0x300;

export function guessUdt(flow: usize, onePort: u32, otherPort: u32): void {
  if (onePort != PORT && otherPort != PORT) return;
  if (!view.has(view.upper, HEADER_BYTES)) return;
  const kind = view.peek16(view.upper);
  let handshake = false;
  if ((kind & CONTROL) != 0) {
    const type = (kind & 0x78) >> 3;
    if (type > 7 || type == TYPE_CONGESTED) return;
    if (type == 0) {
      handshake = view.peek32(view.upper + HEADER_BYTES) == HANDSHAKE_VERSION;
      if (!handshake) return;
    }
  }
  const state = stateOf(flow);
  if (state == 0) return;
  store<u8>(flow, flows.NETWORK_UDT, flows.NETWORK_KIND);
  store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
  if (handshake && view.has(view.upper, HEADER_BYTES + HANDSHAKE_BYTES)) {
    for (let word: u32 = 0; word < HANDSHAKE_BYTES; word += 4) {
      store<u32>(state + HANDSHAKE + word, load<u32>(view.upper + HEADER_BYTES + word));
    }
  }
}

function stateOf(flow: usize): usize {
  const extra = extras.extraOf(flow);
  if (extra == 0) return 0;
  let state = <usize>load<u32>(extra, extras.UDT);
  if (state == 0) {
    state = takeBlock(BLOCK_UDT);
    store<u32>(extra, <u32>state, extras.UDT);
  }
  return state;
}

export function updateUdt(flow: usize): void {
  const header = view.upper;
  if (!view.has(header, HEADER_BYTES)) return;
  view.pass(HEADER_BYTES);
  const state = stateOf(flow);
  if (state == 0 || (view.peek16(header) & CONTROL) != 0) return;
  const side = state + SOURCE;
  const sequence = be32(header);
  switch (be32(header + 4) >> 30) {
    case 3: more(side + SOLO, 1); break;
    case 2: more(side + FIRST, 1); break;
    case 1: more(side + LAST, 1); break;
    default: more(side + MIDDLE, 1);
  }
  const last = load<u32>(side, SEQUENCE);
  if (last != 0 && sequence > last + 2) {
    more(side + DROPS, sequence - last - 1);
    store<u32>(state, load<u32>(state, STATUS) | STATUS_DROPPED, STATUS);
    store<u32>(side, sequence, SEQUENCE);
  } else if (last != 0 && sequence != last + 1) {
    more(side + AGAIN, 1);
    store<u32>(state, load<u32>(state, STATUS) | STATUS_AGAIN, STATUS);
  } else {
    store<u32>(side, <u32>(view.now / 1000000000), LAST_S);
    store<u32>(side, <u32>((view.now % 1000000000) / 1000), LAST_US);
    store<u32>(side, be32(header + 8), STAMP);
    store<u32>(side, sequence, SEQUENCE);
  }
}

function more(at: usize, by: u32): void {
  store<u32>(at, load<u32>(at) + by);
}
