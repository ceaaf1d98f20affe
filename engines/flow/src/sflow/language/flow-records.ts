/** The parts of one sample: a packet's header or its fields, and what switch, router and gateway know of it. */

import type { Draft } from '../../netflow/language/draft.ts';
import {
  DESTINATION_ADDRESS,
  DESTINATION_ASN,
  DESTINATION_MAC,
  DESTINATION_MASK,
  DESTINATION_PORT,
  PROTOCOL,
  SOURCE_ADDRESS,
  SOURCE_ASN,
  SOURCE_MAC,
  SOURCE_MASK,
  SOURCE_PORT,
} from '../../record/layout.ts';
import type { HeaderReader } from './header.ts';

export interface SampleContext {
  readonly draft: Draft;
  readonly headers: HeaderReader;
  /** Of the packet on the wire, without its check sequence. */
  frameBytes: number;
  hasPacket: boolean;
}

const RAW_HEADER = 1;
const ETHERNET = 2;
const IPV4 = 3;
const IPV6 = 4;
const EXTENDED_SWITCH = 1001;
const EXTENDED_ROUTER = 1002;
const EXTENDED_GATEWAY = 1003;
const MAX_PATH_SEGMENTS = 64;

/** @returns where an address is and ends, or null where it is cut short or of a kind that is none */
export function readAddress(
  view: DataView,
  at: number,
  end: number,
): { readonly at: number; readonly end: number } | null {
  if (at + 4 > end) return null;
  const type = view.getUint32(at);
  const bytes = type === 1 ? 4 : type === 2 ? 16 : -1;
  if (bytes < 0 || at + 4 + bytes > end) return null;
  return { at: at + 4, end: at + 4 + bytes };
}

/** @returns false where the part is cut short; unknown ones are passed over */
export function readFlowRecord(view: DataView, tag: number, at: number, end: number, context: SampleContext): boolean {
  switch (tag) {
    case RAW_HEADER:
      return readHeader(view, at, end, context);
    case ETHERNET:
      return readEthernet(view, at, end, context);
    case IPV4:
      return readIpv4(view, at, end, context);
    case IPV6:
      return readIpv6(view, at, end, context);
    case EXTENDED_SWITCH:
      return readSwitch(view, at, end, context.draft);
    case EXTENDED_ROUTER:
      return readRouter(view, at, end, context.draft);
    case EXTENDED_GATEWAY:
      return readGateway(view, at, end, context.draft);
    default:
      return true;
  }
}

function readHeader(view: DataView, at: number, end: number, context: SampleContext): boolean {
  if (at + 16 > end) return false;
  const frameBytes = view.getUint32(at + 4);
  const headerBytes = view.getUint32(at + 12);
  if (at + 16 + headerBytes > end) return false;
  const header = new Uint8Array(view.buffer, view.byteOffset + at + 16, headerBytes);
  context.frameBytes = Math.max(frameBytes - view.getUint32(at + 8), 0);
  if (context.headers.read(header, view.getUint32(at), context.frameBytes, context.draft)) context.hasPacket = true;
  return true;
}

/** MACs in eight bytes each, behind the frame's length. A header, where there is one too, says more. */
function readEthernet(view: DataView, at: number, end: number, context: SampleContext): boolean {
  if (at + 24 > end) return false;
  if (context.hasPacket) return true;
  context.draft.setMac(SOURCE_MAC, view, at + 4);
  context.draft.setMac(DESTINATION_MAC, view, at + 12);
  context.frameBytes = view.getUint32(at);
  context.hasPacket = true;
  return true;
}

function readIpv4(view: DataView, at: number, end: number, context: SampleContext): boolean {
  if (at + 32 > end) return false;
  const { draft } = context;
  draft.hasIpv4 = true;
  draft.sourceIpv4 = view.getUint32(at + 8);
  draft.destinationIpv4 = view.getUint32(at + 12);
  readTransport(view, at, at + 16, context);
  return true;
}

function readIpv6(view: DataView, at: number, end: number, context: SampleContext): boolean {
  if (at + 56 > end) return false;
  context.draft.setIpv6(SOURCE_ADDRESS, view, at + 8);
  context.draft.setIpv6(DESTINATION_ADDRESS, view, at + 24);
  readTransport(view, at, at + 40, context);
  return true;
}

/** Length and protocol before the addresses; ports, TCP flags and type of service behind them. */
function readTransport(view: DataView, at: number, ports: number, context: SampleContext): void {
  const { record } = context.draft;
  if (!context.hasPacket) context.frameBytes = view.getUint32(at);
  record.set(PROTOCOL, view.getUint32(at + 4) & 0xff);
  record.set(SOURCE_PORT, view.getUint32(ports) & 0xffff);
  record.set(DESTINATION_PORT, view.getUint32(ports + 4) & 0xffff);
  record.set(context.draft.side(false).tcpFlags, view.getUint32(ports + 8) & 0xff);
  context.draft.setTos(context.draft.side(false), view.getUint32(ports + 12));
  context.hasPacket = true;
}

function readSwitch(view: DataView, at: number, end: number, draft: Draft): boolean {
  if (at + 16 > end) return false;
  draft.setVlan(1, view.getUint32(at) & 0xfff);
  draft.setVlan(2, view.getUint32(at + 8) & 0xfff);
  return true;
}

function readRouter(view: DataView, at: number, end: number, draft: Draft): boolean {
  const nextHop = readHop(view, at, end, draft);
  if (nextHop < 0 || nextHop + 8 > end) return false;
  draft.setMask(SOURCE_MASK, view.getUint32(nextHop));
  draft.setMask(DESTINATION_MASK, view.getUint32(nextHop + 4));
  return true;
}

/** Next hop, own AS, source AS, source's peer, then the path to the destination; its last AS is the destination's. */
function readGateway(view: DataView, at: number, end: number, draft: Draft): boolean {
  const nextHop = readHop(view, at, end, draft);
  if (nextHop < 0 || nextHop + 16 > end) return false;
  draft.setAsn(SOURCE_ASN, view.getUint32(nextHop + 4));
  const segments = Math.min(view.getUint32(nextHop + 12), MAX_PATH_SEGMENTS);
  let position = nextHop + 16;
  for (let index = 0; index < segments; index++) {
    if (position + 8 > end) return false;
    const count = view.getUint32(position + 4);
    position += 8;
    if (count > (end - position) / 4) return false;
    position += count * 4;
    if (count > 0) draft.setAsn(DESTINATION_ASN, view.getUint32(position - 4));
  }
  return true;
}

/** @returns where the address ends; an unknown one has no bytes; -1 where it is cut short */
function readHop(view: DataView, at: number, end: number, draft: Draft): number {
  if (at + 4 > end) return -1;
  if (view.getUint32(at) === 0) return at + 4;
  const address = readAddress(view, at, end);
  if (address === null) return -1;
  draft.setNextHop(address.end - address.at === 4 ? 4 : 6, view, address.at);
  return address.end;
}
