/** One scan from its request to its traces: kept, shown live, told to the inventory and to the events. */
import type {
  Clock,
  Events,
  HostInspect,
  Inventory,
  LiveStream,
  Log,
  ScanRequest,
  ScanResult,
  ScanRun as ScanService,
} from '@undercroft/kernel';
import { toEdge, UndercroftError } from '@undercroft/kernel';
import { closedObservations, hostObservation, portObservations } from './engine/observe.ts';
import { parsePorts } from './language/ports.ts';
import { addressesOf, outOfScope, parseTargets, type Scope } from './language/targets.ts';
import type { ScanRuns, ScanState } from './state/runs.ts';

const PROGRESS_EVERY_MS = 500;
/** A scan of a large block takes hours, not days. */
const MAX_SCAN_MS = 6 * 3_600_000;

export interface ConductorParts {
  readonly runs: ScanRuns;
  readonly scan: ScanService;
  readonly inventory: Inventory;
  readonly events: Events;
  readonly host: HostInspect;
  readonly live: LiveStream;
  readonly clock: Clock;
  readonly log: Log;
  readonly scope: Scope;
  readonly keepRuns: number;
}

export class Conductor {
  readonly #parts: ConductorParts;
  readonly #running = new Map<string, Promise<void>>();

  constructor(parts: ConductorParts) {
    this.#parts = parts;
  }

  /** Checks the request, keeps it, and starts. @returns the run's id @throws UndercroftError when it may not run */
  async begin(tenant: string, requestedBy: string, request: ScanRequest): Promise<string> {
    this.#check(request);
    const id = await this.#parts.runs.begin(tenant, requestedBy, request, this.#parts.clock.nowUs());
    const run = this.#run(tenant, id, request).finally(() => this.#running.delete(id));
    this.#running.set(id, run);
    return id;
  }

  /** Resolves when the run has ended and left its traces. */
  ended(id: string): Promise<void> {
    return this.#running.get(id) ?? Promise.resolve();
  }

  #check(request: ScanRequest): void {
    if (request.ports !== undefined) parsePorts(request.ports);
    for (const target of parseTargets(request.targets)) {
      // What a name stands for is only known where it is resolved: the sensor checks that.
      const addresses = target.kind === 'name' ? [] : addressesOf(target);
      for (const address of addresses) {
        const refusal = this.#parts.scope.refusal(address);
        if (refusal !== undefined) throw outOfScope(address, refusal);
      }
    }
  }

  async #run(tenant: string, id: string, request: ScanRequest): Promise<void> {
    const { scan, runs, clock, live, log, keepRuns, events } = this.#parts;
    let watching = true;
    const watch = async (): Promise<void> => {
      while (watching) {
        await clock.sleep(PROGRESS_EVERY_MS);
        const progress = await scan.progress(id).catch(() => undefined);
        if (watching && progress !== undefined && progress !== null)
          live.send('scans', { ...progress, state: 'running' }, { key: id, tenant });
      }
    };
    void watch();
    let state: ScanState = 'failed';
    let result: ScanResult | undefined;
    try {
      result = await withDeadline(scan.run(id, request), MAX_SCAN_MS, clock);
      state = result.outcome;
      if (result.outcome !== 'failed') await this.#tellInventory(tenant, result);
    } catch (error) {
      log.error({ err: error, scan: id }, 'scan failed');
      result = {
        id,
        startUs: clock.nowUs(),
        endUs: clock.nowUs(),
        request,
        hosts: [],
        outcome: 'failed',
        error: (error as Error).message,
      };
    }
    watching = false;
    await runs
      .end(tenant, id, state, clock.nowUs(), result, keepRuns)
      .catch((error: unknown) => log.error({ err: error, scan: id }, 'scan result could not be kept'));
    const up = result.hosts.filter((host) => host.up).length;
    const open = result.hosts.reduce((sum, host) => sum + host.ports.length, 0);
    events.publish({
      class: 'scan_activity',
      activity: state === 'finished' ? 'completed' : state,
      tenant,
      severity: state === 'failed' ? 'low' : 'informational',
      message:
        state === 'failed'
          ? `Scan of ${request.targets.join(' ')} failed: ${result.error}`
          : `Scan of ${request.targets.join(' ')} ${state}: ${counted(up, 'host')} up, ${counted(open, 'open port')}`,
      attributes: { 'scan.uid': id, num_hosts: up, num_open_ports: open },
    });
    live.send('scans', { id, state, ...toEdge({ endUs: clock.nowUs() }), openPorts: open }, { key: id, tenant });
  }

  async #tellInventory(tenant: string, result: ScanResult): Promise<void> {
    const { inventory, host: hostInspect, log } = this.#parts;
    const own = await hostInspect.facts().catch(() => undefined);
    for (const host of result.hosts.filter((each) => each.up)) {
      const isOwn =
        own !== undefined && (isLoopback(host.address) || ownAddresses(own.attributes).includes(host.address));
      // Without the agent's word on which machine this is, loopback names no machine at all.
      if (own === undefined && isLoopback(host.address)) {
        log.info(
          { address: host.address },
          'loopback was scanned but the agent does not say which host this is; left out of the inventory',
        );
        continue;
      }
      const observation = { ...hostObservation(host, isOwn ? own : undefined), tenant };
      const [hostId] = await inventory.observe('scan', [observation]);
      if (hostId === undefined) continue;
      const known = await this.#knownPorts(hostId);
      const key = observation.keys[0];
      if (key === undefined) continue;
      const found = portObservations(hostId, observation.name ?? host.address, key, host.ports);
      const gone = isOwn ? [] : closedObservations(hostId, result.request.ports, host.ports, known);
      await inventory.observe(
        'scan',
        [...found, ...gone].map((each) => ({ ...each, tenant })),
      );
    }
  }

  async #knownPorts(hostId: string): Promise<number[]> {
    const { inventory } = this.#parts;
    const exposed = (await inventory.relations(hostId)).filter(
      (relation) => relation.type === 'exposes' && relation.fromId === hostId,
    );
    const ports = await Promise.all(exposed.map((relation) => inventory.get(relation.toId)));
    return ports.flatMap((port) =>
      port?.present && typeof port.attributes['port'] === 'number' ? [port.attributes['port']] : [],
    );
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function ownAddresses(attributes: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { addresses } = attributes;
  return Array.isArray(addresses) ? addresses : [];
}

function withDeadline<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () =>
      reject(new UndercroftError('scan.deadline', `The scan took longer than ${ms / 3_600_000} hours.`)),
    );
    work.then(resolve, reject).finally(cancel);
  });
}
