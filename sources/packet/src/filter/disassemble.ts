/** Programs as text, one instruction a line, as `tcpdump -d` prints them. */
import type { BpfInstruction, BpfProgram } from './program.ts';
import {
  ABSOLUTE,
  ALU,
  AUX_INTERFACE,
  AUX_PACKET_TYPE,
  AUX_VLAN_PRESENT,
  AUX_VLAN_TAG,
  AUXILIARY,
  BYTE,
  HALF,
  HEADER_LENGTH,
  IMMEDIATE,
  INDIRECT,
  JA,
  JMP,
  LD,
  LDX,
  LENGTH,
  MEMORY,
  NEG,
  RET,
  RETURN_A,
  SOURCE_X,
  ST,
  STX,
  TXA,
} from './program.ts';

const OPERATIONS = ['add', 'sub', 'mul', 'div', 'or', 'and', 'lsh', 'rsh', 'neg', 'mod', 'xor'];
const JUMPS = ['ja', 'jeq', 'jgt', 'jge', 'jset'];
const AUXILIARIES: ReadonlyMap<number, string> = new Map([
  [AUXILIARY, 'proto'],
  [AUX_PACKET_TYPE, 'type'],
  [AUX_INTERFACE, 'ifidx'],
  [AUX_VLAN_TAG, 'vlan_tci'],
  [AUX_VLAN_PRESENT, 'vlanp'],
]);

/** `(000) ldh      [12]` and so on, lines ended by a line feed. */
export function disassemble({ instructions }: BpfProgram): string {
  return instructions.map((instruction, index) => `${line(instruction, index)}\n`).join('');
}

function line({ code, jt, jf, k }: BpfInstruction, index: number): string {
  const head = `(${String(index).padStart(3, '0')}) `;
  const [name, operand] = words(code, k, index);
  const text = `${head}${name.padEnd(8)} ${operand}`;
  if ((code & 7) !== JMP || code === (JMP | JA)) return text;
  return `${head}${name.padEnd(8)} ${operand.padEnd(16)} jt ${index + 1 + jt}\tjf ${index + 1 + jf}`;
}

function words(code: number, k: number, index: number): readonly [string, string] {
  const hexadecimal = `#0x${k.toString(16)}`;
  switch (code & 7) {
    case LD:
    case LDX:
      return loadWords(code, k);
    case ST:
      return ['st', `M[${k}]`];
    case STX:
      return ['stx', `M[${k}]`];
    case ALU: {
      const name = OPERATIONS[(code & 0xf0) >>> 4] ?? 'unknown';
      if (code === (ALU | NEG)) return [name, ''];
      const shift =
        name === 'lsh' ||
        name === 'rsh' ||
        name === 'add' ||
        name === 'sub' ||
        name === 'mul' ||
        name === 'div' ||
        name === 'mod';
      return [name, (code & SOURCE_X) !== 0 ? 'x' : shift ? `#${k}` : hexadecimal];
    }
    case JMP:
      if (code === (JMP | JA)) return ['ja', `${index + 1 + k}`];
      return [JUMPS[(code & 0xf0) >>> 4] ?? 'unknown', (code & SOURCE_X) !== 0 ? 'x' : hexadecimal];
    case RET:
      return ['ret', (code & 0x18) === RETURN_A ? '' : `#${k}`];
    default:
      return [(code & 0xf8) === TXA ? 'txa' : 'tax', ''];
  }
}

function loadWords(code: number, k: number): readonly [string, string] {
  const isX = (code & 7) === LDX;
  if (code === (LDX | HEADER_LENGTH | BYTE)) return ['ldxb', `4*([${k}]&0xf)`];
  const size = code & 0x18;
  const name = isX ? 'ldx' : size === HALF ? 'ldh' : size === BYTE ? 'ldb' : 'ld';
  switch (code & 0xe0) {
    case IMMEDIATE:
      return [name, `#0x${k.toString(16)}`];
    case LENGTH:
      return [name, '#pktlen'];
    case MEMORY:
      return [name, `M[${k}]`];
    case ABSOLUTE:
      return [name, `[${AUXILIARIES.get(k) ?? k}]`];
    case INDIRECT:
      return [name, `[x + ${k}]`];
  }
  return ['unknown', ''];
}
