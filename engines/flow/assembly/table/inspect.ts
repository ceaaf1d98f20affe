/**
 * Shows the first packets with payload of each flow to the inspector: where they lie, not what they say. What the
 * inspector answers decides which others of the flow it sees.
 */
import { allocate } from '../../../../sources/packet/assembly/arena';
import { be16, be32 } from '../../../../sources/packet/assembly/bytes';
import * as layout from '../../src/table/inspection';
import * as flows from '../flow';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../keys/protocols';
import * as tcp from '../protocols/tcp-state';
import * as view from '../view';
import * as options from './options';
import { giveNumber } from './send';

const PORT_DNS: u32 = 53;
const PORT_MDNS: u32 = 5353;
const PORT_LLMNR: u32 = 5355;
const TCP_HEADER_BYTES: u32 = 20;
const NANOSECONDS: u64 = 1000000000;

let packets: usize = 0;
/** Packets waiting. */
export let inspected: u32 = 0;

/** @returns false when memory is full */
export function initInspection(): bool {
  if (!options.inspection) return true;
  packets = allocate(layout.INSPECTIONS * layout.INSPECTION_BYTES);
  return packets != 0;
}

export function inspectedAt(): usize {
  return packets;
}

/** Takes the inspector's answers and forgets the packets. */
export function answerInspection(): void {
  for (let index: u32 = 0; index < inspected; index++) {
    const shown = packets + <usize>(index * layout.INSPECTION_BYTES);
    const flow = <usize>load<u32>(shown, layout.INSPECT_FLOW);
    const answer = load<u8>(shown, layout.INSPECT_ANSWER);
    // The flow may be another's by now.
    if (answer != 0 && load<u32>(flow, flows.SEQUENCE) == load<u32>(shown, layout.INSPECT_SEQUENCE)) {
      store<u8>(flow, answer, flows.INSPECT_MODE);
    }
  }
  inspected = 0;
}

/** @param transport address of the packet's TCP or UDP header, which has been passed */
export function inspect(flow: usize, transport: usize, protocol: u32): void {
  if (view.length <= 0 || view.upper <= transport || view.upper >= view.end) return;
  const isTcp = protocol == PROTOCOL_TCP;
  if (!isTcp && protocol != PROTOCOL_UDP) return;
  if (!isWanted(flow, transport, isTcp)) return;
  if (inspected == layout.INSPECTIONS) return;
  const shown = packets + <usize>(inspected * layout.INSPECTION_BYTES);
  inspected++;
  giveNumber(flow);
  let captured = <u32>(view.end - view.upper);
  if (captured > <u32>view.length) captured = view.length;
  let bits: u32 = view.forward ? 0 : layout.INSPECT_IS_ANSWER;
  if (isTcp) bits |= layout.INSPECT_IS_TCP;
  if (load<u16>(flow, flows.INSPECTED) == 0) bits |= layout.INSPECT_IS_FIRST;
  note(flow);
  store<u32>(shown, <u32>flow, layout.INSPECT_FLOW);
  store<u32>(shown, load<u32>(flow, flows.SEQUENCE), layout.INSPECT_SEQUENCE);
  store<u32>(shown, <u32>(view.now / NANOSECONDS), layout.INSPECT_TIME_S);
  store<u32>(shown, <u32>(view.now % NANOSECONDS), layout.INSPECT_TIME_NS);
  store<u32>(shown, <u32>view.upper, layout.INSPECT_PAYLOAD);
  store<u32>(shown, captured, layout.INSPECT_CAPTURED_BYTES);
  store<u32>(shown, view.length, layout.INSPECT_WIRE_BYTES);
  store<u8>(shown, layout.INSPECT_SOME, layout.INSPECT_ANSWER);
  if (isTcp) {
    const side = flow + flows.NETWORK + (view.forward ? tcp.TCP_SOURCE : tcp.TCP_DESTINATION);
    store<u32>(shown, be32(transport + 4), layout.INSPECT_TCP_SEQUENCE);
    store<u32>(shown, load<u32>(side, tcp.SIDE_BASE) + 1, layout.INSPECT_TCP_FIRST);
  }
  if (writeAddresses(shown)) bits |= layout.INSPECT_IS_IPV6;
  store<u32>(shown, bits, layout.INSPECT_BITS);
  const from = <usize>(view.forward ? layout.INSPECT_SOURCE_PORT : layout.INSPECT_DESTINATION_PORT);
  const to = <usize>(view.forward ? layout.INSPECT_DESTINATION_PORT : layout.INSPECT_SOURCE_PORT);
  store<u16>(shown + from, be16(transport));
  store<u16>(shown + to, be16(transport + 2));
}

function isWanted(flow: usize, transport: usize, isTcp: bool): bool {
  const mode = <u32>load<u8>(flow, flows.INSPECT_MODE);
  if (mode == layout.INSPECT_ALL) return true;
  if (mode == layout.INSPECT_HTTP) return beginsHttp();
  if (!view.has(transport, isTcp ? TCP_HEADER_BYTES : 8)) return false;
  if (!isTcp && (isNaming(be16(transport)) || isNaming(be16(transport + 2)))) return true;
  if (mode == layout.INSPECT_NONE) return false;
  if (
    <i32>load<u8>(flow + flows.INSPECTED + (view.forward ? 0 : 1)) < layout.MAX_INSPECTED_PACKETS &&
    <i32>load<u16>(flow, flows.INSPECTED_BYTES) < layout.MAX_INSPECTED_BYTES
  ) {
    return true;
  }
  // The inspector's answer comes with the end of the block, and this may be among those it asks for.
  return isTcp && beginsHttp();
}

function isNaming(port: u32): bool {
  return port == PORT_DNS || port == PORT_MDNS || port == PORT_LLMNR;
}

/** Does the payload begin with a method or the version of an answer? */
function beginsHttp(): bool {
  if (!view.has(view.upper, 4)) return false;
  switch (be32(view.upper)) {
    // "HTTP", "GET ", "POST", "HEAD", "PUT ", "DELE", "OPTI", "PATC".
    case 0x48545450:
    case 0x47455420:
    case 0x504f5354:
    case 0x48454144:
    case 0x50555420:
    case 0x44454c45:
    case 0x4f505449:
    case 0x50415443:
      return true;
  }
  return false;
}

function note(flow: usize): void {
  const count = flow + flows.INSPECTED + (view.forward ? 0 : 1);
  const packets = <u32>load<u8>(count);
  if (packets < 255) store<u8>(count, packets + 1);
  const bytes = <u32>load<u16>(flow, flows.INSPECTED_BYTES) + view.length;
  store<u16>(flow, bytes < 0xffff ? bytes : 0xffff, flows.INSPECTED_BYTES);
}

/** @returns true for IPv6 */
function writeAddresses(shown: usize): bool {
  const source = shown + (view.forward ? layout.INSPECT_SOURCE : layout.INSPECT_DESTINATION);
  const destination = shown + (view.forward ? layout.INSPECT_DESTINATION : layout.INSPECT_SOURCE);
  memory.fill(shown + layout.INSPECT_SOURCE, 0, 32);
  if (view.networkType() == view.TYPE_IPV6) {
    memory.copy(source, view.ip + 8, 16);
    memory.copy(destination, view.ip + 24, 16);
    return true;
  }
  store<u32>(source, load<u32>(view.ip, 12));
  store<u32>(destination, load<u32>(view.ip, 16));
  return false;
}
