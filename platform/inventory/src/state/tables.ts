/**
 * The tables. Every row keeps the id of the asset it was observed for (`asset`, `from_id`, `to_id`); the `root` columns
 * say under which asset it counts now. A merge sets roots, a split sets them back: nothing is copied or lost.
 */
export interface InventoryTables {
  inventory_assets: {
    tenant: string;
    id: string;
    /** The asset it was merged into, always one that is itself not merged. */
    root: string;
    type: string;
    /** Of the whole group; only kept on its root. */
    name: string;
    /** `,metrics,scan,`: sorted, of the whole group; only kept on its root. */
    sources: string;
    /** Lower case: name, keys and texts of attributes, for words; only kept on its root. */
    search_text: string;
    first_seen_us: number;
    last_seen_us: number;
    present: number;
    /** When its presence was last said to have changed. */
    present_us: number;
    /** 1 while it is a root. */
    live: number;
  };
  inventory_sources: { tenant: string; asset: string; source: string; first_us: number };
  inventory_keys: {
    tenant: string;
    asset_type: string;
    type: string;
    value: string;
    /** Empty for strong keys, which mean the same everywhere. */
    site: string;
    asset: string;
    root: string;
    strength: 'strong' | 'weak';
    source: string;
    from_us: number;
    to_us: number | null;
  };
  inventory_attributes: {
    tenant: string;
    asset: string;
    root: string;
    name: string;
    source: string;
    /** JSON; `null` says that the source took it back. */
    value: string;
    /** 1 if the source named the asset by a strong key: it then knows better than one that did not. */
    strong: number;
    changed_us: number;
    /** 1 on the value that counts among those of all sources. */
    winner: number;
    /** Lower-case text to search in; the elements of a list each on a line. */
    match_text: string;
    match_number: number | null;
  };
  inventory_relations: {
    tenant: string;
    from_id: string;
    from_root: string;
    type: string;
    to_id: string;
    to_root: string;
    source: string;
    first_seen_us: number;
    last_seen_us: number;
    ended_us: number | null;
  };
  inventory_history: {
    tenant: string;
    asset: string;
    /** Rises with every row ever written. */
    seq: number;
    time_us: number;
    source: string;
    field: string;
    before: string;
    after: string;
    strong: number;
  };
  inventory_merges: {
    tenant: string;
    /** The asset that stayed. */
    root: string;
    merged: string;
    time_us: number;
    source: string;
    /** The key that tied them together: `machine-id 4c4c…`. */
    reason: string;
    undone_us: number | null;
  };
}
