/** Classic BPF programs as the kernel takes them. */
import { type BpfInstruction, MAX_INSTRUCTIONS, RET } from '../filter/program.ts';
import { CaptureError } from './errors.ts';
import { SO_ATTACH_FILTER, SOL_SOCKET, setProgram } from './syscalls.ts';

/** struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. */
const INSTRUCTION_BYTES = 8;

/** Lets no packet pass. */
export const REJECT_ALL: readonly BpfInstruction[] = [acceptBytes(0)];

/** Lets so many bytes of each packet pass; 0 rejects it. */
export function acceptBytes(bytes: number): BpfInstruction {
  return { code: RET, jt: 0, jf: 0, k: bytes };
}

/** @throws CaptureError `capture.filter` */
export function encodeProgram(instructions: readonly BpfInstruction[]): Uint8Array {
  if (instructions.length === 0 || instructions.length > MAX_INSTRUCTIONS) {
    throw new CaptureError(
      'capture.filter',
      `A capture filter has 1 to ${MAX_INSTRUCTIONS} instructions, not ${instructions.length}.`,
    );
  }
  const view = new DataView(new ArrayBuffer(instructions.length * INSTRUCTION_BYTES));
  for (const [index, { code, jt, jf, k }] of instructions.entries()) {
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, jt);
    view.setUint8(at + 3, jf);
    view.setUint32(at + 4, k >>> 0, true);
  }
  return new Uint8Array(view.buffer);
}

/** Replaces what was attached before in one step: no packet meets none of both. */
export function attachFilter(descriptor: number, instructions: readonly BpfInstruction[]): void {
  const program = encodeProgram(instructions);
  try {
    setProgram(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, program, 'attach the capture filter');
  } catch (error) {
    if (!(error instanceof CaptureError) || error.code !== 'capture.system') throw error;
    throw new CaptureError('capture.filter', 'The kernel does not take the capture filter.', { errno: error.errno });
  }
}
