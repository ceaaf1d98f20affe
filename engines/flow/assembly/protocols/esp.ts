/** ESP: the sequence numbers of one direction. */
import { be32 } from '../../../../sources/packet/assembly/bytes';
import * as flows from '../flow';
import * as options from '../table/options';
import * as view from '../view';

const HEADER_BYTES: u32 = 8;
/** A step beyond this is no loss but another sequence. */
const WINDOW: i32 = 0x10000;

// State: u32 each.
const STATUS = 0;
const SPI = 4;
const LAST = 8;
const LOST = 12;
const STATE_BYTES: u32 = 16;

const ROLLED: u32 = 0x1000;
const BROKEN: u32 = 0x2000;
const DROPPED: u32 = 0x10;
const OUT_OF_ORDER: u32 = 0x10000;

export function updateEsp(flow: usize, isFirst: bool): void {
  const header = view.upper;
  if (!view.has(header, HEADER_BYTES)) return;
  const part = flow + flows.NETWORK;
  const sequence = be32(header + 4);
  if (isFirst) {
    store<u8>(flow, flows.NETWORK_ESP, flows.NETWORK_KIND);
    store<u8>(flow, 0, flows.NETWORK_QUALIFIER);
    memory.fill(part, 0, STATE_BYTES);
    store<u16>(flow, options.ipIdleS, flows.IDLE_S);
    store<u32>(part, be32(header), SPI);
    store<u32>(part, sequence, LAST);
    return;
  }
  let status = load<u32>(part, STATUS);
  if ((status & BROKEN) != 0) return;
  const last = load<u32>(part, LAST);
  const step = <i32>(sequence - last);
  if (sequence < last && step > 0) status |= ROLLED;
  if (step == 1) {
    store<u32>(part, sequence, LAST);
  } else if (step == 0 || step > WINDOW || step < -WINDOW) {
    status |= BROKEN;
    store<u32>(part, sequence, LAST);
  } else if (step > 0) {
    status |= DROPPED;
    store<u32>(part, load<u32>(part, LOST) + step - 1, LOST);
    store<u32>(part, sequence, LAST);
  } else {
    status |= OUT_OF_ORDER;
    store<u32>(part, load<u32>(part, LOST) - 1, LOST);
  }
  store<u32>(part, status, STATUS);
}
