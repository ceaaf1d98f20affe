/** Which asset a host is: asked of the inventory, and remembered. */
import type { Inventory } from '@undercroft/kernel';

const RETRY_S = 2;
/** After so long without an answer a host is named by its name. */
const GIVE_UP_S = 20;
const REFRESH_S = 600;

interface Known {
  asset: string | undefined;
  askedS: number;
  readonly firstS: number;
  asking: boolean;
}

export class HostAssets {
  readonly #inventory: Inventory;
  readonly #hosts = new Map<string, Known>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /** @returns undefined while it may still be found */
  assetOf(host: string, nowS: number): string | undefined {
    let known = this.#hosts.get(host);
    if (known === undefined) {
      known = { asset: undefined, askedS: Number.NEGATIVE_INFINITY, firstS: nowS, asking: false };
      this.#hosts.set(host, known);
    }
    const everyS = known.asset === undefined ? RETRY_S : REFRESH_S;
    if (!known.asking && nowS - known.askedS >= everyS) void this.#ask(host, known, nowS);
    if (known.asset !== undefined) return known.asset;
    return nowS - known.firstS >= GIVE_UP_S ? `host:${host}` : undefined;
  }

  async #ask(host: string, known: Known, nowS: number): Promise<void> {
    known.asking = true;
    known.askedS = nowS;
    try {
      const asset = await this.#inventory.find('host', { type: 'hostname', value: host, strength: 'weak' });
      if (asset !== undefined) known.asset = asset.id;
    } catch {
      // It may still be starting; the next try is due in RETRY_S.
    } finally {
      known.asking = false;
    }
  }
}
