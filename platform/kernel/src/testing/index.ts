/** What tests of any package hand in instead of the real world. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock/clock.ts';
import { ManualClock } from '../clock/manual-clock.ts';
import type { Log } from '../log/log.ts';
import type { Context, Module, Role } from '../module.ts';
import { ClockScheduler } from '../scheduler/clock-scheduler.ts';
import type { CoverageLine } from '../services/coverage.ts';
import type { ServiceMap, ServiceName } from '../services/index.ts';

export { ManualClock } from '../clock/manual-clock.ts';
export { SystemClock } from '../clock/system-clock.ts';

/** Says nothing. */
export const silentLog: Log = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  fatal: () => {},
  child: () => silentLog,
};

export interface TestContextOptions {
  readonly module: string;
  readonly config?: unknown;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly role?: Role;
  /** A temporary folder, removed by `stop`, if absent. */
  readonly dataDir?: string;
  readonly modules?: readonly Module[];
  readonly services?: { readonly [N in ServiceName]?: ServiceMap[N] };
}

export interface TestContext {
  // biome-ignore lint/suspicious/noExplicitAny: a test hands in whatever configuration its module takes
  readonly context: Context<any>;
  /** What the module provided. */
  readonly provided: Map<ServiceName, unknown>;
  /** Errors handed to `context.fail`. */
  readonly failures: Error[];
  readonly coverage: Map<string, CoverageLine>;
  stop(): void;
}

/** A module's context with fakes, or real services, by name. */
export function testContext(options: TestContextOptions): TestContext {
  const clock = options.clock ?? new ManualClock();
  const log = options.log ?? silentLog;
  const abort = new AbortController();
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'undercroft-test-'));
  const provided = new Map<ServiceName, unknown>();
  const failures: Error[] = [];
  const coverage = new Map<string, CoverageLine>();
  const services: { [N in ServiceName]?: ServiceMap[N] } = {
    coverage: {
      report: (line) => void coverage.set(line.feature, line),
      lines: () => [...coverage.values()],
      subscribe: () => () => {},
    },
    ...options.services,
  };
  const context: Context = {
    module: options.module,
    role: options.role ?? 'server',
    config: options.config ?? {},
    log,
    clock,
    scheduler: new ClockScheduler(clock, log, abort.signal, () => 0.5),
    dataDir,
    version: '0.0.0-test',
    signal: abort.signal,
    modules: options.modules ?? [],
    service(name) {
      const service = services[name] ?? provided.get(name);
      if (service === undefined) throw new Error(`The test hands in no service "${name}".`);
      return service as ServiceMap[typeof name];
    },
    provide: (name, service) => void provided.set(name, service),
    fail: (error) => void failures.push(error),
  };
  return {
    context,
    provided,
    failures,
    coverage,
    stop() {
      abort.abort(new Error('stopped'));
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
