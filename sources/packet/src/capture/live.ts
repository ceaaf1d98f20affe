/**
 * Live capture: the loop of a thread that reads rings. It waits in poll(), so it must run in a worker of its own: the one
 * that keeps what the packets become, so that no packet crosses threads.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { RingBlock } from './ring.ts';
import { type CaptureTotals, RingSet, type RingSetOptions } from './ring-set.ts';

export interface LiveCaptureOptions extends RingSetOptions {
  /** The longest wait for packets; messages to the thread and timers wait as long. */
  readonly waitMs?: number;
  /** How often it is looked whether interfaces have come or gone. */
  readonly rescanMs?: number;
  /** Monotonic, milliseconds. */
  readonly now?: () => number;
}

export interface LiveCapture {
  /**
   * Hands over blocks until `signal` is aborted, what is in the rings then included.
   *
   * @param onBlock copies what it wants to keep: the bytes are the ring's again when it returns
   * @param onTurn called after each look at the rings, with blocks or without: for clocks and time-outs
   */
  run(onBlock: (block: RingBlock) => void, signal: AbortSignal, onTurn?: () => void): Promise<void>;
  totals(): CaptureTotals;
  setFilter(filterFor: RingSetOptions['filterFor']): void;
  close(): void;
}

const DEFAULT_WAIT_MS = 50;
const DEFAULT_RESCAN_MS = 5000;

/** @throws CaptureError where none of the interfaces can be opened */
export function startCapture(options: LiveCaptureOptions): LiveCapture {
  const rings = new RingSet(options);
  return {
    run: (onBlock, signal, onTurn) => run(rings, options, onBlock, signal, onTurn),
    totals: () => rings.totals(),
    setFilter: (filterFor) => rings.setFilter(filterFor),
    close: () => rings.close(),
  };
}

async function run(
  rings: RingSet,
  { waitMs = DEFAULT_WAIT_MS, rescanMs = DEFAULT_RESCAN_MS, now = () => performance.now() }: LiveCaptureOptions,
  onBlock: (block: RingBlock) => void,
  signal: AbortSignal,
  onTurn: () => void = () => undefined,
): Promise<void> {
  let scannedMs = now();
  while (!signal.aborted) {
    if (rings.read(onBlock) === 0) {
      rings.wait(waitMs);
      rings.read(onBlock);
    }
    onTurn();
    if (now() - scannedMs >= rescanMs) {
      scannedMs = now();
      rings.refresh();
    }
    // Lets messages and timers of this thread in.
    await turn();
  }
  rings.read(onBlock);
}
