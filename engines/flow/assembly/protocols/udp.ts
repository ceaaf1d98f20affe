/** UDP: nothing but its header to pass. */
import * as flows from '../flow';
import * as options from '../table/options';
import * as view from '../view';

const HEADER_BYTES: i32 = 8;
/** Packets in both directions after which the idle time is that of IP again. */
const FEW_PACKETS: u64 = 2;

export function updateUdp(flow: usize, isFirst: bool): void {
  if (!view.has(view.upper, HEADER_BYTES)) return;
  view.pass(HEADER_BYTES);
  if (isFirst) return;
  const packets =
    load<u64>(flow + flows.SOURCE_COUNTERS, flows.PACKETS) +
    load<u64>(flow + flows.DESTINATION_COUNTERS, flows.PACKETS);
  if (packets > FEW_PACKETS) store<u16>(flow, options.ipIdleS, flows.IDLE_S);
}
