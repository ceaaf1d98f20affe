/** The life of one role process: boot, run its modules, stop when told or when the supervisor is gone. */
import { SystemClock } from '../clock/system-clock.ts';
import { UndercroftError } from '../errors.ts';
import { RoleHost } from '../lifecycle/role-host.ts';
import { createLog, type LogLevel } from '../log/pino-log.ts';
import type { Module } from '../module.ts';
import type { ServiceName } from '../services/index.ts';
import type { Boot, FromRole, ToRole } from './messages.ts';
import { RemoteKernel } from './remote-kernel.ts';
import { ServerKernel } from './server-kernel.ts';

const BUILT_IN_SERVER: readonly ServiceName[] = ['coverage', 'platform.control'];
const BUILT_IN_REMOTE: readonly ServiceName[] = ['coverage', 'events'];
/** Exit code of a process that met an error no module answers for: the supervisor starts another. */
const EXIT_CRASH = 70;
const ANNOUNCE_RETRY_MS = 1_000;

/** Runs this process as the role that its supervisor names. */
export function runRole(modules: readonly Module[]): void {
  if (process.send === undefined) {
    process.stderr.write('undercroft: a role is started by "undercroft up", not by hand.\n');
    process.exit(64);
  }
  // Ctrl-C reaches the whole foreground group: the supervisor decides, the roles wait for its word.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('SIGHUP', () => {});
  process.once('message', (message: ToRole) => {
    if (message.kind === 'boot') void live(message, modules);
  });
  say({ kind: 'ready' });
}

async function live(boot: Boot, modules: readonly Module[]): Promise<void> {
  const log = await createLog({
    level: boot.log.level as LogLevel,
    format: boot.log.format as 'auto',
    base: { role: boot.role },
  });
  const clock = new SystemClock();
  const kernel = boot.role === 'server' ? new ServerKernel(boot, modules, log) : new RemoteKernel(boot, log, clock);
  const host = new RoleHost({
    role: boot.role,
    modules,
    config: boot.config,
    log,
    clock,
    dataDir: boot.dataDir,
    version: boot.version,
    builtInNames: boot.role === 'server' ? BUILT_IN_SERVER : BUILT_IN_REMOTE,
    builtIn: (name, module) => kernel.builtIn(name, module),
    remote: (name, role) => kernel.remote(name, role),
    changed: (status) => kernel.moduleChanged(status),
  });
  kernel.attach(host);

  let stopping = false;
  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await host.stop().catch((error: unknown) => log.error({ err: error }, 'stop failed'));
    await kernel.close().catch((error: unknown) => log.error({ err: error }, 'link did not close'));
    log.flush();
    process.exit(code);
  };
  const crashed = (error: Error): void => {
    if (stopping || host.uncaught(error)) return;
    log.fatal({ err: error }, 'an error outside every module; the process starts again');
    log.flush();
    process.exit(EXIT_CRASH);
  };
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', (reason) => crashed(reason instanceof Error ? reason : new Error(String(reason))));
  process.on('disconnect', () => void stop(0));
  process.on('message', (message: ToRole) => {
    if (message.kind === 'stop') void stop(0);
    else if (message.kind === 'reconfigure') {
      kernel.configChanged(message.configItems);
      host
        .reconfigure(message.config)
        .catch((error: unknown) => log.error({ err: error }, 'the changed configuration was not taken'));
    } else kernel.hear(message);
  });

  let said = '';
  /** Says that the role has started; while its listener cannot, says why and looks again. */
  const announce = async (): Promise<void> => {
    try {
      say({ kind: 'started', modules: host.statuses(), ...(await kernel.greeting()) });
    } catch (error) {
      const { message } = error as Error;
      const fix = error instanceof UndercroftError ? error.fix : undefined;
      if (message !== said) say({ kind: 'failed', message, ...(fix === undefined ? {} : { fix }) });
      said = message;
      clock.after(ANNOUNCE_RETRY_MS, () => void announce());
    }
  };
  try {
    await kernel.open();
    await host.start();
    await announce();
  } catch (error) {
    log.fatal({ err: error }, 'the role could not start');
    say({ kind: 'failed', message: (error as Error).message });
    await stop(EXIT_CRASH);
  }
}

export function say(message: FromRole): void {
  if (process.connected) process.send?.(message);
}
