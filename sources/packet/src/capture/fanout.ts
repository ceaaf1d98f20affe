/**
 * How several rings share one interface so that a connection meets itself: both directions in the same ring.
 *
 * By `flow`, the kernel hashes addresses and ports, the same in both directions, after it has put IPv4 fragments together:
 * these show as one long packet. By `hosts`, a program hashes the addresses alone: fragments stay as they are and
 * share the ring of their connection, but all connections of two hosts are in one ring.
 *
 * @see packet(7), PACKET_FANOUT
 */
import {
  ABSOLUTE,
  ALU,
  AUXILIARY,
  type BpfInstruction,
  IMMEDIATE,
  JEQ,
  JMP,
  LD,
  MISC,
  MUL,
  RET,
  RETURN_A,
  RSH,
  SOURCE_X,
  TAX,
  WORD,
  XOR,
} from '../filter/program.ts';
import { encodeProgram } from './program.ts';
import { PACKET_FANOUT, PACKET_FANOUT_DATA, SOL_PACKET, setOption, setProgram, words } from './syscalls.ts';

export interface Fanout {
  /** Rings with the same number share what comes, 0 to 65535. */
  readonly group: number;
  readonly by: 'flow' | 'hosts';
}

const FANOUT_HASH = 0;
const FANOUT_CBPF = 6;
const FLAG_DEFRAG = 0x8000;

/** Loads from here on are relative to the network header (SKF_NET_OFF). */
const NETWORK = 0xfff00000;
const AUX_PROTOCOL = AUXILIARY;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;
const IPV4_ADDRESSES = [12, 16];
const IPV6_ADDRESSES = [8, 12, 16, 20, 24, 28, 32, 36];
const GOLDEN = 0x9e3779b1;
const HALF_WORD_BITS = 15;

/** Has a socket that is bound join its group. */
export function joinFanout(descriptor: number, { group, by }: Fanout): void {
  const kind = by === 'flow' ? FANOUT_HASH | FLAG_DEFRAG : FANOUT_CBPF;
  setOption(descriptor, SOL_PACKET, PACKET_FANOUT, words(((kind << 16) | group) >>> 0), 'share an interface');
  if (by === 'flow') return;
  setProgram(descriptor, SOL_PACKET, PACKET_FANOUT_DATA, encodeProgram(hostsProgram()), 'share an interface by hosts');
}

/** A hash of both addresses, whichever comes first; what is no IP goes to the first ring. */
export function hostsProgram(): BpfInstruction[] {
  const ipv4 = xorOf(IPV4_ADDRESSES);
  const ipv6 = xorOf(IPV6_ADDRESSES);
  const mix: BpfInstruction[] = [
    { code: ALU | MUL, jt: 0, jf: 0, k: GOLDEN },
    { code: MISC | TAX, jt: 0, jf: 0, k: 0 },
    { code: ALU | RSH, jt: 0, jf: 0, k: HALF_WORD_BITS },
    { code: ALU | XOR | SOURCE_X, jt: 0, jf: 0, k: 0 },
    { code: RET | RETURN_A, jt: 0, jf: 0, k: 0 },
  ];
  return [
    { code: LD | WORD | ABSOLUTE, jt: 0, jf: 0, k: AUX_PROTOCOL },
    { code: JMP | JEQ, jt: 2, jf: 0, k: ETHER_TYPE_IPV4 },
    { code: JMP | JEQ, jt: 1 + ipv4.length + mix.length, jf: 0, k: ETHER_TYPE_IPV6 },
    { code: RET | IMMEDIATE, jt: 0, jf: 0, k: 0 },
    ...ipv4,
    ...mix,
    ...ipv6,
    ...mix,
  ];
}

function xorOf(offsets: readonly number[]): BpfInstruction[] {
  return offsets.flatMap((offset, index) => [
    ...(index === 0 ? [] : [{ code: MISC | TAX, jt: 0, jf: 0, k: 0 }]),
    { code: LD | WORD | ABSOLUTE, jt: 0, jf: 0, k: NETWORK + offset },
    ...(index === 0 ? [] : [{ code: ALU | XOR | SOURCE_X, jt: 0, jf: 0, k: 0 }]),
  ]);
}
