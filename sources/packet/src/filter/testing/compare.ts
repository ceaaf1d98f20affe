/** Compares two programs by what they do with packets. */
import { type Auxiliary, runProgram } from '../interpreter.ts';
import type { BpfProgram } from '../program.ts';

/** @returns the first packet that only one of them accepts, in hexadecimal; null if they agree on all */
export function firstDifference(
  ours: BpfProgram,
  theirs: BpfProgram,
  packets: readonly Uint8Array[],
  auxiliary?: (packet: Uint8Array) => Auxiliary,
): string | null {
  for (const packet of packets) {
    const beside = auxiliary?.(packet);
    // On the wire it was longer by three bytes, so that the two lengths cannot be mistaken.
    const wire = packet.length + 3;
    const one = runProgram(ours, packet, wire, beside) !== 0;
    if (one !== (runProgram(theirs, packet, wire, beside) !== 0)) return Buffer.from(packet).toString('hex');
  }
  return null;
}
