/** Which assets talk to which, for the inventory: pairs are gathered and told once an hour. */
import type { AssetObservation, Inventory } from '@undercroft/kernel';
import type { FlowRow } from '../archive/rows.ts';
import type { AssetNames } from './asset-names.ts';

/** Of an hour; further ones come with the next. */
const MAX_PAIRS = 2_000;
const SOURCE = 'flow';

export class TalksTo {
  readonly #names: Pick<AssetNames, 'idOf'>;
  readonly #pairs = new Map<string, readonly [source: string, destination: string]>();

  constructor(names: Pick<AssetNames, 'idOf'>) {
    this.#names = names;
  }

  /** Only conversations in which both spoke. */
  see({ source, destination, packetsIn, packetsOut }: FlowRow): void {
    if (packetsIn === 0 || packetsOut === 0 || this.#pairs.size >= MAX_PAIRS) return;
    const from = this.#names.idOf(source);
    const to = this.#names.idOf(destination);
    if (from === null || to === null || from === to) return;
    const key = `${from} ${to}`;
    if (!this.#pairs.has(key)) this.#pairs.set(key, [source, destination]);
  }

  /** Tells what was seen since the last time. */
  async tell(inventory: Pick<Inventory, 'observe'>, timeUs: number): Promise<void> {
    const bySource = new Map<string, string[]>();
    for (const [source, destination] of this.#pairs.values()) {
      const destinations = bySource.get(source);
      if (destinations === undefined) bySource.set(source, [destination]);
      else destinations.push(destination);
    }
    this.#pairs.clear();
    if (bySource.size === 0) return;
    const address = (value: string) => ({ type: 'ip', value, strength: 'weak' }) as const;
    const observations = [...bySource].map(
      ([source, destinations]): AssetObservation => ({
        type: 'host',
        keys: [address(source)],
        timeUs,
        relations: destinations.map((value) => ({
          type: 'talks-to',
          target: { type: 'host', key: address(value) },
        })),
      }),
    );
    await inventory.observe(SOURCE, observations);
  }
}
