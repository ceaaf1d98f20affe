/** What few flows need, in a block of its own: MACs, the ICMP error that spoke of it, inter-packet times, user data. */
import { EXTRA, STATUS, STATUS_CONTROL } from './flow';
import { BLOCK_CONTROL_DATA, BLOCK_DATA, BLOCK_EXTRA, BLOCK_KEYSTROKES, BLOCK_UDT } from './table/blocks';
import { giveBlock, takeBlock } from './table/memory';

export const EXTRA_BYTES: u32 = 208;

/** Destination and source MAC of the first packet's way, u16 Ethernet type, u8 sides on which others were seen. */
export const MAC = 0;
export const MAC_TYPE = 12;
export const MAC_MULTIPLE = 14;
/** u8 kind (1 unreachable, 2 redirect, 4 time exceeded), then the message's part as ICMP flows keep it. */
export const ICMP_MAPPED = 15;
export const ICMP = 16;
export const ICMP_BYTES: u32 = 24;
/** Time of the last packet by side, then statistics: source active and idle, destination active and idle. */
export const SOURCE_LAST = 40;
export const DESTINATION_LAST = 48;
export const STATISTICS = 56;
/** Statistics: u32 count, f32 least, most, sum, i64 sum of squares. */
export const STATISTIC_BYTES: u32 = 24;
export const STATISTIC_COUNT = 0;
export const STATISTIC_MIN = 4;
export const STATISTIC_MAX = 8;
export const STATISTIC_SUM = 12;
export const STATISTIC_SQUARES = 16;
/** User data by side: address of the bytes (0: none), u16 there is room for, u16 there are. */
export const SOURCE_DATA = 152;
export const DESTINATION_DATA = 160;
export const DATA_AT = 0;
export const DATA_SIZE = 4;
export const DATA_COUNT = 6;
export const KEYSTROKES = 168;
export const UDT = 172;

/** @returns the flow's extra block, made if there was none; 0 when memory is full */
export function extraOf(flow: usize): usize {
  let extra = <usize>load<u32>(flow, EXTRA);
  if (extra == 0) {
    extra = takeBlock(BLOCK_EXTRA);
    store<u32>(flow, <u32>extra, EXTRA);
  }
  return extra;
}

/** Gives back all that hangs on a flow. */
export function giveExtra(flow: usize): void {
  const extra = <usize>load<u32>(flow, EXTRA);
  if (extra == 0) return;
  giveIf(dataClass(flow), load<u32>(extra + SOURCE_DATA, DATA_AT));
  giveIf(dataClass(flow), load<u32>(extra + DESTINATION_DATA, DATA_AT));
  giveIf(BLOCK_KEYSTROKES, load<u32>(extra, KEYSTROKES));
  giveIf(BLOCK_UDT, load<u32>(extra, UDT));
  giveBlock(BLOCK_EXTRA, extra);
  store<u32>(flow, 0, EXTRA);
}

/** The kind of block that holds a flow's user data. */
export function dataClass(flow: usize): u32 {
  return (load<u32>(flow, STATUS) & STATUS_CONTROL) != 0 ? BLOCK_CONTROL_DATA : BLOCK_DATA;
}

function giveIf(blockClass: u32, block: u32): void {
  if (block != 0) giveBlock(blockClass, <usize>block);
}
