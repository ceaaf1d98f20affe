/** What each interface of each sensor sees and loses, as last told. */
import type { CaptureCounters } from '@undercroft/kernel';

export interface SensorCounters extends CaptureCounters {
  readonly timeUs: number;
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
}

export class Sensors {
  readonly #last = new Map<string, SensorCounters>();

  update(counters: readonly CaptureCounters[], timeUs: number): void {
    for (const now of counters) {
      const before = this.#last.get(now.interface);
      const seconds = before === undefined ? 0 : (timeUs - before.timeUs) / 1e6;
      // Counters that went back are those of a capture that was opened anew.
      const rate = (current: number, last: number | undefined): number =>
        seconds > 0 && last !== undefined && current >= last ? (current - last) / seconds : 0;
      this.#last.set(now.interface, {
        ...now,
        timeUs,
        packetsPerSecond: rate(now.packets, before?.packets),
        bitsPerSecond: rate(now.bytes, before?.bytes) * 8,
      });
    }
  }

  list(): readonly SensorCounters[] {
    return [...this.#last.values()];
  }
}
