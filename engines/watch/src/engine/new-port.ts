/**
 * A port that a host did not have: one event that joins the inventory (host, port), the host's own view (which process
 * listens, since when, as whom) and that minute's metrics.
 */
import type {
  Asset,
  Clock,
  EventInput,
  HostInspect,
  Inventory,
  JsonValue,
  MetricsQuery,
  PlatformEvent,
  ProcessRow,
  Severity,
} from '@undercroft/kernel';

export interface NewPortParts {
  readonly inventory: Inventory;
  readonly host: HostInspect;
  readonly metrics: MetricsQuery;
  readonly clock: Clock;
  readonly quietUs: number;
}

/** The metrics told along: enough to see what the host was doing. */
const CHARTS = ['system.cpu', 'system.ram', 'system.net', 'system.load'];
const MINUTE_S = 60;

/** Whether an inventory event says that a port appeared, or came back. @returns the port's asset id */
export function portThatAppeared(event: PlatformEvent): string | undefined {
  if (event.attributes['device.type'] !== 'port') return undefined;
  if (event.class === 'device_inventory_info' && event.activity === 'collect') return event.assets[0];
  if (event.class !== 'device_config_state_change') return undefined;
  const { changes } = event.attributes;
  const back =
    Array.isArray(changes) &&
    changes.some((change) => isObject(change) && change['field'] === 'present' && change['after'] === true);
  return back ? event.assets[0] : undefined;
}

/** @returns the event to publish; undefined when it is no news or the port has gone again */
export async function describeNewPort(portId: string, parts: NewPortParts): Promise<EventInput | undefined> {
  const { inventory, clock, quietUs } = parts;
  const port = await inventory.get(portId);
  if (port === undefined || !port.present) return undefined;
  const host = await hostOf(port, inventory);
  if (host === undefined || clock.nowUs() - host.firstSeenUs < quietUs) return undefined;
  const [process, metrics] = await Promise.all([processOf(port, parts.host), minuteOf(host.name, parts)]);
  // A port whose owner nobody knows is a change in the inventory, and no more than that.
  if (process === undefined) return undefined;
  const where = `${port.attributes['protocol'] ?? 'tcp'}/${port.attributes['port']}`;
  const address = typeof port.attributes['address'] === 'string' ? port.attributes['address'] : '';
  const everyone = reachable(address);
  return {
    class: 'detection_finding',
    activity: 'create',
    severity: everyone ? 'medium' : ('informational' satisfies Severity),
    tenant: host.tenant,
    assets: [host.id, port.id],
    message: `${where} opened on ${host.name} by ${process.name} (pid ${process.pid}${process.user === '' ? '' : `, ${process.user}`}), ${everyone ? 'open to the network' : 'on loopback only'}`,
    attributes: {
      'finding_info.uid': `new-port:${port.id}`,
      'finding_info.title': `New open port ${where}`,
      'device.uid': host.id,
      'device.hostname': host.name,
      evidences: {
        port: {
          id: port.id,
          number: port.attributes['port'] ?? null,
          address,
          service: port.attributes['service'] ?? null,
        },
        process: {
          pid: process.pid,
          ppid: process.ppid,
          name: process.name,
          command: process.command,
          user: process.user,
          startedUs: process.startedUs,
        },
        metrics,
      },
    },
  };
}

async function hostOf(port: Asset, inventory: Inventory): Promise<Asset | undefined> {
  const relation = (await inventory.relations(port.id)).find(
    (each) =>
      (each.type === 'runs-on' && each.fromId === port.id) || (each.type === 'exposes' && each.toId === port.id),
  );
  if (relation === undefined) return undefined;
  return await inventory.get(relation.fromId === port.id ? relation.toId : relation.fromId);
}

async function processOf(
  port: Asset,
  host: HostInspect,
): Promise<Pick<ProcessRow, 'pid' | 'ppid' | 'name' | 'command' | 'user' | 'startedUs'> | undefined> {
  const number = port.attributes['port'];
  const protocol = port.attributes['protocol'] ?? 'tcp';
  const listeners = await host.listeners();
  const listener = listeners.find(
    (each) => each.protocol === protocol && each.port === number && each.pid !== undefined,
  );
  if (listener?.pid === undefined) return undefined;
  const { processes } = await host.processes(10_000);
  const process = processes.find((each) => each.pid === listener.pid);
  return (
    process ?? {
      pid: listener.pid,
      ppid: 0,
      name: listener.process ?? 'unknown',
      command: '',
      user: listener.user ?? '',
      startedUs: 0,
    }
  );
}

/** Mean of each dimension over the last minute, by `chart.dimension`. */
async function minuteOf(host: string, { metrics, clock }: NewPortParts): Promise<{ [key: string]: JsonValue }> {
  const toS = Math.floor(clock.nowMs() / 1000);
  const { series } = await metrics
    .query({ host, charts: CHARTS, fromS: toS - MINUTE_S, toS, points: 1, group: 'average' })
    .catch(() => ({ series: [] }));
  return Object.fromEntries(
    series.map((each) => [`${each.chart}.${each.dimension}`, each.values.findLast((value) => value !== null) ?? null]),
  );
}

/** Whether others than this machine can reach a listener on these addresses (`127.0.0.1, ::`). */
function reachable(addresses: string): boolean {
  return addresses.split(',').some((each) => {
    const address = each.trim();
    return address !== '' && !address.startsWith('127.') && address !== '::1' && !address.startsWith('::ffff:127.');
  });
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
