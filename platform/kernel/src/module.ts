/** The module contract: what a package exports to become part of the platform. */
import type { Static, TObject } from 'typebox';
import type { Clock } from './clock/clock.ts';
import type { Log } from './log/log.ts';
import type { Scheduler } from './scheduler/scheduler.ts';
import type { EventClass } from './services/events.ts';
import type { ServiceMap, ServiceName } from './services/index.ts';
import type { Migrations } from './services/store.ts';

/** Processes of the platform. Each module says what it starts in which. */
export const ROLES = ['server', 'sensor', 'agent'] as const;
export type Role = (typeof ROLES)[number];

export interface Module<C extends TObject = TObject> {
  /** Lower case, unique; also its key in `undercroft.yaml`. */
  readonly name: string;
  /** One sentence; `--help` and the docs show it. */
  readonly summary: string;
  readonly config?: C;
  readonly migrations?: Migrations;
  readonly events?: readonly EventClass[];
  /** ACL paths below `sys/undercroft/` that the module's routes ask for, with a sentence each. */
  readonly permissions?: Readonly<Record<string, string>>;
  /** Capabilities (`CAP_NET_RAW`) that a role keeps for it. Its code says in Coverage what is missing without them. */
  readonly capabilities?: readonly { readonly role: Role; readonly capability: string }[];
  /** Command words, their code loaded only when called. */
  readonly commands?: readonly CommandEntry[];
  readonly roles: { readonly [R in Role]?: ModuleRole<C> };
}

export interface ModuleRole<C extends TObject = TObject> {
  readonly requires?: readonly ServiceName[];
  readonly provides?: readonly ServiceName[];
  /** The code of this role, loaded only in its process. */
  load(): Promise<{ start(context: Context<Static<C>>): Promise<Running> }>;
}

/** What `start` gives back. */
export interface Running {
  /** Ends tasks, flushes, closes. Has a deadline (`STOP_DEADLINE_MS`). */
  stop?(): Promise<void>;
  /** Takes a changed configuration live; absent means a restart of the module. */
  reconfigure?(config: never): Promise<void>;
}

/** All that a module may use. Nothing is global. */
export interface Context<C = unknown> {
  readonly module: string;
  readonly role: Role;
  readonly config: C;
  readonly log: Log;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Folder of the installation's state. */
  readonly dataDir: string;
  readonly version: string;
  /** Aborted when the module is told to stop. */
  readonly signal: AbortSignal;
  /** A required service. @throws if the module did not declare that it requires it */
  service<N extends ServiceName>(name: N): ServiceMap[N];
  /** Hands in a service that the module declared to provide. */
  provide<N extends ServiceName>(name: N, service: ServiceMap[N]): void;
  /** Event classes, permissions and configuration schemas of every module of this installation. */
  readonly modules: readonly Module[];
  /** Something outside a call failed (a worker died): the module is restarted with back-off and a problem raised. */
  fail(error: Error): void;
}

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ readonly command: Command }>;
}

/** One command of the `undercroft` program, or a group of them. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  /** Shown under the options; each line a whole command that works. */
  readonly examples?: readonly { readonly line: string; readonly does: string }[];
  readonly positionals?: readonly {
    readonly name: string;
    readonly summary: string;
    readonly optional?: boolean;
    readonly many?: boolean;
  }[];
  readonly options?: Readonly<Record<string, CommandOption>>;
  readonly subcommands?: readonly CommandEntry[];
  /** The command speaks another program's command line: its words are handed over as they are, as positionals. */
  readonly raw?: boolean;
  /** @returns the exit code, 0 if nothing is returned */
  run?(call: CommandCall): Promise<number | undefined>;
}

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly many?: boolean;
  readonly value?: string;
  readonly summary: string;
  readonly default?: string | boolean;
}

export interface CommandCall {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** A signed-in client of the running platform (`undercroft login`, or `UNDERCROFT_TOKEN`). */
  readonly client: ApiClient;
  /** The same client for after Ctrl-C, which ends {@link client}: to tell the server to stop what it does for us. */
  freshClient(): ApiClient;
  /** Prints rows as a table on a terminal or as JSON, by `--output`. */
  print(rows: readonly Readonly<Record<string, unknown>>[], columns?: readonly string[]): void;
  /** Prints one thing: `key: value` lines, or JSON. */
  printOne(value: Readonly<Record<string, unknown>>): void;
}

export interface ApiClient {
  /** @param path below `/platform/v1` @throws UndercroftError with the problem's title and what to do */
  request<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
}

/** Keeps the configuration type of one declaration together. */
export function defineModule<C extends TObject>(module: Module<C>): Module {
  return module as unknown as Module;
}
