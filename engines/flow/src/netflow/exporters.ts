/** The exporters that a collector knows, bounded: the one silent for longest makes room. */

import { addressBytes } from '@undercroft/packet';
import { ExporterState } from './language/exporter.ts';

export const MAX_EXPORTERS = 1024;

export interface Exporter {
  readonly address: string;
  readonly state: ExporterState;
  /** Milliseconds since 1970. */
  lastMs: number;
}

export class Exporters {
  readonly #byAddress = new Map<string, Exporter>();
  readonly #scaleBySampling: boolean;
  forgotten = 0;

  constructor(scaleBySampling: boolean) {
    this.#scaleBySampling = scaleBySampling;
  }

  get(address: string, nowMs: number): Exporter {
    const known = this.#byAddress.get(address);
    if (known !== undefined) {
      known.lastMs = nowMs;
      return known;
    }
    if (this.#byAddress.size >= MAX_EXPORTERS) this.#forget();
    const bytes = addressBytes(address);
    const state = new ExporterState({
      ...(bytes === undefined ? {} : { address: bytes }),
      scaleBySampling: this.#scaleBySampling,
    });
    const exporter = { address, state, lastMs: nowMs };
    this.#byAddress.set(address, exporter);
    return exporter;
  }

  list(): readonly Exporter[] {
    return [...this.#byAddress.values()];
  }

  #forget(): void {
    let oldest: Exporter | undefined;
    for (const each of this.#byAddress.values()) if (oldest === undefined || each.lastMs < oldest.lastMs) oldest = each;
    if (oldest !== undefined) this.#byAddress.delete(oldest.address);
    this.forgotten++;
  }
}
