/** Replays a file's packets in time: `-T 1` as fast as they came, `-T 2` twice as fast. */
import { type CaptureBlock, eachRecord } from '@undercroft/packet';

export class Pace {
  readonly #scale: number;
  readonly #monotonicMs: () => number;
  #firstPacketMs: number | undefined;
  #startedMs = 0;

  /** @param scale 0 waits for nothing */
  constructor(scale: number, monotonicMs: () => number) {
    this.#scale = scale;
    this.#monotonicMs = monotonicMs;
  }

  /** Waits until the block's first packet is due. */
  async until(block: CaptureBlock, signal: AbortSignal): Promise<void> {
    if (this.#scale === 0) return;
    let packetMs: number | undefined;
    eachRecord(block, (_offset, _captured, _wire, timeS, timeNs) => {
      packetMs ??= timeS * 1000 + timeNs / 1e6;
    });
    if (packetMs === undefined) return;
    if (this.#firstPacketMs === undefined) {
      this.#firstPacketMs = packetMs;
      this.#startedMs = this.#monotonicMs();
    }
    const dueMs = this.#startedMs + (packetMs - this.#firstPacketMs) / this.#scale;
    const waitMs = dueMs - this.#monotonicMs();
    if (waitMs <= 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(waitMs, 0x7fffffff));
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
