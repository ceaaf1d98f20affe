/** The compiled AssemblyScript of this package and what it exports. */
import { readFileSync } from 'node:fs';

/** Addresses and counts are unsigned 32-bit numbers, given and taken as JavaScript numbers of any sign. */
export interface PacketModule {
  readonly memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  allocatedBytes(): number;
  decode(packet: number, options: number): void;
  decodeAll(packets: number, count: number, options: number): void;
  setHashSeed(low: number, high: number): void;
  frameCapture(
    block: number,
    bytes: number,
    packets: number,
    maxPackets: number,
    form: number,
    linkType: number,
    interfaceNumber: number,
  ): number;
  frameRing(
    block: number,
    bytes: number,
    from: number,
    packets: number,
    maxPackets: number,
    linkType: number,
    interfaceNumber: number,
  ): number;
  framedNext(): number;
  framedOutcome(): number;
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

let compiled: WebAssembly.Module | undefined;

/** @returns an instance with memory and state of its own */
export function packetModule(): PacketModule {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../dist/packet.wasm', import.meta.url)));
  const abort = () => {
    throw new Error('The packet module has aborted');
  };
  return new WebAssembly.Instance(compiled, { env: { abort } }).exports as unknown as PacketModule;
}
