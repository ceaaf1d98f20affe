/** The clock of the server as far as it is known: a browser's clock may be wrong by minutes. */
import { useSyncExternalStore } from 'react';

let skewMs = 0;

/** Epoch milliseconds on the server's clock. */
export function now(): number {
  return Date.now() + skewMs;
}

/** Told the server's time of an answer; corrections below two seconds are noise. */
export function learnServerTime(serverMs: number): void {
  const difference = serverMs - Date.now();
  skewMs = Math.abs(difference) < 2_000 ? 0 : difference;
}

/** The time, renewed every `everyMs`: for ages ("3 min ago"). */
export function useNow(everyMs = 10_000): number {
  return useSyncExternalStore(
    (listener) => {
      const timer = setInterval(listener, everyMs);
      return () => clearInterval(timer);
    },
    () => Math.floor(now() / everyMs) * everyMs,
  );
}
