/**
 * Runs the modules of one role in one process: starts them in the order of their services, stops them in reverse with
 * a deadline, and restarts one that fails together with those that use it, while the others go on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock/clock.ts';
import { UndercroftError, unavailable } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { Context, Module, Role, Running } from '../module.ts';
import { ClockScheduler } from '../scheduler/clock-scheduler.ts';
import { FOR_MODULE, type ForModule, type ServiceMap, type ServiceName } from '../services/index.ts';
import { Backoff } from './backoff.ts';
import { type Plan, planRole } from './order.ts';

export const START_DEADLINE_MS = 60_000;
export const STOP_DEADLINE_MS = 5_000;

export type ModuleState = 'waiting' | 'starting' | 'running' | 'failed' | 'stopped';

export interface ModuleStatus {
  readonly name: string;
  readonly role: Role;
  readonly state: ModuleState;
  readonly error?: string;
  /** What to do about the error. */
  readonly fix?: string;
  readonly restarts: number;
}

export interface RoleHostOptions {
  readonly role: Role;
  readonly modules: readonly Module[];
  /** Validated configuration by module name. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly log: Log;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly version: string;
  /** Services of the kernel itself, for each module. */
  builtIn<N extends ServiceName>(name: N, module: string): ServiceMap[N] | undefined;
  readonly builtInNames: readonly ServiceName[];
  /** A service that another role provides. */
  remote<N extends ServiceName>(name: N, role: Role): ServiceMap[N];
  /** Told of each change: failures raise a problem, recoveries close it. */
  changed(status: ModuleStatus): void;
}

interface Slot {
  readonly module: Module;
  readonly backoff: Backoff;
  state: ModuleState;
  error: Error | undefined;
  restarts: number;
  running: Running | undefined;
  abort: AbortController | undefined;
}

export class RoleHost {
  readonly #options: RoleHostOptions;
  #config: Readonly<Record<string, unknown>>;
  readonly #plan: Plan;
  readonly #slots = new Map<string, Slot>();
  readonly #services = new Map<ServiceName, unknown>();
  #stopping = false;
  /** Which module a callback belongs to: follows timers, sockets and promises from its `start` on. */
  readonly #owner = new AsyncLocalStorage<string>();
  /** Starts and stops happen one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: RoleHostOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#plan = planRole(options.role, options.modules, options.builtInNames);
    for (const module of this.#plan.modules) {
      this.#slots.set(module.name, {
        module,
        backoff: new Backoff(),
        state: 'waiting',
        error: undefined,
        restarts: 0,
        running: undefined,
        abort: undefined,
      });
    }
  }

  /** Starts everything that can start. A module that fails is tried again later; the promise does not wait for that. */
  start(): Promise<void> {
    return this.#queue(() => this.#startReady());
  }

  /** Stops in reverse order; what does not stop in time is left behind and logged. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#queue(async () => {
      for (const module of [...this.#plan.modules].reverse())
        await this.#stopModule(this.#slot(module.name), 'stopped');
    });
  }

  statuses(): readonly ModuleStatus[] {
    return [...this.#slots.values()].map((slot) => this.#status(slot));
  }

  /** A service as the outside of this process may call it. */
  provided<N extends ServiceName>(name: N): ServiceMap[N] | undefined {
    return this.#services.get(name) as ServiceMap[N] | undefined;
  }

  get providedNames(): readonly ServiceName[] {
    return [...this.#plan.providers.keys()];
  }

  /** An error that nobody caught: fails the module it comes from. @returns false when it is no module's */
  uncaught(error: Error): boolean {
    const name = this.#owner.getStore();
    if (name === undefined) return false;
    this.fail(name, error);
    return true;
  }

  /** The module an error outside any call belongs to has failed. */
  fail(name: string, error: Error): void {
    void this.#queue(() => this.#failed(this.#slot(name), error));
  }

  /** Hands each module whose configuration changed its new one: live where it can, by a restart where it cannot. */
  reconfigure(config: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
    const touched: string[] = [];
    const run = this.#queue(async () => {
      const before = this.#config;
      this.#config = config;
      for (const slot of this.#slots.values()) {
        const name = slot.module.name;
        if (isDeepStrictEqual(config[name], before[name])) continue;
        touched.push(name);
        if (slot.state !== 'running') continue;
        if (slot.running?.reconfigure !== undefined) await slot.running.reconfigure(config[name] as never);
        else await this.#stopWithDependents(slot, 'waiting');
      }
      await this.#startReady();
    });
    return run.then(() => touched);
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => {});
    return run;
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined)
      throw new UndercroftError('kernel.modules', `There is no module ${name} in the ${this.#options.role}.`);
    return slot;
  }

  async #startReady(): Promise<void> {
    for (const module of this.#plan.modules) {
      if (this.#stopping) return;
      const slot = this.#slot(module.name);
      if (slot.state === 'waiting' && this.#ready(slot)) await this.#startModule(slot);
    }
  }

  #ready(slot: Slot): boolean {
    return (slot.module.roles[this.#options.role]?.requires ?? []).every((service) => {
      const provider = this.#plan.providers.get(service);
      return provider === undefined || this.#slot(provider).state === 'running';
    });
  }

  async #startModule(slot: Slot): Promise<void> {
    const { role, clock, log } = this.#options;
    const { module } = slot;
    const part = module.roles[role];
    if (part === undefined) return;
    this.#set(slot, 'starting', undefined);
    const abort = new AbortController();
    slot.abort = abort;
    try {
      const { start } = await part.load();
      slot.running = await withDeadline(
        this.#owner.run(module.name, () => start(this.#context(slot, abort) as Context<never>)),
        START_DEADLINE_MS,
        `${module.name} did not start`,
      );
      const missing = (part.provides ?? []).filter((service) => !this.#services.has(service));
      if (missing.length > 0)
        throw new UndercroftError('kernel.modules', `${module.name} did not hand in ${missing.join(', ')}.`);
      slot.backoff.started(clock.monotonicMs());
      this.#set(slot, 'running', undefined);
      log.debug({ module: module.name }, 'module started');
    } catch (error) {
      await this.#failed(slot, error as Error);
    }
  }

  async #failed(slot: Slot, error: Error): Promise<void> {
    if (this.#stopping || slot.state === 'failed' || slot.state === 'stopped') return;
    const { clock, log } = this.#options;
    const waitMs = slot.backoff.failed(clock.monotonicMs());
    log.error({ err: error, module: slot.module.name, retryInMs: waitMs }, 'module failed');
    await this.#stopWithDependents(slot, 'waiting');
    this.#set(slot, 'failed', error);
    clock.after(waitMs, () => {
      void this.#queue(async () => {
        if (this.#stopping || slot.state !== 'failed') return;
        slot.restarts++;
        this.#set(slot, 'waiting', slot.error);
        await this.#startReady();
      });
    });
  }

  async #stopWithDependents(slot: Slot, state: ModuleState): Promise<void> {
    const users = this.#plan.dependents(slot.module.name);
    for (const module of [...this.#plan.modules].reverse()) {
      const user = this.#slot(module.name);
      if (users.has(module.name) && user.state !== 'failed') await this.#stopModule(user, 'waiting');
    }
    await this.#stopModule(slot, state);
  }

  async #stopModule(slot: Slot, state: ModuleState): Promise<void> {
    const { running, abort, module } = slot;
    slot.running = undefined;
    slot.abort = undefined;
    try {
      // First the module's own end, which may still use its tasks and services; then everything else of it.
      if (running?.stop !== undefined)
        await withDeadline(running.stop(), STOP_DEADLINE_MS, `${module.name} did not stop`);
    } catch (error) {
      this.#options.log.error({ err: error, module: module.name }, 'module did not stop cleanly');
    }
    abort?.abort(new UndercroftError('kernel.stopping', `${module.name} is stopping.`));
    for (const service of module.roles[this.#options.role]?.provides ?? []) this.#services.delete(service);
    this.#set(slot, state, slot.error);
  }

  #context(slot: Slot, abort: AbortController): Context {
    const { role, clock, dataDir, version, modules } = this.#options;
    const { module } = slot;
    const log = this.#options.log.child({ module: module.name });
    const part = module.roles[role];
    return {
      module: module.name,
      role,
      config: this.#config[module.name] ?? {},
      log,
      clock,
      scheduler: new ClockScheduler(clock, log, abort.signal),
      dataDir,
      version,
      signal: abort.signal,
      modules,
      service: (name) => {
        if (!part?.requires?.includes(name) && !part?.provides?.includes(name)) {
          throw new UndercroftError(
            'kernel.modules',
            `${module.name} uses ${name} but does not say so in its requires.`,
          );
        }
        return this.#find(name, module.name);
      },
      provide: (name, service) => {
        if (!part?.provides?.includes(name))
          throw new UndercroftError(
            'kernel.modules',
            `${module.name} hands in ${name} but does not say so in its provides.`,
          );
        this.#services.set(name, service);
      },
      fail: (error) => {
        if (slot.abort === abort) this.fail(module.name, error);
      },
    };
  }

  #find<N extends ServiceName>(name: N, user: string): ServiceMap[N] {
    const role = this.#plan.remote.get(name);
    if (role !== undefined) return this.#options.remote(name, role);
    const service = this.#services.get(name) ?? this.#options.builtIn(name, user);
    if (service === undefined) throw unavailable('service.absent', `${name} is not running now.`);
    return (service as ForModule<ServiceMap[N]>)[FOR_MODULE]?.(user) ?? (service as ServiceMap[N]);
  }

  #set(slot: Slot, state: ModuleState, error: Error | undefined): void {
    slot.state = state;
    slot.error = error;
    this.#options.changed(this.#status(slot));
  }

  #status(slot: Slot): ModuleStatus {
    const fix = slot.error instanceof UndercroftError ? slot.error.fix : undefined;
    return {
      name: slot.module.name,
      role: this.#options.role,
      state: slot.state,
      restarts: slot.restarts,
      ...(slot.error === undefined ? {} : { error: slot.error.message }),
      ...(fix === undefined ? {} : { fix }),
    };
  }
}

async function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new UndercroftError('kernel.deadline', `${what} within ${ms / 1000} s.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
