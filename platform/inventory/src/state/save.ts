/** Writes what a ledger noted, inside one unit of work. */
import type { Insertable, Kysely } from 'kysely';
import {
  type AttributeRow,
  type Group,
  groupName,
  groupSources,
  type KeyRow,
  type Member,
  type RelationRow,
  rootMember,
  searchText,
  winners,
} from '../engine/group.ts';
import type { HistoryNote, Ledger } from '../engine/ledger.ts';
import { canonicalJson, matchNumber, matchText } from '../language/values.ts';
import { chunks } from './load.ts';
import type { InventoryTables } from './tables.ts';

type Tx = Kysely<InventoryTables>;

const ROWS_PER_INSERT = 200;

/** @param nextSeq gives the number of the next history row */
export async function saveLedger(tx: Tx, ledger: Ledger, nextSeq: () => number): Promise<void> {
  const { notes } = ledger;
  const groupOf = new Map<string, Group>();
  for (const group of ledger.groups) for (const id of group.members.keys()) groupOf.set(id, group);
  const groupOfAsset = (id: string): Group => groupOf.get(id) as Group;

  for (const group of notes.groups.keys()) markWinners(group, notes.attributes);
  await insert(
    tx,
    'inventory_assets',
    [...notes.newMembers].map((member) => assetRow(groupOfAsset(member.id), member)),
  );
  await insert(
    tx,
    'inventory_sources',
    notes.sources.map(({ tenant, asset, source, firstUs }) => ({ tenant, asset, source, first_us: firstUs })),
  );
  for (const group of notes.groups.keys()) {
    if (!notes.newMembers.has(rootMember(group)) || group.members.size > 1) await updateRoot(tx, group);
  }
  for (const key of notes.closedKeys) {
    if (!notes.newKeys.has(key)) await closeKey(tx, groupOfAsset(key.asset), key);
  }
  await insertKeys(
    tx,
    [...notes.newKeys].map((key) => keyRow(groupOfAsset(key.asset), key)),
  );
  await insertAttributes(
    tx,
    [...notes.attributes].map((row) => attributeRow(groupOfAsset(row.asset), row)),
  );
  await insertRelations(
    tx,
    [...notes.newRelations].map((row) => relationRow(groupOfAsset(row.fromId), groupOfAsset(row.toId), row)),
  );
  for (const row of notes.endedRelations) {
    if (notes.newRelations.has(row)) continue;
    await tx
      .updateTable('inventory_relations')
      .set({ ended_us: row.endedUs })
      .where('tenant', '=', groupOfAsset(row.fromId).tenant)
      .where('from_id', '=', row.fromId)
      .where('type', '=', row.type)
      .where('to_id', '=', row.toId)
      .where('source', '=', row.source)
      .where('ended_us', 'is', null)
      .execute();
  }
  await insertHistory(tx, notes.history, nextSeq);
  for (const merge of notes.merges) {
    await tx
      .insertInto('inventory_merges')
      .values({
        tenant: merge.tenant,
        root: merge.root,
        merged: merge.merged,
        time_us: merge.timeUs,
        source: merge.source,
        reason: merge.reason,
        undone_us: null,
      })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'root', 'merged', 'time_us']).doUpdateSet({ undone_us: null }),
      )
      .execute();
    await moveRoots(tx, merge.merged, merge.root);
  }
}

/** What counts of a group, written on its root. */
export async function updateRoot(tx: Tx, group: Group): Promise<void> {
  const { name, sources, search_text } = derived(group);
  const root = rootMember(group);
  await tx
    .updateTable('inventory_assets')
    .set({
      name,
      sources,
      search_text,
      present: root.present ? 1 : 0,
      present_us: root.presentUs,
      last_seen_us: root.lastSeenUs,
      live: 1,
    })
    .where('tenant', '=', group.tenant)
    .where('id', '=', group.root)
    .execute();
}

/** Sets the winner flags of a group. @param changed takes the rows whose flag is another now */
export function markWinners(group: Group, changed: Set<AttributeRow>): void {
  const best = new Set(winners(group.attributes).values());
  for (const row of group.attributes) {
    if (row.winner === best.has(row)) continue;
    row.winner = best.has(row);
    changed.add(row);
  }
}

export async function insertAttributes(
  tx: Tx,
  rows: readonly Insertable<InventoryTables['inventory_attributes']>[],
): Promise<void> {
  for (const part of chunks(rows, ROWS_PER_INSERT)) {
    await tx
      .insertInto('inventory_attributes')
      .values([...part])
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'asset', 'name', 'source']).doUpdateSet((set) => ({
          root: set.ref('excluded.root'),
          value: set.ref('excluded.value'),
          strong: set.ref('excluded.strong'),
          changed_us: set.ref('excluded.changed_us'),
          winner: set.ref('excluded.winner'),
          match_text: set.ref('excluded.match_text'),
          match_number: set.ref('excluded.match_number'),
        })),
      )
      .execute();
  }
}

export function attributeRow(group: Group, row: AttributeRow): Insertable<InventoryTables['inventory_attributes']> {
  return {
    tenant: group.tenant,
    asset: row.asset,
    root: group.root,
    name: row.name,
    source: row.source,
    value: canonicalJson(row.value),
    strong: row.strong ? 1 : 0,
    changed_us: row.changedUs,
    winner: row.winner ? 1 : 0,
    match_text: matchText(row.value),
    match_number: matchNumber(row.value),
  };
}

export async function insertHistory(tx: Tx, notes: readonly HistoryNote[], nextSeq: () => number): Promise<void> {
  await insert(
    tx,
    'inventory_history',
    notes.map((note) => ({
      tenant: note.tenant,
      asset: note.asset,
      seq: nextSeq(),
      time_us: note.timeUs,
      source: note.source,
      field: note.field,
      before: canonicalJson(note.before),
      after: canonicalJson(note.after),
      strong: note.strong ? 1 : 0,
    })),
  );
}

async function moveRoots(tx: Tx, from: string, to: string): Promise<void> {
  await tx.updateTable('inventory_assets').set({ root: to, live: 0 }).where('root', '=', from).execute();
  await tx.updateTable('inventory_keys').set({ root: to }).where('root', '=', from).execute();
  await tx.updateTable('inventory_attributes').set({ root: to }).where('root', '=', from).execute();
  await tx.updateTable('inventory_relations').set({ from_root: to }).where('from_root', '=', from).execute();
  await tx.updateTable('inventory_relations').set({ to_root: to }).where('to_root', '=', from).execute();
}

function assetRow(group: Group, member: Member): Insertable<InventoryTables['inventory_assets']> {
  const isRoot = member.id === group.root;
  const { name, sources, search_text } = isRoot ? derived(group) : { name: '', sources: '', search_text: '' };
  return {
    tenant: group.tenant,
    id: member.id,
    root: group.root,
    type: group.type,
    name,
    sources,
    search_text,
    first_seen_us: member.firstSeenUs,
    last_seen_us: member.lastSeenUs,
    present: member.present ? 1 : 0,
    present_us: member.presentUs,
    live: isRoot ? 1 : 0,
  };
}

function derived(group: Group): { name: string; sources: string; search_text: string } {
  const best = winners(group.attributes);
  const name = groupName(group.keys, best);
  return { name, sources: `,${groupSources(group).join(',')},`, search_text: searchText(name, group.keys, best) };
}

function keyRow(group: Group, key: KeyRow): Insertable<InventoryTables['inventory_keys']> {
  return {
    tenant: group.tenant,
    asset_type: group.type,
    type: key.type,
    value: key.value,
    site: key.site,
    asset: key.asset,
    root: group.root,
    strength: key.strength,
    source: key.source,
    from_us: key.fromUs,
    to_us: key.toUs,
  };
}

async function closeKey(tx: Tx, group: Group, key: KeyRow): Promise<void> {
  await tx
    .updateTable('inventory_keys')
    .set({ to_us: key.toUs })
    .where('tenant', '=', group.tenant)
    .where('asset_type', '=', group.type)
    .where('type', '=', key.type)
    .where('value', '=', key.value)
    .where('site', '=', key.site)
    .where('asset', '=', key.asset)
    .where('from_us', '=', key.fromUs)
    .execute();
}

/** A key that left and came back within one microsecond is open again. */
async function insertKeys(tx: Tx, rows: readonly Insertable<InventoryTables['inventory_keys']>[]): Promise<void> {
  const last = new Map(rows.map((row) => [[row.type, row.value, row.site, row.asset, row.from_us].join('\n'), row]));
  for (const part of chunks([...last.values()], ROWS_PER_INSERT)) {
    await tx
      .insertInto('inventory_keys')
      .values([...part])
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'asset_type', 'type', 'value', 'site', 'asset', 'from_us']).doUpdateSet((set) => ({
          to_us: set.ref('excluded.to_us'),
          root: set.ref('excluded.root'),
          strength: set.ref('excluded.strength'),
          source: set.ref('excluded.source'),
        })),
      )
      .execute();
  }
}

function relationRow(from: Group, to: Group, row: RelationRow): Insertable<InventoryTables['inventory_relations']> {
  return {
    tenant: from.tenant,
    from_id: row.fromId,
    from_root: from.root,
    type: row.type,
    to_id: row.toId,
    to_root: to.root,
    source: row.source,
    first_seen_us: row.firstSeenUs,
    last_seen_us: row.lastSeenUs,
    ended_us: row.endedUs,
  };
}

async function insertRelations(
  tx: Tx,
  rows: readonly Insertable<InventoryTables['inventory_relations']>[],
): Promise<void> {
  const last = new Map(
    rows.map((row) => [[row.from_id, row.type, row.to_id, row.source, row.first_seen_us].join('\n'), row]),
  );
  for (const part of chunks([...last.values()], ROWS_PER_INSERT)) {
    await tx
      .insertInto('inventory_relations')
      .values([...part])
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'from_id', 'type', 'to_id', 'source', 'first_seen_us']).doUpdateSet((set) => ({
          ended_us: set.ref('excluded.ended_us'),
          last_seen_us: set.ref('excluded.last_seen_us'),
        })),
      )
      .execute();
  }
}

async function insert<T extends keyof InventoryTables & string>(
  tx: Tx,
  table: T,
  rows: readonly Insertable<InventoryTables[T]>[],
): Promise<void> {
  for (const part of chunks(rows, ROWS_PER_INSERT))
    await tx
      .insertInto(table)
      .values([...part] as never)
      .execute();
}
