/** TCP options one by one, for those who need their values. */
import { NONE } from './layout.ts';
import type { PacketView } from './view.ts';

const FIXED_BYTES = 20;

/**
 * @param kind as IANA numbers them: 2 MSS, 3 window scale, 5 SACK, 8 timestamps
 * @returns the option's value without kind and length, or null
 */
export function tcpOption(packet: PacketView, kind: number): Uint8Array | null {
  if (packet.tcpHeaderBytes === 0 || packet.transport === NONE) return null;
  const options = packet.header(packet.transport).subarray(FIXED_BYTES);
  let at = 0;
  while (at < options.length) {
    const found = options[at]!;
    if (found === 0) return null;
    const length = found === 1 ? 1 : (options[at + 1] ?? 0);
    if (length === 0 || (found !== 1 && length < 2) || at + length > options.length) return null;
    if (found === kind && kind > 1) return options.subarray(at + 2, at + length);
    at += length;
  }
  return null;
}
