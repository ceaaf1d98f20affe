/** The signals on which argus and radium end in order, beside the one their caller hands in. */
import type { ProgramIo } from '../../program.ts';

const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/** Runs `work` with a signal that these end too. */
export async function untilSignalled<T>(io: ProgramIo, work: (io: ProgramIo) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    return await work({ ...io, signal: AbortSignal.any([io.signal, controller.signal]) });
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}
