/** Starts the roles, watches them, starts again what ends, and stops them all: the process that `undercroft up` is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import type { LoadedConfig } from '../config/load.ts';
import { Backoff } from '../lifecycle/backoff.ts';
import type { ModuleStatus } from '../lifecycle/role-host.ts';
import { linkSocketPath } from '../link/socket.ts';
import type { Log } from '../log/log.ts';
import type { Module, Role } from '../module.ts';
import type { CoverageLine } from '../services/coverage.ts';
import type { FromRole, RoleProcess, ToRole } from './messages.ts';
import { launchFor } from './privileges.ts';

/** The whole platform has this long to stop; then what is left is killed. */
const STOP_DEADLINE_MS = 20_000;
/** Variables a role must not see: they hold secrets, which travel by message. */
const SECRET_ENV = /^UNDERCROFT_(OWNER_TOKEN|TOKEN|.*(PASSWORD|SECRET|TOKEN|KEY|URL))$/;

export interface SupervisorOptions {
  readonly modules: readonly Module[];
  readonly roles: readonly Role[];
  /** The script that calls `runRole`. */
  readonly roleScript: string;
  readonly dataDir: string;
  readonly version: string;
  readonly config: LoadedConfig;
  readonly log: Log;
  readonly logOptions: { readonly level: string; readonly format: string };
  readonly clock: Clock;
  /** Told why a role cannot start yet; it is tried again. */
  failed(role: Role, message: string, fix: string | undefined): void;
  /** Reads the configuration again. @throws ConfigError */
  reload(): LoadedConfig;
}

export interface Started {
  readonly url?: string;
  readonly signInLink?: string;
  readonly firstRun?: boolean;
  readonly modules: readonly ModuleStatus[];
}

interface Child {
  readonly role: Role;
  readonly backoff: Backoff;
  process: ChildProcess | undefined;
  state: RoleProcess['state'];
  restarts: number;
  lastExit: string | undefined;
  started: PromiseWithResolvers<Started>;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #children: readonly Child[];
  readonly #linkSecret = randomBytes(32).toString('base64url');
  readonly #startedUs: number;
  #config: LoadedConfig;
  #coverage: readonly CoverageLine[] = [];
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#startedUs = options.clock.nowUs();
    this.#children = options.roles.map((role) => ({
      role,
      backoff: new Backoff(),
      process: undefined,
      state: 'waiting',
      restarts: 0,
      lastExit: undefined,
      started: Promise.withResolvers<Started>(),
    }));
  }

  /** What is watched and what is not, as the server last said it. */
  get coverage(): readonly CoverageLine[] {
    return this.#coverage;
  }

  start(): void {
    for (const child of this.#children) this.#spawn(child);
  }

  /** Resolves when a role has started for the first time. */
  started(role: Role): Promise<Started> {
    const child = this.#children.find((candidate) => candidate.role === role);
    return child === undefined ? Promise.reject(new Error(`no ${role} here`)) : child.started.promise;
  }

  /** Reads the configuration again and hands it out. @throws ConfigError; then nothing has changed */
  reload(): void {
    this.#config = this.#options.reload();
    for (const child of this.#children) {
      this.#tell(child, {
        kind: 'reconfigure',
        config: this.#configFor(child.role),
        configItems: child.role === 'server' ? this.#config.items : [],
      });
    }
  }

  /** Stops the agents of the world first, the stores last. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const killAll = setTimeout(() => {
      for (const child of this.#children) child.process?.kill('SIGKILL');
    }, STOP_DEADLINE_MS);
    const others = this.#children.filter((child) => child.role !== 'server');
    await Promise.all(others.map((child) => this.#end(child)));
    await Promise.all(this.#children.filter((child) => child.role === 'server').map((child) => this.#end(child)));
    clearTimeout(killAll);
  }

  /** Ends at once, for a second Ctrl-C. */
  kill(): void {
    for (const child of this.#children) child.process?.kill('SIGKILL');
  }

  #spawn(child: Child): void {
    const { modules, roleScript, log, clock } = this.#options;
    const launch = launchFor(child.role, modules, process.execPath, [...nodeFlags(child.role), roleScript]);
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SECRET_ENV.test(name)));
    child.state = 'starting';
    child.backoff.started(clock.monotonicMs());
    const spawned = spawn(launch.command, launch.args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...env, MALLOC_ARENA_MAX: '2' },
    });
    child.process = spawned;
    spawned.on('message', (message: FromRole) => this.#hear(child, message, launch.lost));
    spawned.on('error', (error) => {
      log.error({ err: error, role: child.role }, 'the process could not be started');
      this.#ended(child, spawned, error.message);
    });
    spawned.on('exit', (code, signal) =>
      this.#ended(child, spawned, signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
    this.#announce();
  }

  #hear(child: Child, message: FromRole, lost: readonly CoverageLine[]): void {
    switch (message.kind) {
      case 'ready':
        this.#tell(child, {
          kind: 'boot',
          role: child.role,
          config: this.#configFor(child.role),
          configItems: child.role === 'server' ? this.#config.items : [],
          dataDir: this.#options.dataDir,
          version: this.#options.version,
          socketPath: linkSocketPath(this.#options.dataDir),
          linkSecret: this.#linkSecret,
          startedUs: this.#startedUs,
          log: this.#options.logOptions,
          lost,
        });
        break;
      case 'started':
        child.state = 'running';
        child.started.resolve(message);
        this.#announce();
        break;
      case 'coverage':
        this.#coverage = message.lines;
        break;
      case 'failed':
        child.lastExit = message.message;
        this.#options.failed(child.role, message.message, message.fix);
        break;
      case 'reload':
        try {
          this.reload();
          this.#tell(child, { kind: 'reloaded', id: message.id });
        } catch (error) {
          this.#tell(child, { kind: 'reloaded', id: message.id, error: (error as Error).message });
        }
    }
  }

  #ended(child: Child, spawned: ChildProcess, why: string): void {
    if (child.process !== spawned) return;
    const { log, clock } = this.#options;
    child.process = undefined;
    if (this.#stopping) {
      child.state = 'stopped';
      return;
    }
    child.state = 'waiting';
    child.restarts++;
    child.lastExit = why;
    const waitMs = child.backoff.failed(clock.monotonicMs());
    log.error({ role: child.role, why, retryInMs: waitMs }, 'a process of the platform ended; it is started again');
    this.#announce();
    clock.after(waitMs, () => {
      if (!this.#stopping) this.#spawn(child);
    });
  }

  async #end(child: Child): Promise<void> {
    const running = child.process;
    if (running === undefined) return;
    const exited = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    this.#tell(child, { kind: 'stop' });
    await exited;
  }

  /** Only what that role's modules need: the sensor and the agent see no secret of the server's. */
  #configFor(role: Role): Record<string, unknown> {
    const names = this.#options.modules
      .filter((module) => module.roles[role] !== undefined)
      .map((module) => module.name);
    return Object.fromEntries(names.map((name) => [name, this.#config.values[name] ?? {}]));
  }

  #announce(): void {
    const roles = this.#children.map(
      (child): RoleProcess => ({
        role: child.role,
        state: child.state,
        restarts: child.restarts,
        ...(child.process?.pid === undefined ? {} : { pid: child.process.pid }),
        ...(child.lastExit === undefined ? {} : { lastExit: child.lastExit }),
      }),
    );
    const server = this.#children.find((child) => child.role === 'server');
    if (server?.state === 'running') this.#tell(server, { kind: 'roles', roles });
  }

  #tell(child: Child, message: ToRole): void {
    if (child.process?.connected) child.process.send(message, () => {});
  }
}

/** Small heaps for what has little to keep: V8 otherwise grows to what the machine has. */
function nodeFlags(role: Role): readonly string[] {
  return [`--max-semi-space-size=${role === 'server' ? 8 : 2}`];
}
