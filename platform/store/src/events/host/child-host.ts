/**
 * The child process that holds DuckDB, seen from the server: started when first needed, started again when it dies.
 * Writes that were not acknowledged are sent again to the next one, which leaves out what was stored already.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { type Clock, type Log, UndercroftError, unavailable } from '@undercroft/kernel';
import { makeFolder } from '../../files/durable.ts';
import type { ChildError, ChildOptions, FromChild, ToChild } from '../protocol.ts';

type Request = Exclude<ToChild, { kind: 'open' }>;
/** A request before it has a number. */
export type ChildRequest = Request extends infer R ? (R extends unknown ? Omit<R, 'request'> : never) : never;

interface Pending {
  message: Request;
  sent: boolean;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Deaths or failed starts in a row after which the module gives up and says so. */
const MAX_FAILURES = 5;
/** Opening takes tenths of a second; what takes longer is said. */
const SLOW_START_MS = 5_000;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 30_000;
const CLOSE_DEADLINE_MS = 5_000;
/** Instead of the parent's own: batches live shortly and a small heap is enough, DuckDB's memory is outside of it. */
const NODE_FLAGS = ['--max-semi-space-size=4', '--max-old-space-size=256'];
/** What the child may see of the environment: no secret is among it. */
const PASSED_VARIABLES = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SystemRoot'];

export class ChildHost {
  readonly #folder: string;
  readonly #options: ChildOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #fail: (error: Error) => void;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | undefined;
  #state: 'off' | 'starting' | 'ready' | 'waiting' | 'failed' | 'stopping' = 'off';
  #requests = 0;
  #failures = 0;
  #lastError: Error = unavailable('events.starting', 'The event store is not running.');
  #cancelRestart: (() => void) | undefined;

  constructor(parts: { folder: string; options: ChildOptions; clock: Clock; log: Log; fail(error: Error): void }) {
    this.#folder = parts.folder;
    this.#options = parts.options;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#fail = parts.fail;
  }

  /** Whether there is, or will soon be, a process. */
  get running(): boolean {
    return this.#state === 'starting' || this.#state === 'ready';
  }

  get ready(): boolean {
    return this.#state === 'ready';
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws UndercroftError what the child answered, or why there is none */
  request<T>(request: ChildRequest): Promise<T> {
    if (this.#state === 'failed' || this.#state === 'waiting') return Promise.reject(this.#lastError);
    if (this.#state === 'stopping') return Promise.reject(stopped());
    if (this.#state === 'off') void this.#start();
    return this.#enqueue(request) as Promise<T>;
  }

  async stop(): Promise<void> {
    this.#cancelRestart?.();
    const child = this.#child;
    const closing = this.#state === 'ready' ? this.#enqueue({ kind: 'close' }) : Promise.resolve();
    this.#state = 'stopping';
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      this.#rejectAll(stopped());
      return;
    }
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const deadline = setTimeout(() => child.kill('SIGKILL'), CLOSE_DEADLINE_MS);
    await closing.catch((error: unknown) =>
      this.#log.warn({ error: String(error) }, 'The event store did not close well'),
    );
    if (child.connected) child.disconnect();
    await exited;
    clearTimeout(deadline);
    this.#rejectAll(stopped());
  }

  #enqueue(request: ChildRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const message = { ...request, request: ++this.#requests } as Request;
      const pending: Pending = { message, sent: false, resolve, reject };
      this.#pending.set(message.request, pending);
      if (this.#state === 'ready') this.#send(pending);
    });
  }

  async #start(): Promise<void> {
    this.#state = 'starting';
    try {
      await makeFolder(this.#folder);
    } catch (error) {
      return this.#unable(error as Error);
    }
    if ((this.#state as string) === 'stopping') return;
    const child = fork(new URL('../child/main.ts', import.meta.url), [], {
      // Paths in there are relative, so that no character of the folder's name means anything to DuckDB.
      cwd: this.#folder,
      serialization: 'advanced',
      execArgv: NODE_FLAGS,
      env: childEnvironment(),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('message', (message: FromChild) => this.#receive(child, message));
    child.on('error', (error) => this.#log.error({ error: String(error) }, 'The event store process failed'));
    child.on('exit', (code, signal) => this.#exited(child, signal ?? `code ${code}`));
    child.send({ kind: 'open', options: this.#options } satisfies ToChild, ignoreClosed);
    const cancelSlow = this.#clock.after(SLOW_START_MS, () =>
      this.#log.warn({ pid: child.pid, waiting: this.#pending.size }, 'The event store is still being opened'),
    );
    // One that has said something is at work.
    child.once('message', cancelSlow);
    child.once('exit', cancelSlow);
  }

  #receive(child: ChildProcess, message: FromChild): void {
    if (child !== this.#child) return;
    switch (message.kind) {
      case 'ready':
        this.#state = this.#state === 'starting' ? 'ready' : this.#state;
        for (const pending of this.#pending.values()) this.#send(pending);
        return;
      case 'unable':
        this.#child = undefined;
        child.disconnect();
        this.#unable(toError(message.error));
        return;
      case 'log':
        this.#log[message.level](message.fields, message.message);
        return;
      default:
        this.#settle(message);
    }
  }

  #settle(message: Extract<FromChild, { kind: 'done' | 'failed' }>): void {
    const pending = this.#pending.get(message.request);
    if (pending === undefined) return;
    this.#pending.delete(message.request);
    if (message.kind === 'failed') {
      pending.reject(toError(message.error));
    } else {
      this.#failures = 0;
      pending.resolve(message.result);
    }
  }

  #send(pending: Pending): void {
    pending.sent = true;
    this.#child?.send(pending.message, ignoreClosed);
  }

  /** Started, and cannot use the folder: whoever waits is told why. */
  #unable(error: Error): void {
    if (this.#state === 'stopping') return;
    this.#lastError = error;
    this.#rejectAll(error);
    this.#log.error({ error: error.message }, 'The event store cannot be opened');
    if (this.#countFailure(error)) this.#restartLater('waiting');
  }

  #exited(child: ChildProcess, how: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    if (this.#state === 'stopping') {
      this.#rejectAll(stopped());
      return;
    }
    const error = unavailable('events.restarting', `The event store's process ended (${how}) and is started again.`);
    this.#lastError = error;
    this.#log.error({ how, unacknowledged: this.#pending.size }, 'The event store process ended');
    for (const [request, pending] of this.#pending) {
      if (pending.message.kind === 'write') {
        pending.message = { ...pending.message, again: pending.message.again || pending.sent };
        pending.sent = false;
      } else if (pending.sent) {
        this.#pending.delete(request);
        pending.reject(error);
      }
    }
    if (this.#countFailure(error)) this.#restartLater('starting');
  }

  /** @returns false when it gave up */
  #countFailure(error: Error): boolean {
    this.#failures += 1;
    if (this.#failures < MAX_FAILURES) return true;
    this.#state = 'failed';
    this.#rejectAll(error);
    this.#fail(error);
    return false;
  }

  #restartLater(state: 'starting' | 'waiting'): void {
    this.#state = state;
    if (state === 'starting' && this.#failures === 1) {
      void this.#start();
      return;
    }
    const delayMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.#failures - 1));
    this.#cancelRestart = this.#clock.after(delayMs, () => void this.#start());
  }

  #rejectAll(error: Error): void {
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}

function childEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    // DuckDB brings its own allocator; the rest needs no arena a thread.
    MALLOC_ARENA_MAX: '2',
  };
  for (const name of PASSED_VARIABLES) if (process.env[name] !== undefined) env[name] = process.env[name];
  return env;
}

/** A channel that closes while something is sent: the exit that follows says what becomes of it. */
function ignoreClosed(): void {}

function toError(error: ChildError): UndercroftError {
  return new UndercroftError(error.code, error.message, {
    status: error.status,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  });
}

function stopped(): UndercroftError {
  return unavailable('events.stopped', 'The event store is stopping.');
}
