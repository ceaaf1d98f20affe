/** Runs a classic BPF program over one packet. Any program: what it does wrong rejects the packet, never more. */
import type { BpfProgram } from './program.ts';
import {
  ABSOLUTE,
  ADD,
  ALU,
  AND,
  AUX_INTERFACE,
  AUX_PACKET_TYPE,
  AUX_VLAN_PRESENT,
  AUX_VLAN_TAG,
  AUXILIARY,
  BYTE,
  DIV,
  HEADER_LENGTH,
  IMMEDIATE,
  INDIRECT,
  JA,
  JEQ,
  JGE,
  JGT,
  JMP,
  LD,
  LDX,
  LENGTH,
  LSH,
  MAX_INSTRUCTIONS,
  MEMORY,
  MISC,
  MOD,
  MUL,
  NEG,
  OR,
  RET,
  RETURN_A,
  RSH,
  SCRATCH_CELLS,
  SOURCE_X,
  ST,
  STX,
  SUB,
  TXA,
  WORD,
} from './program.ts';

/** What the kernel knows of a packet beside its bytes. */
export interface Auxiliary {
  /** 4 is sent by this machine. */
  readonly packetType?: number;
  readonly interface?: number;
  /** The tag taken out of the packet; none if undefined. */
  readonly vlanTag?: number;
}

const INVALID = -1;

/**
 * @param wireLength bytes the packet had on the wire
 * @param auxiliary for programs made for the kernel
 * @returns how much of the packet to keep; 0 rejects it
 */
export function runProgram(
  { instructions }: BpfProgram,
  packet: Uint8Array,
  wireLength: number = packet.length,
  auxiliary?: Auxiliary,
): number {
  const cells = new Uint32Array(SCRATCH_CELLS);
  let a = 0;
  let x = 0;
  let next = 0;
  // Jumps go forward only; the bound is for programs that nobody validated.
  for (let steps = 0; steps < MAX_INSTRUCTIONS; steps += 1) {
    const instruction = instructions[next];
    if (instruction === undefined) return 0;
    next += 1;
    const { code, jt, jf, k } = instruction;
    switch (code & 7) {
      case LD: {
        const value = loadInto(code, k, x, cells, packet, wireLength, auxiliary);
        if (value === INVALID) return 0;
        a = value;
        break;
      }
      case LDX: {
        const value =
          code === (LDX | HEADER_LENGTH | BYTE)
            ? headerLength(packet, k)
            : loadInto(code & ~1, k, x, cells, packet, wireLength, auxiliary);
        if (value === INVALID) return 0;
        x = value;
        break;
      }
      case ST:
        cells[k & (SCRATCH_CELLS - 1)] = a;
        break;
      case STX:
        cells[k & (SCRATCH_CELLS - 1)] = x;
        break;
      case ALU: {
        const value = operate(code, a, (code & SOURCE_X) !== 0 ? x : k);
        if (value === INVALID) return 0;
        a = value;
        break;
      }
      case JMP:
        if (code === (JMP | JA)) next += k | 0;
        else next += jumps(code, a, (code & SOURCE_X) !== 0 ? x : k) ? jt : jf;
        break;
      case RET:
        return (code & 0x18) === RETURN_A ? a : k;
      case MISC:
        if ((code & 0xf8) === TXA) a = x;
        else x = a;
        break;
    }
  }
  return 0;
}

function loadInto(
  code: number,
  k: number,
  x: number,
  cells: Uint32Array,
  packet: Uint8Array,
  wireLength: number,
  auxiliary: Auxiliary | undefined,
): number {
  switch (code & 0xe0) {
    case IMMEDIATE:
      return k;
    case LENGTH:
      return wireLength;
    case MEMORY:
      return cells[k & (SCRATCH_CELLS - 1)]!;
    case ABSOLUTE:
      return k >= AUXILIARY ? auxiliaryValue(k, auxiliary) : packetBytes(code, packet, k);
    case INDIRECT:
      return packetBytes(code, packet, x + k);
  }
  return INVALID;
}

function packetBytes(code: number, packet: Uint8Array, at: number): number {
  const size = code & 0x18;
  const bytes = size === WORD ? 4 : size === BYTE ? 1 : 2;
  if (at + bytes > packet.length) return INVALID;
  let value = 0;
  for (let index = 0; index < bytes; index += 1) value = value * 256 + packet[at + index]!;
  return value;
}

function headerLength(packet: Uint8Array, k: number): number {
  return k < packet.length ? (packet[k]! & 0xf) * 4 : INVALID;
}

function auxiliaryValue(k: number, auxiliary: Auxiliary | undefined): number {
  if (auxiliary === undefined) return INVALID;
  switch (k) {
    case AUX_PACKET_TYPE:
      return auxiliary.packetType ?? 0;
    case AUX_INTERFACE:
      return auxiliary.interface ?? 0;
    case AUX_VLAN_TAG:
      return auxiliary.vlanTag ?? 0;
    case AUX_VLAN_PRESENT:
      return auxiliary.vlanTag === undefined ? 0 : 1;
  }
  return INVALID;
}

function operate(code: number, a: number, operand: number): number {
  switch (code & 0xf0) {
    case ADD:
      return (a + operand) >>> 0;
    case SUB:
      return (a - operand) >>> 0;
    case MUL:
      return Math.imul(a, operand) >>> 0;
    case DIV:
      return operand === 0 ? INVALID : Math.trunc(a / operand);
    case MOD:
      return operand === 0 ? INVALID : a % operand;
    case OR:
      return (a | operand) >>> 0;
    case AND:
      return (a & operand) >>> 0;
    case LSH:
      return operand > 31 ? 0 : (a << operand) >>> 0;
    case RSH:
      return operand > 31 ? 0 : a >>> operand;
    case NEG:
      return -a >>> 0;
  }
  return (a ^ operand) >>> 0;
}

function jumps(code: number, a: number, operand: number): boolean {
  switch (code & 0xf0) {
    case JEQ:
      return a === operand;
    case JGT:
      return a > operand;
    case JGE:
      return a >= operand;
  }
  return (a & operand) !== 0;
}
