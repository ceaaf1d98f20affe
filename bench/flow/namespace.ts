/** A network of a bench's own: it runs itself again in a new namespace with a pair of interfaces, `near` and `far`. */
import { spawnSync } from 'node:child_process';

/** @param script the bench @param words what it is called with there */
export function runInNamespace(script: string, words: readonly (string | number)[]): void {
  if (process.getuid?.() !== 0) {
    process.stdout.write('Skipped: it needs root to make a network namespace.\n');
    return;
  }
  const setUp = [
    'ip link add near type veth peer name far',
    'sysctl -qw net.ipv6.conf.all.disable_ipv6=1',
    'ip link set near up',
    'ip link set far up',
  ].join(' && ');
  const command = `${setUp} && exec "$0" "$@"`;
  const { status } = spawnSync('unshare', ['-n', 'sh', '-c', command, process.execPath, script, ...words.map(String)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
