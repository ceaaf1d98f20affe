/** Reads groups: always whole ones, by the id of any member or by keys. */
import type { RelationType } from '@undercroft/kernel';
import type { Kysely, Selectable } from 'kysely';
import type { Group } from '../engine/group.ts';
import type { HistoryNote } from '../engine/ledger.ts';
import type { MergeSpan } from '../engine/replay.ts';
import type { NormalKey } from '../language/keys.ts';
import type { InventoryTables } from './tables.ts';

type Db = Kysely<InventoryTables>;

const CHUNK = 400;

export interface WantedKey {
  readonly tenant: string;
  readonly assetType: string;
  readonly key: Pick<NormalKey, 'type' | 'value'>;
}

/** Roots of the assets that own any of these keys now. */
export async function rootsByKeys(db: Db, wanted: readonly WantedKey[]): Promise<Set<string>> {
  const kinds = new Map<string, { tenant: string; assetType: string; type: string; values: Set<string> }>();
  for (const { tenant, assetType, key } of wanted) {
    const text = `${tenant}\n${assetType}\n${key.type}`;
    const kind = kinds.get(text) ?? { tenant, assetType, type: key.type, values: new Set() };
    kind.values.add(key.value);
    kinds.set(text, kind);
  }
  const roots = new Set<string>();
  for (const kind of kinds.values()) {
    for (const values of chunks([...kind.values])) {
      const rows = await db
        .selectFrom('inventory_keys')
        .select('root')
        .where('tenant', '=', kind.tenant)
        .where('asset_type', '=', kind.assetType)
        .where('type', '=', kind.type)
        .where('value', 'in', values)
        .where('to_us', 'is', null)
        .execute();
      for (const row of rows) roots.add(row.root);
    }
  }
  return roots;
}

/** @returns the root of each id that exists */
export async function rootsOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const roots = new Map<string, string>();
  for (const part of chunks(ids)) {
    const rows = await db.selectFrom('inventory_assets').select(['id', 'root']).where('id', 'in', part).execute();
    for (const row of rows) roots.set(row.id, row.root);
  }
  return roots;
}

/** @param roots in the order wanted @returns in that order; unknown ones are left out */
export async function loadGroups(
  db: Db,
  roots: readonly string[],
  options: { readonly relations?: boolean } = {},
): Promise<Group[]> {
  const groups = new Map<string, Group>();
  for (const part of chunks(roots)) await loadChunk(db, part, groups, options.relations ?? true);
  return roots.flatMap((root) => groups.get(root) ?? []);
}

async function loadChunk(
  db: Db,
  roots: readonly string[],
  groups: Map<string, Group>,
  relations: boolean,
): Promise<void> {
  const assets = await db.selectFrom('inventory_assets').selectAll().where('root', 'in', roots).execute();
  const owner = new Map<string, Group>();
  for (const row of assets) {
    const group = groups.get(row.root) ?? emptyGroup(row);
    groups.set(row.root, group);
    owner.set(row.id, group);
    group.members.set(row.id, {
      id: row.id,
      firstSeenUs: row.first_seen_us,
      lastSeenUs: row.last_seen_us,
      present: row.present === 1,
      presentUs: row.present_us,
      sources: new Map(),
    });
  }
  for (const ids of chunks([...owner.keys()])) {
    const rows = await db
      .selectFrom('inventory_sources')
      .selectAll()
      .where('tenant', 'in', tenantsOf(assets))
      .where('asset', 'in', ids)
      .execute();
    for (const row of rows) owner.get(row.asset)?.members.get(row.asset)?.sources.set(row.source, row.first_us);
  }
  const keys = await db
    .selectFrom('inventory_keys')
    .selectAll()
    .where('root', 'in', roots)
    .where('to_us', 'is', null)
    .execute();
  for (const row of keys) groups.get(row.root)?.keys.push(keyOf(row));
  const attributes = await db.selectFrom('inventory_attributes').selectAll().where('root', 'in', roots).execute();
  for (const row of attributes) {
    groups.get(row.root)?.attributes.push({
      asset: row.asset,
      name: row.name,
      source: row.source,
      value: JSON.parse(row.value),
      strong: row.strong === 1,
      changedUs: row.changed_us,
      winner: row.winner === 1,
    });
  }
  if (!relations) return;
  const outgoing = await db
    .selectFrom('inventory_relations')
    .selectAll()
    .where('from_root', 'in', roots)
    .where('ended_us', 'is', null)
    .execute();
  for (const row of outgoing) {
    groups.get(row.from_root)?.relations.push({
      fromId: row.from_id,
      type: row.type as RelationType,
      toId: row.to_id,
      toRoot: row.to_root,
      source: row.source,
      firstSeenUs: row.first_seen_us,
      lastSeenUs: row.last_seen_us,
      endedUs: row.ended_us,
    });
  }
}

export async function loadMerges(db: Db, ids: readonly string[]): Promise<MergeSpan[]> {
  const known = new Map<string, MergeSpan>();
  let wanted = [...ids];
  while (wanted.length > 0) {
    const rows = await db
      .selectFrom('inventory_merges')
      .selectAll()
      .where((where) => where.or([where('root', 'in', wanted), where('merged', 'in', wanted)]))
      .execute();
    const fresh = rows.filter((row) => !known.has(`${row.root}\n${row.merged}\n${row.time_us}`));
    for (const row of fresh) {
      const span = { root: row.root, merged: row.merged, timeUs: row.time_us, undoneUs: row.undone_us };
      known.set(`${row.root}\n${row.merged}\n${row.time_us}`, span);
    }
    wanted = [...new Set(fresh.flatMap((row) => [row.root, row.merged]))];
  }
  return [...known.values()];
}

/** Oldest first. */
export async function loadHistory(
  db: Db,
  assets: readonly string[],
  range: { readonly fromUs?: number; readonly toUs?: number } = {},
): Promise<HistoryNote[]> {
  let query = db.selectFrom('inventory_history').selectAll().where('asset', 'in', assets);
  if (range.fromUs !== undefined) query = query.where('time_us', '>=', range.fromUs);
  if (range.toUs !== undefined) query = query.where('time_us', '<=', range.toUs);
  const rows = await query.orderBy('time_us').orderBy('seq').execute();
  return rows.map((row) => ({
    tenant: row.tenant,
    asset: row.asset,
    timeUs: row.time_us,
    source: row.source,
    field: row.field,
    before: JSON.parse(row.before),
    after: JSON.parse(row.after),
    strong: row.strong === 1,
  }));
}

function emptyGroup(row: Selectable<InventoryTables['inventory_assets']>): Group {
  return {
    tenant: row.tenant,
    type: row.type,
    root: row.root,
    members: new Map(),
    keys: [],
    attributes: [],
    relations: [],
  };
}

export function keyOf(row: Selectable<InventoryTables['inventory_keys']>) {
  return {
    asset: row.asset,
    type: row.type,
    value: row.value,
    site: row.site,
    strength: row.strength,
    source: row.source,
    fromUs: row.from_us,
    toUs: row.to_us,
  };
}

function tenantsOf(rows: readonly { readonly tenant: string }[]): string[] {
  return [...new Set(rows.map((row) => row.tenant))];
}

export function* chunks<T>(items: readonly T[], size = CHUNK): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
