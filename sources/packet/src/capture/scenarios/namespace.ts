/** Runs a scenario of live capture in a network namespace of its own, which ends with it. For tests. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('./run.ts', import.meta.url));
/** Two ends of one wire; IPv6 is off so that nothing is sent but what the scenario sends. */
const WIRE = [
  'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
  'ip link add near type veth peer name far',
  'ip link set lo up',
  'ip link set near up',
  'ip link set far up',
].join(' && ');

/** @returns null where such namespaces can be made, or why not */
export function whyNoNamespace(): string | null {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const { status, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', WIRE], { encoding: 'utf8' });
  return status === 0 ? null : `no network namespace with a veth pair here: ${stderr}`;
}

/** @returns what the scenario has to say */
export function inNamespace<T>(scenario: string): T {
  const command = `${WIRE} && exec "$0" "$1" "$2"`;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['-n', 'sh', '-c', command, process.execPath, RUN, scenario],
    { encoding: 'utf8', timeout: 20_000 },
  );
  if (status !== 0) throw new Error(`${scenario} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
