/** What lies above the transport: application bytes, protocols guessed over UDP, payload kept. */
import { QUIRK_ESP_SWAPPED } from '../src/table/quirks';
import { keeps } from './argus/quirks';
import * as extras from './extra';
import * as flows from './flow';
import * as key from './key';
import { PROTOCOL_ESP, PROTOCOL_UDP } from './keys/protocols';
import { guessRealTime, updateRtp } from './protocols/rtp';
import { guessUdt, updateUdt } from './protocols/udt';
import { CONTROL_DATA_BYTES } from './table/blocks';
import { takeBlock } from './table/memory';
import * as options from './table/options';
import * as view from './view';

/** @param begins the flow begins with the packet at hand */
export function updateApplication(flow: usize, begins: bool): void {
  if (view.length <= 0) return;
  const type = view.networkType();
  if (!key.isFragment() && (type == view.TYPE_IP || type == view.TYPE_IPV6)) {
    const isIpv6 = type == view.TYPE_IPV6;
    const words = flows.keyOf(flow);
    const protocol = <u32>load<u8>(words + (isIpv6 ? 35 : 8));
    if (protocol == PROTOCOL_UDP) updateOverUdp(flow, words + (isIpv6 ? 36 : 10), begins);
  }
  if (view.counters != 0) {
    store<u64>(view.counters, load<u64>(view.counters, flows.APP_BYTES) + view.length, flows.APP_BYTES);
  }
  const room = (load<u32>(flow, flows.STATUS) & flows.STATUS_CONTROL) != 0 ? CONTROL_DATA_BYTES : options.userDataBytes;
  if (room != 0) keepPayload(flow, room, begins);
}

function updateOverUdp(flow: usize, ports: usize, begins: bool): void {
  if (begins) {
    if (!guessRealTime(flow, load<u16>(ports), load<u16>(ports, 2))) {
      guessUdt(flow, load<u16>(ports), load<u16>(ports, 2));
    }
    return;
  }
  if (!flows.hasPart(flow, flows.HAS_NETWORK)) return;
  const kind = <u32>load<u8>(flow, flows.NETWORK_KIND);
  if (kind == flows.NETWORK_RTP) updateRtp(flow);
  else if (kind == flows.NETWORK_UDT) updateUdt(flow);
}

/** Appends payload to what is kept of this side, until there is enough. */
function keepPayload(flow: usize, room: u32, begins: bool): void {
  const extra = extras.extraOf(flow);
  if (extra == 0) return;
  const data = extra + (view.forward ? extras.SOURCE_DATA : extras.DESTINATION_DATA);
  let at = <usize>load<u32>(data, extras.DATA_AT);
  if (at == 0) {
    at = takeBlock(extras.dataClass(flow));
    if (at == 0) return;
    store<u32>(data, <u32>at, extras.DATA_AT);
    store<u16>(data, room, extras.DATA_SIZE);
    store<u16>(data, 0, extras.DATA_COUNT);
  } else if (begins) {
    store<u16>(data, 0, extras.DATA_COUNT);
  }
  const kept = <u32>load<u16>(data, extras.DATA_COUNT);
  let bytes = <i32>(room - kept);
  if (view.length < bytes) bytes = view.length;
  if (view.captured < bytes) bytes = view.captured;
  if (view.upper >= view.end) return;
  const there = <i32>(view.end - view.upper);
  if (there < bytes) bytes = there;
  if (bytes <= 0) return;
  memory.copy(at + kept, view.upper, bytes);
  if (keeps(QUIRK_ESP_SWAPPED)) swapEsp(flow, at + kept, bytes);
  store<u16>(data, kept + bytes, extras.DATA_COUNT);
}

/** Argus turns SPI and sequence number round where they lie before it keeps the payload. */
function swapEsp(flow: usize, at: usize, bytes: i32): void {
  if (<u32>load<u8>(flow, flows.NETWORK_KIND) != flows.NETWORK_ESP || <u32>load<u8>(view.ip, 9) != PROTOCOL_ESP) return;
  if (view.end - view.upper < 8) return;
  for (let index: i32 = 0; index < 8 && index < bytes; index++) {
    store<u8>(at + index, load<u8>(view.upper + ((index & 4) | (3 - (index & 3)))));
  }
}
