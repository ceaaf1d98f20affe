/** Whether one of a problem's assets is found by a search line of the inventory. Asked often, so kept for a minute. */
import type { Clock, Inventory, Log } from '@undercroft/kernel';

const KEPT_MS = 60_000;
const MAX_KEPT = 20_000;

export class AssetMatcher {
  readonly #inventory: Pick<Inventory, 'search' | 'get'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #kept = new Map<string, { readonly matches: boolean; readonly untilMs: number }>();

  constructor(inventory: Pick<Inventory, 'search' | 'get'>, clock: Clock, log: Log) {
    this.#inventory = inventory;
    this.#clock = clock;
    this.#log = log;
  }

  /** @throws UndercroftError `inventory.query.*` that says what is wrong with the line */
  async check(line: string, tenant: string): Promise<void> {
    await this.#inventory.search(line, { limit: 1, tenant });
  }

  /** @param otherwise the answer while the inventory cannot be asked */
  async matches(line: string, tenant: string, assets: readonly string[], otherwise: boolean): Promise<boolean> {
    const text = `${tenant}\n${line}\n${assets.join()}`;
    const kept = this.#kept.get(text);
    if (kept !== undefined && kept.untilMs > this.#clock.nowMs()) return kept.matches;
    try {
      const matches = await this.#ask(line, tenant, assets);
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
      this.#kept.set(text, { matches, untilMs: this.#clock.nowMs() + KEPT_MS });
      return matches;
    } catch (error) {
      this.#log.warn({ error, line }, 'Could not ask the inventory which assets a line means.');
      return otherwise;
    }
  }

  async #ask(line: string, tenant: string, assets: readonly string[]): Promise<boolean> {
    const ids = new Set<string>();
    for (const asset of assets) {
      const found = await this.#inventory.get(asset);
      if (found?.tenant === tenant) ids.add(found.id);
    }
    if (ids.size === 0) return false;
    // The line comes last: a quote left open in it runs to the end.
    const { items } = await this.#inventory.search(`is:any id:${[...ids].join(',')} ${line}`, { tenant, limit: 1000 });
    return items.some((item) => ids.has(item.id));
  }
}
