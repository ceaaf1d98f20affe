/**
 * A script or program of the administrator's: run without a shell, the message as JSON on its standard input and the
 * main fields in its environment (`UNDERCROFT_KIND`, `UNDERCROFT_SUBJECT`, `UNDERCROFT_STATE`, `UNDERCROFT_PROBLEM`,
 * `UNDERCROFT_URL`, `UNDERCROFT_DELIVERY`). Exit code 0 means taken; 75 (EX_TEMPFAIL) and a signal mean later.
 *
 * It runs with an almost empty environment in a process group of its own, which is killed after the time limit.
 * Which programs may be named is set in the configuration file alone (`alerts.scripts`), not through the API: else
 * whoever may set contacts could run anything as the server.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve, sep } from 'node:path';
import Type, { type Static } from 'typebox';
import type { Message } from '../../engine/message.ts';
import { type Channel, ChannelError } from '../channel.ts';

const MAX_OUTPUT_BYTES = 4096;
const EX_TEMPFAIL = 75;

const Settings = Type.Object(
  {
    command: Type.Array(Type.String({ minLength: 1, maxLength: 4000 }), {
      minItems: 1,
      maxItems: 50,
      description: 'Absolute path of the program, and its arguments.',
    }),
    timeoutS: Type.Integer({ minimum: 1, maximum: 300, default: 30 }),
  },
  { additionalProperties: false },
);

export interface ScriptOptions {
  /** Files, or folders whose files, may be run. None: the channel is off. */
  readonly allowed: readonly string[];
  /** Run as this user and group, by number; needs a privileged server. */
  readonly uid?: number;
  readonly gid?: number;
}

export function scriptChannel(options: ScriptOptions): Channel {
  return {
    name: 'script',
    summary: 'A program of yours, with the message as JSON on its standard input.',
    settings: Settings,
    secrets: [],
    unavailable: () =>
      options.allowed.length === 0
        ? 'No program may be run: set alerts.scripts.allowed in undercroft.yaml.'
        : undefined,
    async send(message, given, { signal }) {
      const { command, timeoutS } = given as Static<typeof Settings>;
      const [program = '', ...args] = command;
      if (!isAllowed(program, options.allowed)) {
        throw new ChannelError(`${program} is not among alerts.scripts.allowed of undercroft.yaml`, { final: true });
      }
      await run(program, args, message, { ...options, timeoutMs: timeoutS * 1000, signal });
    },
  };
}

function isAllowed(program: string, allowed: readonly string[]): boolean {
  if (resolve(program) !== program) return false;
  return allowed.some((path) => program === path || program.startsWith(path.endsWith(sep) ? path : path + sep));
}

function run(
  program: string,
  args: readonly string[],
  message: Message,
  options: ScriptOptions & { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      cwd: '/',
      detached: true,
      env: environment(message),
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    let output = '';
    let killedBecause: string | undefined;
    const keep = (chunk: Buffer): void => {
      if (output.length < MAX_OUTPUT_BYTES) output += chunk.toString('utf8').slice(0, MAX_OUTPUT_BYTES - output.length);
    };
    const kill = (reason: string): void => {
      killedBecause ??= reason;
      killGroup(child);
    };
    const timer = setTimeout(() => kill(`took longer than ${options.timeoutMs / 1000} s`), options.timeoutMs);
    const abort = (): void => kill('was stopped with the platform');
    options.signal.addEventListener('abort', abort, { once: true });
    const end = (error?: ChannelError): void => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', abort);
      if (error === undefined) done();
      else fail(error);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.stdin.on('error', () => {
      // A script need not read its input.
    });
    child.stdin.end(JSON.stringify(message));
    child.once('error', (cause) => end(new ChannelError(`${program}: ${cause.message}`, { cause })));
    child.once('exit', (code, exitSignal) => {
      killGroup(child);
      if (code === 0 && killedBecause === undefined) return end();
      const said = output.trim().split('\n')[0] ?? '';
      const why = killedBecause ?? (code === null ? `was ended by ${exitSignal}` : `exited with ${code}`);
      const final = code !== null && code !== EX_TEMPFAIL && killedBecause === undefined;
      end(new ChannelError(`${program} ${why}${said === '' ? '' : `: ${said}`}`, { final }));
    });
  });
}

/** Also what it has started and left behind. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function environment(message: Message): NodeJS.ProcessEnv {
  const [problem] = message.problems;
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    UNDERCROFT_DELIVERY: message.id,
    UNDERCROFT_KIND: message.kind,
    UNDERCROFT_SUBJECT: withoutNul(message.subject),
    UNDERCROFT_STATE: problem?.state ?? '',
    UNDERCROFT_PROBLEM: problem?.id ?? '',
    UNDERCROFT_URL: message.url ?? '',
  };
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}
