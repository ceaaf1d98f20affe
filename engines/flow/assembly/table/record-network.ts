/** Writes the state of a flow's protocol into its record. */
import * as layout from '../../src/record/layout';
import { QUIRK_FIRST_WINDOW } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import { UDT } from '../extra';
import * as flows from '../flow';
import * as fragments from '../protocols/fragment-state';
import * as tcp from '../protocols/tcp-state';
import { keepData } from './outbox';

const RTP_WORDS = 9;
const RTCP_WORDS = 5;
const UDT_WORDS: u32 = 43;

export function writeNetwork(record: usize, flow: usize): void {
  const part = flow + flows.NETWORK;
  switch (<u32>load<u8>(flow, flows.NETWORK_KIND)) {
    case flows.NETWORK_TCP_FIRST:
      set(record, layout.NET_KIND, layout.NET_TCP_FIRST);
      writeTcp(record, part, load<u32>(part, tcp.TCP_STATUS));
      if (keeps(QUIRK_FIRST_WINDOW)) set(record, layout.TCP_SOURCE + layout.SIDE_WINDOW, 0);
      return;
    case flows.NETWORK_TCP_STATUS:
      set(record, layout.NET_KIND, layout.NET_TCP_STATUS);
      writeTcp(record, part, sumStatus(part));
      return;
    case flows.NETWORK_TCP:
      set(record, layout.NET_KIND, layout.NET_TCP);
      writeTcp(record, part, sumStatus(part));
      return;
    case flows.NETWORK_ICMP:
      writeIcmp(record, part);
      return;
    case flows.NETWORK_ESP:
      set(record, layout.NET_KIND, layout.NET_ESP);
      copyWords(record, part, 4);
      return;
    case flows.NETWORK_RTP:
      writeRtp(record, part);
      return;
    case flows.NETWORK_RTCP:
      writeRtcp(record, part);
      return;
    case flows.NETWORK_ARP:
      set(record, layout.NET_KIND, layout.NET_ARP);
      copyWords(record, part, 2);
      return;
    case flows.NETWORK_FRAGMENT:
      writeFragment(record, part);
      return;
    case flows.NETWORK_UDT:
      writeUdt(record, flow);
      return;
  }
  set(record, layout.NET_KIND, layout.NET_NONE);
}

/** The flow's bits from what each side has. */
function sumStatus(part: usize): u32 {
  const both =
    tcp.STATUS_RESET |
    tcp.STATUS_RETRANSMITTED |
    tcp.STATUS_WINDOW_SHUT |
    tcp.STATUS_OUT_OF_ORDER |
    tcp.STATUS_DUPLICATES;
  const source = load<u32>(part + tcp.TCP_SOURCE, tcp.SIDE_STATUS);
  const destination = load<u32>(part + tcp.TCP_DESTINATION, tcp.SIDE_STATUS);
  return (load<u32>(part, tcp.TCP_STATUS) & ~both) | sidePairs(source, false) | sidePairs(destination, true);
}

/** Either bit of a pair counts, and becomes the side's own. */
function sidePairs(status: u32, isDestination: bool): u32 {
  const pairs = (status | (status >> 1)) & tcp.STATUS_SOURCE_BITS;
  return isDestination ? pairs << 1 : pairs;
}

function writeTcp(record: usize, part: usize, status: u32): void {
  set(record, layout.TCP_STATUS, status);
  set(record, layout.TCP_STATE, load<u32>(part, tcp.TCP_STATE));
  set(record, layout.TCP_OPTIONS, load<u32>(part, tcp.TCP_OPTIONS));
  set(record, layout.TCP_SYNACK_US, load<u32>(part, tcp.TCP_SYNACK));
  set(record, layout.TCP_ACKDAT_US, load<u32>(part, tcp.TCP_ACKDAT));
  writeSide(record + (<usize>layout.TCP_SOURCE << 2), part + tcp.TCP_SOURCE);
  writeSide(record + (<usize>layout.TCP_DESTINATION << 2), part + tcp.TCP_DESTINATION);
}

function writeSide(words: usize, side: usize): void {
  const last = load<u64>(side, tcp.SIDE_LAST);
  set(words, layout.SIDE_LAST_S, <u32>(last / 1000000000));
  set(words, layout.SIDE_LAST_US, <u32>((last % 1000000000) / 1000));
  set(words, layout.SIDE_STATUS, load<u32>(side, tcp.SIDE_STATUS));
  set(words, layout.SIDE_SEQUENCE_BASE, load<u32>(side, tcp.SIDE_BASE));
  set(words, layout.SIDE_SEQUENCE, load<u32>(side, tcp.SIDE_SEQUENCE));
  set(words, layout.SIDE_ACKNOWLEDGEMENT, load<u32>(side, tcp.SIDE_ACKNOWLEDGEMENT));
  set(words, layout.SIDE_WINDOW_COUNT, load<u32>(side, tcp.SIDE_WINDOWS));
  set(words, layout.SIDE_BYTES, load<u32>(side, tcp.SIDE_BYTES));
  set(words, layout.SIDE_RETRANSMITTED, load<u32>(side, tcp.SIDE_RETRANSMITTED));
  set(words, layout.SIDE_ACK_BYTES, load<u32>(side, tcp.SIDE_ROLLED));
  set(words, layout.SIDE_WINDOW_BYTES, load<u32>(side, tcp.SIDE_IN_FLIGHT));
  set(words, layout.SIDE_WINDOW, load<u16>(side, tcp.SIDE_WINDOW));
  set(words, layout.SIDE_FLAGS, load<u8>(side, tcp.SIDE_FLAGS));
  set(words, layout.SIDE_WINDOW_SHIFT, load<u8>(side, tcp.SIDE_SHIFT));
  set(words, layout.SIDE_MAX_SEGMENT, load<u16>(side, tcp.SIDE_SEGMENT));
}

/** Type, code, sequence number, then the addresses of the message and of what it quotes, and the gateway. */
function writeIcmp(record: usize, part: usize): void {
  set(record, layout.NET_KIND, layout.NET_ICMP);
  set(record, layout.NET_WORDS, load<u8>(part));
  set(record, layout.NET_WORDS + 1, load<u8>(part, 1));
  set(record, layout.NET_WORDS + 2, load<u16>(part, 2));
  for (let word = 0; word < 5; word++) {
    set(record, layout.NET_WORDS + 3 + word, bswap<u32>(load<u32>(part + 4 + (word << 2))));
  }
}

/** The bytes of the record format: numbers in network order, headers as on the wire. */
function writeRtp(record: usize, part: usize): void {
  set(record, layout.NET_KIND, layout.NET_RTP);
  set(record, layout.NET_WORDS, bswap<u32>(load<u32>(part)));
  for (let word = 1; word < RTP_WORDS; word++) {
    const value = load<u32>(part + (<usize>word << 2));
    const isHead = word == 1 || word == 4;
    const isPair = word > 6;
    let bytes = bswap<u32>(value);
    if (isHead) bytes = (value & 0xffff) | (<u32>bswap<u16>(<u16>(value >> 16)) << 16);
    else if (isPair) bytes = rotl<u32>(bytes, 16);
    set(record, layout.NET_WORDS + word, bytes);
  }
}

/** As Argus has it: its headers keep the wire's order until they are turned round for the record. */
function writeRtcp(record: usize, part: usize): void {
  set(record, layout.NET_KIND, layout.NET_RTCP);
  for (let word = 0; word < RTCP_WORDS; word++) {
    const value = load<u32>(part + (<usize>word << 2));
    const bytes = (word & 1) == 0 ? (value & 0xffff) | (<u32>bswap<u16>(<u16>(value >> 16)) << 16) : bswap<u32>(value);
    set(record, layout.NET_WORDS + word, bytes);
  }
}

/** As Argus lays it out where addresses have eight bytes; the addresses themselves are not shown. */
function writeFragment(record: usize, part: usize): void {
  set(record, layout.NET_KIND, layout.NET_FRAGMENT);
  set(record, layout.NET_WORDS, load<u32>(part, fragments.FRAGMENT_COUNT));
  set(record, layout.NET_WORDS + 1, load<u32>(part, fragments.FRAGMENT_ID));
  set(record, layout.NET_WORDS + 3, load<u32>(part, fragments.FRAGMENT_BYTES));
  set(record, layout.NET_WORDS + 4, load<u32>(part, fragments.FRAGMENT_TOTAL_BYTES));
  set(record, layout.NET_WORDS + 5, load<u32>(part, fragments.FRAGMENT_LENGTH) & 0xffff);
  set(record, layout.NET_WORDS + 6, load<u32>(part, fragments.FRAGMENT_LONGEST) & 0xffff);
  set(record, layout.NET_WORDS + 11, load<u32>(part, fragments.FRAGMENT_RANGE + fragments.RANGE_START));
  set(record, layout.NET_WORDS + 12, load<u32>(part, fragments.FRAGMENT_RANGE + fragments.RANGE_END));
}

/** Too long for the record's words: the part as it stands in a record, numbers low byte first. */
function writeUdt(record: usize, flow: usize): void {
  set(record, layout.NET_KIND, layout.NET_UDT);
  const extra = <usize>load<u32>(flow, flows.EXTRA);
  const udt = extra == 0 ? <usize>0 : <usize>load<u32>(extra, UDT);
  store<u8>(scratch, 0x30);
  store<u8>(scratch, flows.NETWORK_UDT, 1);
  store<u8>(scratch, 0, 2);
  store<u8>(scratch, UDT_WORDS + 1, 3);
  for (let word: u32 = 0; word < UDT_WORDS; word++) {
    const value = udt == 0 ? <u32>0 : load<u32>(udt + <usize>(word << 2));
    store<u32>(scratch + 4 + <usize>(word << 2), value);
  }
  const at = keepData(scratch, (UDT_WORDS + 1) << 2);
  if (at == 0) return;
  set(record, layout.RAW_NET_AT, <u32>at);
  set(record, layout.RAW_NET_BYTES, (UDT_WORDS + 1) << 2);
}

const scratch: usize = memory.data(192, 4);

function copyWords(record: usize, part: usize, count: i32): void {
  memory.copy(record + (<usize>layout.NET_WORDS << 2), part, count << 2);
}

function set(record: usize, word: i32, value: u32): void {
  store<u32>(record + (<usize>word << 2), value);
}
