/** What every native check is: options with a schema, and one attempt that ends in a reading. */
import type { TObject } from 'typebox';
import type { PluginReading } from '../language/plugin-output.ts';

export interface NativeCheck<O = never> {
  readonly kind: string;
  readonly options: TObject;
  /** Ends by itself before `signal` where it can; what it throws becomes a critical reading. */
  run(options: O, signal: AbortSignal): Promise<PluginReading>;
}

export function reading(
  state: PluginReading['state'],
  output: string,
  perfdata: PluginReading['perfdata'] = [],
): PluginReading {
  return { state, output, longOutput: '', perfdata };
}

/** Seconds as plugins write them: `time=0.012s;warn;crit`. */
export function timeDatum(ms: number, warnMs?: number, critMs?: number): PluginReading['perfdata'][number] {
  return {
    label: 'time',
    value: Math.round(ms * 1000) / 1_000_000,
    uom: 's',
    ...(warnMs === undefined ? {} : { warn: String(warnMs / 1000) }),
    ...(critMs === undefined ? {} : { crit: String(critMs / 1000) }),
    min: 0,
  };
}

/** The state that a response time has by its limits. */
export function stateOfTime(
  ms: number,
  warnMs: number | undefined,
  critMs: number | undefined,
): 'ok' | 'warning' | 'critical' {
  if (critMs !== undefined && ms >= critMs) return 'critical';
  return warnMs !== undefined && ms >= warnMs ? 'warning' : 'ok';
}

/** What a network error means, in words. */
export function why(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection reset',
    EHOSTUNREACH: 'no route to the host',
    ENETUNREACH: 'network unreachable',
    ENOTFOUND: 'name not found',
    EAI_AGAIN: 'the resolver does not answer',
    ETIMEDOUT: 'timed out',
  };
  return words[code ?? ''] ?? message;
}
