/** Fields of a data record into a draft: the one place that knows how each element is encoded. */
import {
  DESTINATION_ADDRESS,
  DESTINATION_ASN,
  DESTINATION_BYTES,
  DESTINATION_MAC,
  DESTINATION_MASK,
  DESTINATION_PACKETS,
  DESTINATION_PORT,
  MAC_ETHER_TYPE,
  PROTOCOL,
  SOURCE_ADDRESS,
  SOURCE_ASN,
  SOURCE_MAC,
  SOURCE_MASK,
  SOURCE_PORT,
} from '../../record/layout.ts';
import { DRAFT_WORDS, type Draft, type ExportTime } from './draft.ts';
import * as op from './operations.ts';

/** A number of one to eight bytes, exact to 2^53. */
export function unsigned(view: DataView, at: number, bytes: number): number {
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at);
    case 4:
      return view.getUint32(at);
    case 8:
      return view.getUint32(at) * 4_294_967_296 + view.getUint32(at + 4);
  }
  let value = 0;
  for (let index = 0; index < bytes; index++) value = value * 256 + view.getUint8(at + index);
  return value;
}

const NTP_TO_UNIX_S = 2_208_988_800;
/** RFC 7011, 6.1.9: the low 11 bits of a microsecond stamp's fraction mean nothing. */
const MICRO_FRACTION = 0xffff_f800;

function setNtp(moment: Draft['start'], view: DataView, at: number, fractionMask: number): void {
  const nanoseconds = Math.round((((view.getUint32(at + 4) & fractionMask) >>> 0) * 1e9) / 4_294_967_296);
  const seconds = view.getUint32(at);
  // Era 1 begins in 2036 with 0 again.
  const unixS = seconds >= NTP_TO_UNIX_S ? seconds - NTP_TO_UNIX_S : seconds + 4_294_967_296 - NTP_TO_UNIX_S;
  moment.set(unixS * 1000 + Math.floor(nanoseconds / 1e6), nanoseconds % 1e6);
}

function setMicroseconds(moment: Draft['start'], us: number): void {
  const ms = Math.floor(us / 1000);
  moment.set(ms, (us - ms * 1000) * 1000);
}

/** Takes the longest milliseconds that still are a date. */
const LAST_MS = 4_294_967_295_999;

/**
 * Reads one field. Its bytes are there, and its length is one that its operation takes.
 *
 * @param operation OP_… with or without OP_REVERSE
 */
export function readField(
  draft: Draft,
  operation: number,
  view: DataView,
  at: number,
  bytes: number,
  time: ExportTime,
): void {
  const reverse = (operation & op.OP_REVERSE) !== 0;
  const { record } = draft;
  switch (operation & ~op.OP_REVERSE) {
    case op.OP_BYTES:
    case op.OP_PACKETS: {
      const side = draft.side(reverse);
      const word = (operation & ~op.OP_REVERSE) === op.OP_BYTES ? side.bytes : side.packets;
      if (reverse) draft.hasReverse = true;
      if (bytes === 4) draft.setCounter(word, view.getUint32(at), 0);
      else if (bytes === 8) draft.setCounter(word, view.getUint32(at + 4), view.getUint32(at));
      else {
        const value = unsigned(view, at, bytes);
        draft.setCounter(word, value >>> 0, Math.floor(value / 4_294_967_296));
      }
      return;
    }
    case op.OP_BYTES_BACK:
      draft.hasReverse = true;
      record.setWide(DESTINATION_BYTES, unsigned(view, at, bytes));
      return;
    case op.OP_PACKETS_BACK:
      draft.hasReverse = true;
      record.setWide(DESTINATION_PACKETS, unsigned(view, at, bytes));
      return;
    case op.OP_BYTES_FALLBACK:
      if (!reverse) draft.bytesFallback = unsigned(view, at, bytes);
      return;
    case op.OP_PACKETS_FALLBACK:
      if (!reverse) draft.packetsFallback = unsigned(view, at, bytes);
      return;
    case op.OP_TCP_FLAGS:
      // Of two bytes the high four bits are the header's length.
      record.set(draft.side(reverse).tcpFlags, unsigned(view, at, bytes) & 0xfff);
      return;
    case op.OP_TOS:
      draft.setTos(draft.side(reverse), unsigned(view, at, bytes));
      return;
    case op.OP_TTL_MIN:
      draft.setTtl(draft.side(reverse), unsigned(view, at, bytes));
      return;
    case op.OP_SIZE_MIN:
      draft.setSize(draft.side(reverse).sizeMin, unsigned(view, at, bytes));
      return;
    case op.OP_SIZE_MAX:
      draft.setSize(draft.side(reverse).sizeMax, unsigned(view, at, bytes));
      return;
  }
  if (reverse) {
    readTime(operation & ~op.OP_REVERSE, view, at, bytes, time, draft.reverseStart, draft.reverseEnd);
  } else if (operation >= op.OP_START_UPTIME && operation <= op.OP_END_DELTA_US) {
    if (!readTime(operation, view, at, bytes, time, draft.start, draft.end)) {
      readForward(draft, operation, view, at, bytes);
    }
  } else readForward(draft, operation, view, at, bytes);
}

/** @returns false where the operation is no point in time */
function readTime(
  operation: number,
  view: DataView,
  at: number,
  bytes: number,
  time: ExportTime,
  start: Draft['start'],
  end: Draft['start'],
): boolean {
  switch (operation) {
    case op.OP_START_UPTIME:
      start.uptimeMs = unsigned(view, at, bytes);
      return true;
    case op.OP_END_UPTIME:
      end.uptimeMs = unsigned(view, at, bytes);
      return true;
    case op.OP_START_S:
      start.set(Math.min(unsigned(view, at, bytes) * 1000, LAST_MS));
      return true;
    case op.OP_END_S:
      end.set(Math.min(unsigned(view, at, bytes) * 1000, LAST_MS));
      return true;
    case op.OP_START_MS:
      start.set(Math.min(unsigned(view, at, bytes), LAST_MS));
      return true;
    case op.OP_END_MS:
      end.set(Math.min(unsigned(view, at, bytes), LAST_MS));
      return true;
    case op.OP_START_US:
      setNtp(start, view, at, MICRO_FRACTION);
      return true;
    case op.OP_END_US:
      setNtp(end, view, at, MICRO_FRACTION);
      return true;
    case op.OP_START_NS:
      setNtp(start, view, at, 0xffff_ffff);
      return true;
    case op.OP_END_NS:
      setNtp(end, view, at, 0xffff_ffff);
      return true;
    // Before the export, in microseconds.
    case op.OP_START_DELTA_US:
      setMicroseconds(start, time.exportMs * 1000 - unsigned(view, at, bytes));
      return true;
    case op.OP_END_DELTA_US:
      setMicroseconds(end, time.exportMs * 1000 - unsigned(view, at, bytes));
      return true;
  }
  return false;
}

function readForward(draft: Draft, operation: number, view: DataView, at: number, bytes: number): void {
  const { record } = draft;
  switch (operation) {
    case op.OP_PROTOCOL:
      record.set(PROTOCOL, unsigned(view, at, bytes) & 0xff);
      return;
    case op.OP_SOURCE_PORT:
      record.set(SOURCE_PORT, unsigned(view, at, bytes) & 0xffff);
      return;
    case op.OP_DESTINATION_PORT:
      record.set(DESTINATION_PORT, unsigned(view, at, bytes) & 0xffff);
      return;
    case op.OP_SOURCE_IPV4:
      draft.sourceIpv4 = view.getUint32(at);
      draft.hasIpv4 = true;
      return;
    case op.OP_DESTINATION_IPV4:
      draft.destinationIpv4 = view.getUint32(at);
      draft.hasIpv4 = true;
      return;
    case op.OP_SOURCE_IPV6:
      draft.setIpv6(SOURCE_ADDRESS, view, at);
      return;
    case op.OP_DESTINATION_IPV6:
      draft.setIpv6(DESTINATION_ADDRESS, view, at);
      return;
    case op.OP_SOURCE_MASK:
      draft.setMask(SOURCE_MASK, unsigned(view, at, bytes));
      return;
    case op.OP_DESTINATION_MASK:
      draft.setMask(DESTINATION_MASK, unsigned(view, at, bytes));
      return;
    case op.OP_INPUT_INTERFACE:
      record.set(DRAFT_WORDS.input, unsigned(view, at, bytes));
      return;
    case op.OP_OUTPUT_INTERFACE:
      record.set(DRAFT_WORDS.output, unsigned(view, at, bytes));
      return;
    case op.OP_NEXT_HOP_IPV4:
      draft.setNextHop(4, view, at);
      return;
    case op.OP_NEXT_HOP_IPV6:
      draft.setNextHop(6, view, at);
      return;
    case op.OP_SOURCE_ASN:
      draft.setAsn(SOURCE_ASN, unsigned(view, at, bytes));
      return;
    case op.OP_DESTINATION_ASN:
      draft.setAsn(DESTINATION_ASN, unsigned(view, at, bytes));
      return;
    case op.OP_ICMP_TYPE_CODE:
      if (draft.icmp <= 0) draft.icmp = unsigned(view, at, bytes) & 0xffff;
      return;
    case op.OP_ICMP_TYPE:
      draft.icmp = (Math.max(draft.icmp, 0) & 0xff) | ((unsigned(view, at, bytes) & 0xff) << 8);
      return;
    case op.OP_ICMP_CODE:
      draft.icmp = (Math.max(draft.icmp, 0) & 0xff00) | (unsigned(view, at, bytes) & 0xff);
      return;
    case op.OP_FLOW_LABEL:
      record.set(DRAFT_WORDS.flowLabel, unsigned(view, at, bytes) & 0xfffff);
      return;
    case op.OP_IP_ID:
      draft.setIpId(unsigned(view, at, bytes));
      return;
    case op.OP_SOURCE_MAC:
      draft.setMac(SOURCE_MAC, view, at);
      return;
    case op.OP_DESTINATION_MAC:
      draft.setMac(DESTINATION_MAC, view, at);
      return;
    case op.OP_SOURCE_VLAN:
      draft.setVlan(1, unsigned(view, at, bytes));
      return;
    case op.OP_DESTINATION_VLAN:
      draft.setVlan(2, unsigned(view, at, bytes));
      return;
    case op.OP_MPLS_TOP:
      draft.setMpls(unsigned(view, at, bytes));
      return;
    case op.OP_SAMPLER_ID:
      draft.samplerId = unsigned(view, at, bytes);
      return;
    case op.OP_SAMPLING_RATE:
      draft.samplingRate = unsigned(view, at, bytes);
      return;
    case op.OP_SAMPLED_PACKETS:
      draft.sampledPackets = unsigned(view, at, bytes);
      return;
    case op.OP_SKIPPED_PACKETS:
      draft.skippedPackets = unsigned(view, at, bytes);
      return;
    case op.OP_EXPORTER_IPV4:
      draft.setExporter(view, at, 4);
      return;
    case op.OP_EXPORTER_IPV6:
      draft.setExporter(view, at, 16);
      return;
    case op.OP_END_REASON:
      record.set(DRAFT_WORDS.endReason, unsigned(view, at, bytes));
      return;
    case op.OP_IP_VERSION:
      draft.ipVersion = unsigned(view, at, bytes);
      return;
    case op.OP_ETHER_TYPE:
      record.set(MAC_ETHER_TYPE, unsigned(view, at, bytes));
      return;
    case op.OP_FLOW_ID:
      record.set(DRAFT_WORDS.sequence, unsigned(view, at, bytes));
      return;
    case op.OP_DURATION_MS:
      draft.durationMs = unsigned(view, at, bytes);
      return;
    case op.OP_DURATION_US:
      draft.durationMs = Math.floor(unsigned(view, at, bytes) / 1000);
      return;
    case op.OP_BOOT_MS:
      draft.bootMs = unsigned(view, at, bytes);
      return;
    case op.OP_FRAGMENT_OFFSET:
      draft.isFragment = unsigned(view, at, bytes) > 0;
      return;
  }
}
