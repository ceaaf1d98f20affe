import { mkdirSync } from 'node:fs';
import { type Command, ROLES, UndercroftError } from '@undercroft/kernel';
import { createLog, LOG_LEVELS, type LogLevel, Supervisor, SystemClock } from '@undercroft/kernel/runtime';
import { usage } from '../../cli/parse.ts';
import { INSTALLATION_OPTIONS, installationOf } from '../../installation.ts';
import { MODULES } from '../../modules.ts';
import { VERSION } from '../../version.ts';
import { ensureBuilt } from './build.ts';
import { greeting, trouble } from './greeting.ts';

/** The block waits this long, at most, for the sensor and the agent to say what they watch. */
const COVERAGE_WAIT_MS = 4_000;
const COVERAGE_QUIET_MS = 400;

export const command: Command = {
  name: 'up',
  summary: 'start everything on this machine',
  description:
    'Starts the server, the sensor and the agent and stays with them. Ctrl-C stops them cleanly.\nSIGHUP reads the configuration again.',
  options: {
    ...INSTALLATION_OPTIONS,
    'log-level': {
      type: 'string',
      value: 'LEVEL',
      summary: `${LOG_LEVELS.join(', ')} (by default warn on a terminal, info elsewhere)`,
    },
    'log-format': { type: 'string', value: 'pretty|json', summary: 'by default pretty on a terminal, JSON elsewhere' },
  },
  examples: [
    { line: 'undercroft up', does: 'everything on, console at http://127.0.0.1:7600' },
    { line: 'undercroft up --listen 127.0.0.1:7700 --data /srv/undercroft', does: 'another port and folder' },
    { line: 'UNDERCROFT_OWNER_TOKEN=... undercroft up', does: 'first run without a browser' },
  ],
  async run(call) {
    const level = (call.options['log-level'] as LogLevel | undefined) ?? (call.stderr.isTTY ? 'warn' : 'info');
    if (!LOG_LEVELS.includes(level))
      throw usage(`--log-level takes ${LOG_LEVELS.join(', ')}, not "${level}"`, 'undercroft up');
    const format = (call.options['log-format'] as 'pretty' | 'json' | undefined) ?? 'auto';
    const installation = installationOf(call);
    const config = installation.load();
    makeDataDir(installation.dataDir);
    const roleScript = await ensureBuilt(call.stderr);
    const log = await createLog({ level, format, base: { role: 'supervisor' } });
    for (const warning of config.warnings) log.warn({}, warning);
    const supervisor = new Supervisor({
      modules: MODULES,
      roles: ROLES,
      roleScript,
      dataDir: installation.dataDir,
      version: VERSION,
      config,
      log,
      logOptions: { level, format },
      clock: new SystemClock(),
      failed: (role, message, fix) => call.stdout.write(trouble(role, message, fix)),
      reload: () => installation.load(),
    });
    return await new Promise<number>((resolve) => {
      let stopping = false;
      const stop = (): void => {
        if (stopping) {
          supervisor.kill();
          return;
        }
        stopping = true;
        if (call.stdout.isTTY) call.stdout.write('\n  Stopping…\n');
        void supervisor.stop().then(() => {
          log.flush();
          resolve(0);
        });
      };
      process.on('SIGINT', stop);
      process.on('SIGTERM', stop);
      process.on('SIGHUP', () => {
        try {
          supervisor.reload();
          log.info({}, 'configuration read again');
        } catch (error) {
          log.error({ err: error }, 'configuration not taken; the old one stays');
        }
      });
      supervisor.start();
      void greet(supervisor, call.stdout, installation.dataDir, () => stopping);
    });
  },
};

async function greet(
  supervisor: Supervisor,
  stdout: NodeJS.WriteStream,
  dataDir: string,
  stopping: () => boolean,
): Promise<void> {
  const server = await supervisor.started('server');
  const deadline = performance.now() + COVERAGE_WAIT_MS;
  const others = Promise.all([supervisor.started('agent'), supervisor.started('sensor')]);
  await Promise.race([others, sleep(COVERAGE_WAIT_MS)]);
  // Lines of coverage follow the start of their modules; the block waits until no more come.
  let lines = -1;
  while (performance.now() < deadline && lines !== supervisor.coverage.length) {
    lines = supervisor.coverage.length;
    await sleep(COVERAGE_QUIET_MS);
  }
  if (stopping()) return;
  const terminal = stdout.isTTY === true;
  stdout.write(greeting({ server, coverage: supervisor.coverage, dataDir, terminal, version: VERSION }));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function makeDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new UndercroftError('up.data', `the data folder ${path} cannot be made: ${(cause as Error).message}`, {
      fix: 'choose another with --data DIR',
      cause,
    });
  }
}
