/** Which asset an address is: asked of the inventory once a while, whatever the number of flows. */
import type { Clock, Inventory } from '@undercroft/kernel';

const MAX_ADDRESSES = 50_000;
const KNOWN_MS = 60_000;
/** Questions to the inventory at once, and a second: the rest of a flood of addresses stays unnamed until it comes again. */
const MAX_LOOKUPS = 256;

interface Known {
  readonly id: string | null;
  readonly untilMs: number;
}

export class AssetNames {
  readonly #inventory: Pick<Inventory, 'find'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  #lookups = MAX_LOOKUPS;
  #filledMs = 0;

  constructor(inventory: Pick<Inventory, 'find'>, clock: Clock) {
    this.#inventory = inventory;
    this.#clock = clock;
  }

  /** Looks up those that are not known, all at once. */
  async learn(addresses: Iterable<string>, tenant: string): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const unknown = [...new Set(addresses)].filter((address) => !((this.#known.get(address)?.untilMs ?? 0) > nowMs));
    const since = nowMs - this.#filledMs;
    this.#filledMs = nowMs;
    this.#lookups = Math.min(MAX_LOOKUPS, this.#lookups + (since / 1000) * MAX_LOOKUPS);
    const asked = unknown.slice(0, Math.floor(this.#lookups));
    this.#lookups -= asked.length;
    await Promise.all(
      asked.map(async (address) => {
        const asset = await this.#inventory.find('host', { type: 'ip', value: address, strength: 'weak' }, tenant);
        this.#known.delete(address);
        this.#known.set(address, { id: asset?.id ?? null, untilMs: nowMs + KNOWN_MS });
      }),
    );
    for (const address of this.#known.keys()) {
      if (this.#known.size <= MAX_ADDRESSES) break;
      this.#known.delete(address);
    }
  }

  idOf(address: string): string | null {
    return this.#known.get(address)?.id ?? null;
  }
}
