/** Hosts against ports: which columns there are, and what stands where. Pure. */
import type { ScanDiff, ScannedHost, ScannedPort } from './data.ts';

export const MAX_COLUMNS = 60;

export interface Matrix {
  readonly ports: readonly number[];
  /** Open ports that did not fit. */
  readonly left: number;
  readonly rows: readonly { readonly host: ScannedHost; readonly cells: readonly (ScannedPort | undefined)[] }[];
}

/** Ports that are open somewhere, those on most hosts kept where there are too many; hosts with an open port first. */
export function matrixOf(hosts: readonly ScannedHost[], maxColumns = MAX_COLUMNS): Matrix {
  const counts = new Map<number, number>();
  for (const host of hosts) for (const port of openPorts(host)) counts.set(port.port, (counts.get(port.port) ?? 0) + 1);
  const kept = [...counts]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, maxColumns)
    .map(([port]) => port)
    .sort((a, b) => a - b);
  const rows = hosts
    .filter((host) => host.up)
    .map((host) => ({ host, cells: kept.map((port) => openPorts(host).find((one) => one.port === port)) }))
    .sort(
      (a, b) =>
        Number(openPorts(b.host).length > 0) - Number(openPorts(a.host).length > 0) ||
        compareAddresses(a.host.address, b.host.address),
    );
  return { ports: kept, left: counts.size - kept.length, rows };
}

export function openPorts(host: ScannedHost): readonly ScannedPort[] {
  return host.ports.filter((port) => port.state === 'open');
}

/** `10.0.0.9` before `10.0.0.10`. */
export function compareAddresses(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

export function serviceWords(port: ScannedPort): string {
  return (
    [port.service, [port.product, port.version].filter(Boolean).join(' ')].filter(Boolean).join(', ') ||
    'not recognised'
  );
}

/** `address:port` of what the diff says was opened. */
export function openedKeys(diff: ScanDiff | undefined): ReadonlySet<string> {
  return new Set(
    (diff?.ports ?? []).filter(({ kind }) => kind === 'opened').map(({ address, port }) => `${address}:${port}`),
  );
}

/** "2 opened, 1 closed, 1 speaks otherwise". */
export function diffWords(diff: ScanDiff): string {
  const count = (kind: string) => diff.ports.filter((port) => port.kind === kind).length;
  const parts = [
    [count('opened'), 'opened'],
    [count('closed'), 'closed'],
    [count('changed'), 'now another service'],
    [diff.hostsAppeared.length, diff.hostsAppeared.length === 1 ? 'host appeared' : 'hosts appeared'],
    [diff.hostsGone.length, diff.hostsGone.length === 1 ? 'host went' : 'hosts went'],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return said.length === 0 ? 'nothing changed' : said.join(', ');
}
