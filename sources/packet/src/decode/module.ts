/** The compiled AssemblyScript of this package and what it exports. */
import { type FramingModule, wasmInstance } from './instance.ts';

export interface PacketModule extends FramingModule {
  allocatedBytes(): number;
  decode(packet: number, options: number): void;
  decodeAll(packets: number, count: number, options: number): void;
  setHashSeed(low: number, high: number): void;
  fragmentInit(maxDatagrams: number, maxBytes: number, timeoutS: number): number;
  defragment(packet: number, policy: number, options: number): number;
  fragmentCounters(): number;
  streamInit(
    maxStreams: number,
    maxBytes: number,
    maxSideBytes: number,
    idleS: number,
    policy: number,
    midstream: number,
  ): number;
  setStreamPolicy(stream: number, direction: number, policy: number): void;
  reassemble(packets: number, from: number, total: number): number;
  endStreams(): number;
  streamEvents(): number;
  streamEventCount(): number;
  streamCounters(): number;
}

/** @returns an instance with memory and state of its own */
export function packetModule(): PacketModule {
  return wasmInstance(new URL('../../dist/packet.wasm', import.meta.url), 'packet module') as unknown as PacketModule;
}
