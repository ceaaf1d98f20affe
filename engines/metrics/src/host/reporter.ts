/** Keeps the inventory told of the host, its volumes and its ports, and of those that have gone. */
import type { AssetObservation, HostFacts, Inventory, ListenerRow, Log } from '@undercroft/kernel';
import {
  exposedPorts,
  hostObservation,
  portGone,
  portObservations,
  type VolumeFacts,
  volumeGone,
  volumeObservations,
} from './observe.ts';

const SOURCE = 'metrics';

export interface ReporterParts {
  readonly inventory: Inventory;
  readonly facts: () => HostFacts;
  readonly volumes: () => readonly VolumeFacts[];
  readonly listeners: () => readonly ListenerRow[];
  readonly log: Log;
}

export class HostReporter {
  readonly #parts: ReporterParts;
  #volumes = new Set<string>();
  #ports = new Set<string>();
  #running: Promise<void> | undefined;
  #away = false;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Tells all of it. While the server is away nothing is told; the next report tells all again. */
  report(): Promise<void> {
    this.#running ??= this.#report().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #report(): Promise<void> {
    const { inventory, log } = this.#parts;
    try {
      const facts = this.#parts.facts();
      const [hostId] = await inventory.observe(SOURCE, [hostObservation(facts)]);
      if (hostId === undefined) return;
      const observations = this.#observations(facts, hostId);
      if (observations.length > 0) await inventory.observe(SOURCE, observations);
      this.#away = false;
    } catch (error) {
      if (!this.#away) log.warn({ error: String(error) }, 'the inventory did not take the host facts; trying again');
      this.#away = true;
    }
  }

  #observations(facts: HostFacts, hostId: string): AssetObservation[] {
    const volumes = this.#parts.volumes();
    const points = new Set(volumes.map(({ point }) => point));
    const ports = exposedPorts(this.#parts.listeners());
    const observations = [
      ...volumeObservations(facts, volumes),
      ...[...this.#volumes].filter((point) => !points.has(point)).map((point) => volumeGone(facts, point)),
      ...portObservations(facts, hostId, ports),
      ...[...this.#ports].filter((port) => !ports.has(port)).map((port) => portGone(hostId, port)),
    ];
    this.#volumes = points;
    this.#ports = new Set(ports.keys());
    return observations;
  }
}
