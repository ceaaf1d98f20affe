/** What a scan tells the inventory. */
import type { AssetKey, AssetObservation, ScannedHost, ScannedPort } from '@undercroft/kernel';
import { parsePorts } from '../language/ports.ts';
import { DEFAULT_PORTS } from '../language/services.ts';

/** The host a scan found: by the keys of this machine when it is this machine, else by its address. */
export function hostObservation(
  host: ScannedHost,
  own: { readonly machineId: string; readonly hostname: string } | undefined,
): AssetObservation {
  if (own !== undefined) {
    return {
      type: 'host',
      name: own.hostname,
      keys: [{ type: 'machine-id', value: own.machineId, strength: 'strong' }],
    };
  }
  const names = host.hostnames.map((value): AssetKey => ({ type: 'hostname', value, strength: 'weak' }));
  return {
    type: 'host',
    name: host.hostnames[0] ?? host.address,
    keys: [{ type: 'ip', value: host.address, strength: 'weak' }, ...names],
  };
}

/** Open ports as assets of their host, and which ones it exposes. */
export function portObservations(
  hostId: string,
  hostName: string,
  hostKey: AssetKey,
  ports: readonly ScannedPort[],
): AssetObservation[] {
  const observed = ports.map((port): AssetObservation => {
    return {
      type: 'port',
      name: `tcp/${port.port} on ${hostName}`,
      keys: [portKey(hostId, port.port)],
      attributes: {
        protocol: port.protocol,
        port: port.port,
        service: port.service ?? null,
        product: port.product ?? null,
        version: port.version ?? null,
        banner: port.banner ?? null,
        certificateSubject: port.tls?.subject ?? null,
        certificateSha256: port.tls?.sha256 ?? null,
      },
      present: true,
      relations: [{ type: 'runs-on', target: { type: 'host', key: hostKey } }],
    };
  });
  if (observed.length === 0) return [];
  const exposes = ports.map((port) => ({
    type: 'exposes' as const,
    target: { type: 'port', key: portKey(hostId, port.port) },
  }));
  return [...observed, ...certificates(ports), { type: 'host', keys: [hostKey], relations: exposes }];
}

/** Ports that were open before, were looked at again, and are no longer open. */
export function closedObservations(
  hostId: string,
  looked: string | undefined,
  open: readonly ScannedPort[],
  known: readonly number[],
): AssetObservation[] {
  const asked = new Set(looked === undefined ? DEFAULT_PORTS : parsePorts(looked));
  const still = new Set(open.map((port) => port.port));
  return known
    .filter((port) => asked.has(port) && !still.has(port))
    .map((port) => ({ type: 'port', keys: [portKey(hostId, port)], present: false }));
}

/** The same key as the host's own agent gives, so that both speak of one port. */
export function portKey(hostId: string, port: number): AssetKey {
  return { type: 'port', value: `${hostId}/tcp/${port}`, strength: 'strong' };
}

function certificates(ports: readonly ScannedPort[]): AssetObservation[] {
  return ports.flatMap(({ tls }) =>
    tls === undefined
      ? []
      : [
          {
            type: 'certificate',
            name: tls.subject || tls.sha256.slice(0, 16),
            keys: [{ type: 'certificate', value: tls.sha256, strength: 'strong' as const }],
            attributes: {
              subject: tls.subject,
              issuer: tls.issuer,
              notAfter: new Date(tls.notAfterUs / 1000).toISOString(),
              sha256: tls.sha256,
            },
          },
        ],
  );
}
