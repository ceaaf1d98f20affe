import type { Clock } from './clock.ts';
import { sleepOn } from './manual-clock.ts';

/** The machine's clock. */
export class SystemClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  /** Wall time with the microseconds of the high-resolution timer; follows every step of the wall clock. */
  nowUs(): number {
    const ms = Date.now();
    const fineUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
    return Math.abs(fineUs - ms * 1000) < 2000 ? fineUs : ms * 1000;
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }
}
