/** A classic BPF program: instructions of the packet filter machine, as the kernel and libpcap know them. */

export interface BpfInstruction {
  readonly code: number;
  /** Instructions to skip where the condition holds, and where it does not. */
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

export interface BpfProgram {
  readonly instructions: readonly BpfInstruction[];
}

/** What the kernel takes at most (BPF_MAXINSNS). */
export const MAX_INSTRUCTIONS = 4096;
/** Scratch cells M[0] to M[15]. */
export const SCRATCH_CELLS = 16;
/** Instructions a conditional jump can skip. */
export const MAX_JUMP = 255;

// Instruction classes.
export const LD = 0x00;
export const LDX = 0x01;
export const ST = 0x02;
export const STX = 0x03;
export const ALU = 0x04;
export const JMP = 0x05;
export const RET = 0x06;
export const MISC = 0x07;

// Sizes of loads.
export const WORD = 0x00;
export const HALF = 0x08;
export const BYTE = 0x10;

// Ways to load.
export const IMMEDIATE = 0x00;
export const ABSOLUTE = 0x20;
export const INDIRECT = 0x40;
export const MEMORY = 0x60;
export const LENGTH = 0x80;
/** 4 * (P[k] & 0xf): the length of an IPv4 header. */
export const HEADER_LENGTH = 0xa0;

// Arithmetic.
export const ADD = 0x00;
export const SUB = 0x10;
export const MUL = 0x20;
export const DIV = 0x30;
export const OR = 0x40;
export const AND = 0x50;
export const LSH = 0x60;
export const RSH = 0x70;
export const NEG = 0x80;
export const MOD = 0x90;
export const XOR = 0xa0;

// Jumps.
export const JA = 0x00;
export const JEQ = 0x10;
export const JGT = 0x20;
export const JGE = 0x30;
export const JSET = 0x40;

/** Operand is X instead of k. */
export const SOURCE_X = 0x08;
/** `ret a`. */
export const RETURN_A = 0x10;
export const TAX = 0x00;
export const TXA = 0x80;

/** Loads from here on read what Linux knows of the packet beside its bytes (SKF_AD_OFF). */
export const AUXILIARY = 0xfffff000;
export const AUX_PACKET_TYPE = AUXILIARY + 4;
export const AUX_INTERFACE = AUXILIARY + 8;
export const AUX_VLAN_TAG = AUXILIARY + 44;
export const AUX_VLAN_PRESENT = AUXILIARY + 48;
