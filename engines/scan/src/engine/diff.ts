/** What changed between two scans, as ndiff asks it: ports that opened, closed, or speak something else. */
import type { ScannedPort, ScanResult } from '@undercroft/kernel';

export interface PortChange {
  readonly address: string;
  readonly port: number;
  readonly kind: 'opened' | 'closed' | 'changed';
  readonly before?: ScannedPort;
  readonly after?: ScannedPort;
}

export interface ScanDiff {
  readonly hostsAppeared: readonly string[];
  readonly hostsGone: readonly string[];
  readonly ports: readonly PortChange[];
}

export function diffScans(before: ScanResult, after: ScanResult): ScanDiff {
  const old = new Map(before.hosts.filter((host) => host.up).map((host) => [host.address, host]));
  const now = new Map(after.hosts.filter((host) => host.up).map((host) => [host.address, host]));
  const ports: PortChange[] = [];
  for (const [address, host] of now) {
    const had = new Map(old.get(address)?.ports.map((port) => [port.port, port]));
    for (const port of host.ports) {
      const was = had.get(port.port);
      had.delete(port.port);
      if (was === undefined) ports.push({ address, port: port.port, kind: 'opened', after: port });
      else if (speaks(was) !== speaks(port))
        ports.push({ address, port: port.port, kind: 'changed', before: was, after: port });
    }
    for (const was of had.values()) ports.push({ address, port: was.port, kind: 'closed', before: was });
  }
  return {
    hostsAppeared: [...now.keys()].filter((address) => !old.has(address)),
    hostsGone: [...old.keys()].filter((address) => !now.has(address)),
    ports,
  };
}

function speaks(port: ScannedPort): string {
  return [port.service, port.product, port.version, port.tls?.sha256].join('\0');
}
