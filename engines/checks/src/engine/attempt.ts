/** One attempt at a check, with its time limit; whatever happens, it ends in a result. */
import type { CheckResult, Clock } from '@undercroft/kernel';
import type { PluginReading } from '../language/plugin-output.ts';

class TimedOut extends Error {}

export async function attempt(
  work: (signal: AbortSignal) => Promise<PluginReading>,
  timeoutMs: number,
  clock: Clock,
  stop: AbortSignal,
): Promise<CheckResult> {
  const abort = new AbortController();
  const startUs = clock.nowUs();
  const startMs = clock.monotonicMs();
  const cancel = clock.after(timeoutMs, () => abort.abort(new TimedOut()));
  const signal = AbortSignal.any([abort.signal, stop]);
  let result: PluginReading;
  try {
    // A check that ignores the signal must not hold its place for ever.
    result = await Promise.race([work(signal), rejected(signal)]);
  } catch (error) {
    const output =
      error instanceof TimedOut
        ? `(Check timed out after ${(timeoutMs / 1000).toFixed(1)} seconds)`
        : `(Check failed: ${(error as Error).message})`;
    result = { state: error instanceof TimedOut ? 'critical' : 'unknown', output, longOutput: '', perfdata: [] };
  } finally {
    cancel();
  }
  return {
    ...result,
    output: withoutNul(result.output),
    longOutput: withoutNul(result.longOutput),
    startUs,
    durationMs: clock.monotonicMs() - startMs,
  };
}

/** Whatever answered may have sent any bytes; texts with a NUL cannot be kept, and the result must be. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
