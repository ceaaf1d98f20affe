/** What argus and radium do to their process: leave the terminal, become another user. */
import { spawn } from 'node:child_process';
import { argusError } from '../errors.ts';

/** Starts this program again, apart from the terminal. @param argv the command line without the daemon option */
export function startDetached(argv: readonly string[]): number | undefined {
  const child = spawn(process.execPath, [...process.execArgv, ...argv], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, UNDERCROFT_FLOW_DETACHED: '1' },
  });
  child.unref();
  return child.pid;
}

/** After files and sockets are open. @throws UndercroftError `flow.argus.user` */
export function changeUser(user: string | undefined, group: string | undefined, chroot: string | undefined): void {
  if (chroot !== undefined) {
    throw argusError('user', `a changed root (${chroot}) is set by who starts the program: systemd's RootDirectory=`);
  }
  try {
    if (group !== undefined) {
      process.setgroups?.([group]);
      process.setgid?.(group);
    }
    if (user !== undefined) process.setuid?.(user);
  } catch (error) {
    throw argusError('user', `${user ?? group}: ${(error as Error).message}`, error);
  }
}
