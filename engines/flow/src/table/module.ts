/** The compiled flow table and what it exports. */
import { readFileSync } from 'node:fs';

/** Addresses and counts are unsigned 32-bit numbers, given and taken as JavaScript numbers of any sign. */
export interface TableModule {
  readonly memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  options(): number;
  start(): number;
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
  takePackets(packets: number, count: number): number;
  isBehind(): number;
  advance(seconds: number, nanoseconds: number): number;
  endCapture(): number;
  shutDown(): number;
  recordsAt(): number;
  /** A global that the module counts in. */
  readonly waitingRecords: WebAssembly.Global;
  emptyOutbox(): void;
  inspectedAt(): number;
  readonly inspected: WebAssembly.Global;
  answerInspection(): void;
  statistics(): number;
}

let compiled: WebAssembly.Module | undefined;

/** @returns an instance with memory and state of its own */
export function tableModule(): TableModule {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../dist/flow.wasm', import.meta.url)));
  const abort = () => {
    throw new Error('The flow table has aborted');
  };
  return new WebAssembly.Instance(compiled, { env: { abort } }).exports as unknown as TableModule;
}
