import type { JsonObject, JsonValue, Page, PageRequest } from './values.ts';

/**
 * A key that names an asset. Strong keys (machine id, cloud id, serial) name one asset for good; weak ones
 * (address, hostname) only help to find it and never merge two that a strong key tells apart.
 */
export interface AssetKey {
  readonly type: string;
  readonly value: string;
  readonly strength: 'strong' | 'weak';
  /** Where a private address means this asset; the tenant's default site if absent. */
  readonly site?: string;
}

export const RELATION_TYPES = [
  'runs-on',
  'attached-to',
  'exposes',
  'member-of',
  'talks-to',
  'uses-secret',
  'owned-by',
  'monitors',
] as const;
export type RelationType = (typeof RELATION_TYPES)[number];

/** What a source saw of one asset. Attributes are merged by name; `null` removes one. */
export interface AssetObservation {
  readonly type: string;
  readonly name?: string;
  readonly tenant?: string;
  readonly keys: readonly AssetKey[];
  readonly attributes?: JsonObject;
  readonly timeUs?: number;
  /** Relations from this asset to others, named by one of their keys. */
  readonly relations?: readonly {
    readonly type: RelationType;
    readonly target: { readonly type: string; readonly key: AssetKey };
  }[];
  /** False says the asset has gone (a closed port): it is kept with its history. */
  readonly present?: boolean;
}

export interface Asset {
  readonly id: string;
  readonly tenant: string;
  readonly type: string;
  readonly name: string;
  readonly attributes: JsonObject;
  readonly keys: readonly AssetKey[];
  /** Modules that have seen it. */
  readonly sources: readonly string[];
  readonly firstSeenUs: number;
  readonly lastSeenUs: number;
  readonly present: boolean;
}

export interface AssetChange {
  readonly timeUs: number;
  readonly source: string;
  readonly field: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

export interface AssetRelation {
  readonly type: RelationType;
  readonly fromId: string;
  readonly toId: string;
  readonly firstSeenUs: number;
  readonly lastSeenUs: number;
}

export interface Inventory {
  /** @returns the ids, in the order of the observations */
  observe(source: string, observations: readonly AssetObservation[]): Promise<readonly string[]>;
  get(id: string): Promise<Asset | undefined>;
  /** The asset that a key names now. */
  find(type: string, key: AssetKey, tenant?: string): Promise<Asset | undefined>;
  /** `query` is the line a person types: `type:host port:22 seen:<1h words`. */
  search(query: string, page?: PageRequest & { readonly tenant?: string }): Promise<Page<Asset>>;
  relations(id: string): Promise<readonly AssetRelation[]>;
  history(id: string, range?: { readonly fromUs?: number; readonly toUs?: number }): Promise<readonly AssetChange[]>;
  /** What it looked like at that time. */
  asOf(id: string, timeUs: number): Promise<Asset | undefined>;
  /** Undo a merge that the history names. */
  split(id: string, mergedId: string): Promise<void>;
}
