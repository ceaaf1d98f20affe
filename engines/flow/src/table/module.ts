/** The compiled flow table and what it exports. */
import { type FramingModule, wasmInstance } from '@undercroft/packet';

export interface TableModule extends FramingModule {
  options(): number;
  start(): number;
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

/** @returns an instance with memory and state of its own */
export function tableModule(): TableModule {
  return wasmInstance(new URL('../../dist/flow.wasm', import.meta.url), 'flow table') as unknown as TableModule;
}
