/** Gaps in sequence numbers, modulo 2^32. */
import type { Domain, ExporterCounters } from './exporter.ts';
import { MAX_LATE, MAX_SEQUENCE_STEP } from './limits.ts';

/**
 * Compares a message's sequence number with the one foreseen and foresees the next.
 *
 * @param units what the message adds to the sequence; null where that cannot be told (records of an unknown template)
 */
export function follow(domain: Domain, sequence: number, units: number | null, counters: ExporterCounters): void {
  const next = units === null ? -1 : (sequence + units) >>> 0;
  if (domain.expected >= 0) {
    const step = (sequence - domain.expected) | 0;
    if (step < 0 && step >= -MAX_LATE && !startsAnew(sequence)) {
      counters.reordered++;
      return;
    }
    if (step < 0 || step > MAX_SEQUENCE_STEP) counters.restarts++;
    else if (step > 0) {
      counters.sequenceGaps++;
      counters.sequenceLost += step;
    }
  }
  domain.expected = next;
}

/** A counter that begins at 0 or 1 is a process that has just started, not a message that came late. */
function startsAnew(sequence: number): boolean {
  return sequence <= 1;
}
