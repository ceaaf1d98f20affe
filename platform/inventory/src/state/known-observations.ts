/**
 * Observations that are already in the store, so that one that is repeated every second costs a hash and no query.
 * Forgotten as soon as anything about their asset changes; bounded, the longest unused first.
 */
import { createHash } from 'node:crypto';
import type { AssetObservation } from '@undercroft/kernel';

export class KnownObservations {
  readonly #limit: number;
  readonly #assets = new Map<string, string>();
  readonly #ofAsset = new Map<string, Set<string>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(source: string, observation: AssetObservation): string | undefined {
    const print = fingerprint(source, observation);
    const asset = this.#assets.get(print);
    if (asset === undefined) return undefined;
    this.#assets.delete(print);
    this.#assets.set(print, asset);
    return asset;
  }

  set(source: string, observation: AssetObservation, asset: string): void {
    const print = fingerprint(source, observation);
    this.#drop(print);
    this.#assets.set(print, asset);
    const prints = this.#ofAsset.get(asset) ?? new Set();
    this.#ofAsset.set(asset, prints.add(print));
    const [oldest] = this.#assets.keys();
    if (this.#assets.size > this.#limit && oldest !== undefined) this.#drop(oldest);
  }

  forget(asset: string): void {
    for (const print of this.#ofAsset.get(asset) ?? []) this.#assets.delete(print);
    this.#ofAsset.delete(asset);
  }

  #drop(print: string): void {
    const asset = this.#assets.get(print);
    if (asset === undefined) return;
    this.#assets.delete(print);
    const prints = this.#ofAsset.get(asset);
    prints?.delete(print);
    if (prints?.size === 0) this.#ofAsset.delete(asset);
  }
}

function fingerprint(source: string, observation: AssetObservation): string {
  const { timeUs: _, ...rest } = observation;
  return createHash('sha1').update(source).update('\n').update(JSON.stringify(rest)).digest('base64');
}
