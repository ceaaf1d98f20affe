/** Checks a program as the kernel does before it lets it near a packet. */
import type { BpfInstruction, BpfProgram } from './program.ts';
import {
  ABSOLUTE,
  ADD,
  ALU,
  AND,
  AUXILIARY,
  BYTE,
  DIV,
  HALF,
  HEADER_LENGTH,
  IMMEDIATE,
  INDIRECT,
  JA,
  JEQ,
  JGE,
  JGT,
  JMP,
  JSET,
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
  TAX,
  TXA,
  WORD,
  XOR,
} from './program.ts';

const SIZES = [WORD, HALF, BYTE];
const OPERATIONS = [ADD, SUB, MUL, DIV, OR, AND, LSH, RSH, MOD, XOR];
const JUMPS = [JEQ, JGT, JGE, JSET];

const KNOWN: ReadonlySet<number> = new Set([
  ...SIZES.flatMap((size) => [LD | ABSOLUTE | size, LD | INDIRECT | size]),
  LD | IMMEDIATE,
  LD | LENGTH,
  LD | MEMORY,
  LDX | IMMEDIATE,
  LDX | LENGTH,
  LDX | MEMORY,
  LDX | HEADER_LENGTH | BYTE,
  ST,
  STX,
  ...OPERATIONS.flatMap((operation) => [ALU | operation, ALU | operation | SOURCE_X]),
  ALU | NEG,
  JMP | JA,
  ...JUMPS.flatMap((jump) => [JMP | jump, JMP | jump | SOURCE_X]),
  RET | IMMEDIATE,
  RET | RETURN_A,
  MISC | TAX,
  MISC | TXA,
]);

/** A program that must not run: `index` is the instruction. */
export class ProgramError extends Error {
  readonly index: number;

  constructor(index: number, message: string) {
    super(`Instruction ${index}: ${message}`);
    this.name = 'ProgramError';
    this.index = index;
  }
}

/** @throws ProgramError unless the program ends, stays inside itself and its cells, and reads only cells it has written */
export function validateProgram({ instructions }: BpfProgram): void {
  const count = instructions.length;
  if (count === 0 || count > MAX_INSTRUCTIONS) throw new ProgramError(0, `a program has 1 to ${MAX_INSTRUCTIONS}`);
  for (const [index, instruction] of instructions.entries()) checkInstruction(instruction, index, count);
  if ((instructions[count - 1]!.code & 7) !== RET) throw new ProgramError(count - 1, 'the last one must return');
  checkCells(instructions);
}

function checkInstruction({ code, jt, jf, k }: BpfInstruction, index: number, count: number): void {
  if (!KNOWN.has(code)) throw new ProgramError(index, `code 0x${code.toString(16)} is unknown`);
  if (!isWithin(k, 0xffff_ffff) || !isWithin(jt, 255) || !isWithin(jf, 255)) {
    throw new ProgramError(index, 'a field is out of range');
  }
  switch (code & 7) {
    case JMP: {
      const furthest = code === (JMP | JA) ? k : Math.max(jt, jf);
      if (index + 1 + furthest >= count) throw new ProgramError(index, 'it jumps out of the program');
      return;
    }
    case ST:
    case STX:
      if (k >= SCRATCH_CELLS) throw new ProgramError(index, `there is no cell ${k}`);
      return;
    case LD:
    case LDX:
      if ((code & 0xe0) === MEMORY && k >= SCRATCH_CELLS) throw new ProgramError(index, `there is no cell ${k}`);
      if ((code & 0xe0) === ABSOLUTE && k >= AUXILIARY && !isAuxiliary(k)) {
        throw new ProgramError(index, 'nothing is known beside the packet under this number');
      }
      return;
    case ALU:
      if ((code & SOURCE_X) !== 0) return;
      if ((code === (ALU | DIV) || code === (ALU | MOD)) && k === 0)
        throw new ProgramError(index, 'it divides by zero');
      if ((code === (ALU | LSH) || code === (ALU | RSH)) && k > 31) throw new ProgramError(index, 'it shifts too far');
  }
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

/** Protocol, packet type, interface and so on, up to the VLAN protocol; SKF_AD_MAX is 64. */
function isAuxiliary(k: number): boolean {
  return k < AUXILIARY + 64 && k % 4 === 0;
}

/** A cell may be read only where every way there has written it. */
function checkCells(instructions: readonly BpfInstruction[]): void {
  const ALL = 0xffff;
  const writtenAt = new Array<number>(instructions.length).fill(ALL);
  writtenAt[0] = 0;
  for (const [index, { code, jt, jf, k }] of instructions.entries()) {
    let written = writtenAt[index]!;
    const kind = code & 7;
    if (kind === ST || kind === STX) written |= 1 << k;
    const reads = (kind === LD || kind === LDX) && (code & 0xe0) === MEMORY;
    if (reads && (written & (1 << k)) === 0) throw new ProgramError(index, `cell ${k} was not written`);
    if (kind === RET) continue;
    const skips = kind !== JMP ? [0] : code === (JMP | JA) ? [k] : [jt, jf];
    for (const skip of skips) writtenAt[index + 1 + skip]! &= written;
  }
}
