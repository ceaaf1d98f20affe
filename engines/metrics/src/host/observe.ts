/** What the agent tells the inventory of its host: the host, its filesystems, its listening ports. */
import type { AssetKey, AssetObservation, HostFacts, ListenerRow } from '@undercroft/kernel';

export interface VolumeFacts {
  readonly point: string;
  readonly filesystem: string;
  readonly source: string;
  readonly device: string;
  readonly readOnly: boolean;
  readonly sizeBytes: number;
  readonly network: boolean;
}

/** How the host is named for good; relations of others point here. */
export function hostKey(facts: HostFacts): AssetKey {
  return { type: 'machine-id', value: facts.machineId, strength: 'strong' };
}

export function hostObservation(facts: HostFacts): AssetObservation {
  const { addresses } = facts.attributes;
  const weak = Array.isArray(addresses) ? addresses.filter((address) => typeof address === 'string') : [];
  return {
    type: 'host',
    name: facts.hostname,
    keys: [
      hostKey(facts),
      { type: 'hostname', value: facts.hostname, strength: 'weak' },
      ...weak.map((value): AssetKey => ({ type: 'ip', value, strength: 'weak' })),
    ],
    attributes: facts.attributes,
  };
}

/** Key of a filesystem: the machine and the mount point. */
export function volumeKey(facts: HostFacts, point: string): AssetKey {
  return { type: 'mount', value: `${facts.machineId}:${point}`, strength: 'strong' };
}

/** Sizes are rounded to 1 MiB, so that a filesystem that grows by itself does not fill the history. */
export function volumeObservations(facts: HostFacts, volumes: readonly VolumeFacts[]): AssetObservation[] {
  return volumes.map((volume) => ({
    type: 'volume',
    name: `${volume.point} on ${facts.hostname}`,
    keys: [volumeKey(facts, volume.point)],
    attributes: {
      mountPoint: volume.point,
      filesystem: volume.filesystem,
      source: volume.source,
      sizeBytes: Math.round(volume.sizeBytes / 1_048_576) * 1_048_576,
      readOnly: volume.readOnly,
      network: volume.network,
    },
    present: true,
    relations: [{ type: 'attached-to', target: { type: 'host', key: hostKey(facts) } }],
  }));
}

/** A volume that is no longer mounted. */
export function volumeGone(facts: HostFacts, point: string): AssetObservation {
  return { type: 'volume', keys: [volumeKey(facts, point)], present: false };
}

/** UDP ports from here on are mostly clients' own, gone in seconds: they are listed, but are no assets. */
const EPHEMERAL_UDP = 32_768;

/** The ports that are assets of their own, several addresses of one port joined. */
export function exposedPorts(rows: readonly ListenerRow[]): ReadonlyMap<string, readonly ListenerRow[]> {
  const lasting = rows.filter(({ protocol, port }) => protocol === 'tcp' || port < EPHEMERAL_UDP);
  return Map.groupBy(lasting, ({ protocol, port }) => `${protocol}/${port}`);
}

/** Key of a port: whoever finds it, a scan or the host itself, names it alike. */
export function portKey(hostId: string, port: string): AssetKey {
  return { type: 'port', value: `${hostId}/${port}`, strength: 'strong' };
}

/** The ports, and that the host exposes them. */
export function portObservations(
  facts: HostFacts,
  hostId: string,
  ports: ReadonlyMap<string, readonly ListenerRow[]>,
): AssetObservation[] {
  if (ports.size === 0) return [];
  const observed = [...ports].map(([port, rows]): AssetObservation => {
    const row = rows.find(({ pid }) => pid !== undefined) ?? rows[0]!;
    return {
      type: 'port',
      name: `${port} on ${facts.hostname}`,
      keys: [portKey(hostId, port)],
      attributes: {
        protocol: row.protocol,
        port: row.port,
        address: [...new Set(rows.map(({ address }) => address))].sort().join(', '),
        ...(row.process === undefined ? {} : { process: row.process }),
        ...(row.pid === undefined ? {} : { pid: row.pid }),
        ...(row.user === undefined || row.user === '' ? {} : { user: row.user }),
      },
      present: true,
      relations: [{ type: 'runs-on', target: { type: 'host', key: hostKey(facts) } }],
    };
  });
  const exposes = [...ports.keys()].map((port) => ({
    type: 'exposes' as const,
    target: { type: 'port', key: portKey(hostId, port) },
  }));
  return [...observed, { type: 'host', keys: [hostKey(facts)], relations: exposes }];
}

export function portGone(hostId: string, port: string): AssetObservation {
  return { type: 'port', keys: [portKey(hostId, port)], present: false };
}
