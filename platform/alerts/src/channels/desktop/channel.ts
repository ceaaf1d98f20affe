/** A notification on the desktop of the machine that the server runs on, by `notify-send`. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import Type from 'typebox';
import { type Channel, ChannelError } from '../channel.ts';

const TIMEOUT_MS = 10_000;
const PROGRAM = 'notify-send';

export interface DesktopOptions {
  /** Where to look for the program and the session bus. */
  readonly env: NodeJS.ProcessEnv;
}

export function desktopChannel({ env }: DesktopOptions): Channel {
  const unavailable = (): string | undefined => {
    if (findProgram(env) === undefined) return `${PROGRAM} is not installed here (Debian: apt install libnotify-bin).`;
    if (env['DBUS_SESSION_BUS_ADDRESS'] === undefined && env['XDG_RUNTIME_DIR'] === undefined) {
      return 'The server runs outside of a desktop session: there is no session bus to reach.';
    }
    return undefined;
  };
  return {
    name: 'desktop',
    summary: 'A notification on the desktop of this machine.',
    settings: Type.Object({}, { additionalProperties: false }),
    secrets: [],
    unavailable,
    send(message, _settings, { signal }) {
      const why = unavailable();
      const program = findProgram(env);
      if (why !== undefined || program === undefined)
        return Promise.reject(new ChannelError(why ?? '', { final: true }));
      const state = message.problems[0]?.state;
      const urgency = message.kind !== 'recovery' && state === 'critical' ? 'critical' : 'normal';
      const args = ['--app-name=Undercroft', `--urgency=${urgency}`, '--', message.subject, message.text.trim()];
      return new Promise((done, fail) => {
        execFile(program, args, { timeout: TIMEOUT_MS, signal, env }, (error, _stdout, stderr) => {
          if (error === null) done();
          else fail(new ChannelError(`${PROGRAM}: ${stderr.trim() || error.message}`, { cause: error }));
        });
      });
    },
  };
}

function findProgram(env: NodeJS.ProcessEnv): string | undefined {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, PROGRAM);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch (error) {
      if (!['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return undefined;
}
