/** The inventory service: observations in, assets out. One per installation; it owns the tables. */

import { decodeCursor, encodeCursor, MAX_PAGE_LIMIT, parseSort, toPage } from '@undercroft/http';
import {
  type Asset,
  type AssetChange,
  type AssetKey,
  type AssetObservation,
  type AssetRelation,
  badRequest,
  type Clock,
  type ControlStore,
  conflict,
  DEFAULT_TENANT,
  type Inventory,
  notFound,
  type Page,
  type PageRequest,
  type RelationType,
  ulidSource,
} from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { type AttributeRow, assetOf, attributesOf, type Group, groupName, winners } from './engine/group.ts';
import { Ledger, observationKeys } from './engine/ledger.ts';
import { groupAt, membersOf, replay } from './engine/replay.ts';
import { normalKey } from './language/keys.ts';
import { type AssetQuery, parseAssetQuery } from './language/query.ts';
import type { Announcer } from './publish.ts';

import { KnownObservations } from './state/known-observations.ts';
import { keyOf, loadGroups, loadHistory, loadMerges, rootsByKeys, rootsOf, type WantedKey } from './state/load.ts';
import { attributeRow, insertAttributes, insertHistory, markWinners, saveLedger, updateRoot } from './state/save.ts';
import { countKinds, type SearchSettings, SORT_COLUMNS, type SortField, searchIds } from './state/search.ts';
import { SeenTimes } from './state/seen-times.ts';
import type { InventoryTables } from './state/tables.ts';

export type { Announcer };

export const MAX_OBSERVATIONS = 10_000;
const DEFAULT_LIMIT = 100;
const SORT_FIELDS = Object.keys(SORT_COLUMNS) as SortField[];
/** As the API writes them. */
export const ASSET_SORTS = SORT_FIELDS.map((field) => field.replace(/Us$/, 'At'));

export interface InventoryOptions {
  readonly control: ControlStore;
  readonly clock: Clock;
  /** Age in microseconds after which an asset is silent, by type; `*` is every other type. */
  readonly silentAfterUs: Readonly<Record<string, number>>;
  readonly announce: Announcer;
  /** Repeated observations that are known without looking in the store. */
  readonly knownObservations: number;
}

export interface Facets {
  readonly total: number;
  readonly types: readonly { readonly value: string; readonly count: number }[];
  readonly sources: readonly { readonly value: string; readonly count: number }[];
}

export class InventoryService implements Inventory {
  readonly #options: InventoryOptions;
  readonly #known: KnownObservations;
  readonly #seen = new SeenTimes();
  /** Pairs of assets that a person has told apart: `<id>\n<id>`. */
  readonly #apart = new Set<string>();
  readonly #newId = ulidSource();
  #lastSeq = 0;
  /** The units of work of this service follow one another: each decides on what the one before has written. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: InventoryOptions) {
    this.#options = options;
    this.#known = new KnownObservations(options.knownObservations);
  }

  static async open(options: InventoryOptions): Promise<InventoryService> {
    const service = new InventoryService(options);
    const db = options.control.db<InventoryTables>();
    const last = await db
      .selectFrom('inventory_history')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .executeTakeFirst();
    service.#lastSeq = Number(last?.seq ?? 0);
    const undone = await db
      .selectFrom('inventory_merges')
      .select(['root', 'merged'])
      .where('undone_us', 'is not', null)
      .execute();
    for (const pair of undone) service.#tellApart(pair.root, pair.merged);
    return service;
  }

  /**
   * @returns the ids, in the order of the observations
   * @throws UndercroftError `inventory.observation` when one names no key or is too large: then nothing is written
   */
  async observe(source: string, observations: readonly AssetObservation[]): Promise<readonly string[]> {
    if (observations.length > MAX_OBSERVATIONS) {
      throw badRequest(
        'inventory.observations',
        `${observations.length} observations came at once.`,
        `Send at most ${MAX_OBSERVATIONS} at a time.`,
      );
    }
    const ids: (string | undefined)[] = observations.map((observation) => this.#recognise(source, observation));
    const fresh = observations.filter((_, index) => ids[index] === undefined);
    if (fresh.length > 0) {
      const recorded = await this.#inTurn(() => this.#record(source, fresh));
      let next = 0;
      for (const [index, id] of ids.entries()) if (id === undefined) ids[index] = recorded[next++];
    }
    return ids as string[];
  }

  async get(id: string): Promise<Asset | undefined> {
    const root = (await rootsOf(this.#db, [id])).get(id);
    if (root === undefined) return undefined;
    const [group] = await loadGroups(this.#db, [root], { relations: false });
    return group && this.#assetOf(group);
  }

  /** The assets that exist among these ids, merged ones as what they are part of now. */
  async getMany(ids: readonly string[]): Promise<Map<string, Asset>> {
    const roots = await rootsOf(this.#db, [...new Set(ids)]);
    const groups = await loadGroups(this.#db, [...new Set(roots.values())], { relations: false });
    const assets = new Map(groups.map((group) => [group.root, this.#assetOf(group)]));
    return new Map([...roots].flatMap(([id, root]) => (assets.has(root) ? [[id, assets.get(root) as Asset]] : [])));
  }

  async find(type: string, key: AssetKey, tenant = DEFAULT_TENANT): Promise<Asset | undefined> {
    const normal = normalKey(key);
    if (normal === undefined) return undefined;
    const rows = await this.#db
      .selectFrom('inventory_keys')
      .select(['root', 'strength', 'site'])
      .where('tenant', '=', tenant)
      .where('asset_type', '=', type)
      .where('type', '=', normal.type)
      .where('value', '=', normal.value)
      .where('to_us', 'is', null)
      .execute();
    const row =
      rows.find((candidate) => candidate.strength === 'strong') ??
      rows.find((candidate) => candidate.site === normal.site || normal.strength === 'strong');
    return row && this.get(row.root);
  }

  /**
   * @param line see `language/query.ts`. What is gone is left out unless the line asks for it (`is:gone`, `is:any`)
   * @throws UndercroftError `inventory.query.*`, `http.sort`, `http.cursor` (400)
   */
  async search(line: string, page: PageRequest & { readonly tenant?: string } = {}): Promise<Page<Asset>> {
    const query = parseAssetQuery(line);
    const settings = this.#settings(query, page.tenant);
    const sort = parseSort(page.sort?.replace(/At$/, 'Us'), SORT_FIELDS, 'name');
    const scope = `${line}\n${sort.field}\n${sort.descending}`;
    const numeric = sort.field.endsWith('Us');
    const after = decodeCursor(page.cursor, [numeric ? 'number' : 'string', 'string'], scope) as
      | readonly [string | number, string]
      | undefined;
    const limit = Math.min(Math.max(page.limit ?? DEFAULT_LIMIT, 1), MAX_PAGE_LIMIT);
    const { rows, total } = await searchIds(this.#db, query, settings, {
      limit,
      sort: sort.field,
      descending: sort.descending,
      ...(after === undefined ? {} : { after }),
    });
    const found = toPage(rows, limit, (last) => encodeCursor([last.value, last.id], scope));
    const groups = await loadGroups(
      this.#db,
      found.items.map((row) => row.id),
      { relations: false },
    );
    return {
      items: groups.map((group) => this.#assetOf(group)),
      ...(found.next === undefined ? {} : { next: found.next }),
      ...(total === undefined ? {} : { total }),
    };
  }

  async facets(line: string, tenant?: string): Promise<Facets> {
    const query = parseAssetQuery(line);
    const rows = await countKinds(this.#db, query, this.#settings(query, tenant));
    const types = new Map<string, number>();
    const sources = new Map<string, number>();
    for (const row of rows) {
      types.set(row.type, (types.get(row.type) ?? 0) + row.count);
      for (const source of row.sources.split(',').filter((name) => name !== '')) {
        sources.set(source, (sources.get(source) ?? 0) + row.count);
      }
    }
    return {
      total: rows.reduce((sum, row) => sum + row.count, 0),
      types: mostFirst(types),
      sources: mostFirst(sources),
    };
  }

  /** Both directions, ended ones left out. */
  async relations(id: string): Promise<readonly AssetRelation[]> {
    const root = (await rootsOf(this.#db, [id])).get(id);
    if (root === undefined) return [];
    const rows = await this.#db
      .selectFrom('inventory_relations')
      .select(['from_root', 'to_root', 'type', 'first_seen_us', 'last_seen_us'])
      .where((where) => where.or([where('from_root', '=', root), where('to_root', '=', root)]))
      .where('ended_us', 'is', null)
      .orderBy('first_seen_us')
      .execute();
    const merged = new Map<string, AssetRelation>();
    for (const row of rows) {
      if (row.from_root === row.to_root) continue;
      const text = `${row.from_root}\n${row.type}\n${row.to_root}`;
      const other = merged.get(text);
      merged.set(text, {
        type: row.type as RelationType,
        fromId: row.from_root,
        toId: row.to_root,
        firstSeenUs: Math.min(row.first_seen_us, other?.firstSeenUs ?? row.first_seen_us),
        lastSeenUs: Math.max(row.last_seen_us, other?.lastSeenUs ?? 0, this.#seen.relationsOf(row.from_root)),
      });
    }
    return [...merged.values()];
  }

  /** Of the asset and of all that is merged into it, oldest first. */
  async history(
    id: string,
    range: { readonly fromUs?: number; readonly toUs?: number } = {},
  ): Promise<readonly AssetChange[]> {
    const root = (await rootsOf(this.#db, [id])).get(id);
    if (root === undefined) return [];
    const members = await this.#db.selectFrom('inventory_assets').select('id').where('root', '=', root).execute();
    const notes = await loadHistory(
      this.#db,
      members.map((row) => row.id),
      range,
    );
    return notes.map(({ timeUs, source, field, before, after }) => ({ timeUs, source, field, before, after }));
  }

  /** `lastSeenUs` is at most the time asked for: when it was seen in between is not kept. */
  async asOf(id: string, timeUs: number): Promise<Asset | undefined> {
    const merges = await loadMerges(this.#db, [id]);
    const { root, members } = groupAt(id, merges, timeUs);
    const assets = await this.#db.selectFrom('inventory_assets').selectAll().where('id', 'in', members).execute();
    const rootRow = assets.find((row) => row.id === root);
    const born = assets.filter((row) => row.first_seen_us <= timeUs);
    if (rootRow === undefined || born.length === 0) return undefined;
    const history = await loadHistory(this.#db, members, { toUs: timeUs });
    const { attributes, present } = replay(root, history);
    const best = winners(attributes);
    const keyRows = await this.#db
      .selectFrom('inventory_keys')
      .selectAll()
      .where('asset', 'in', members)
      .where('from_us', '<=', timeUs)
      .where((where) => where.or([where('to_us', 'is', null), where('to_us', '>', timeUs)]))
      .execute();
    const keys = keyRows.map(keyOf);
    const sources = await this.#db
      .selectFrom('inventory_sources')
      .select('source')
      .distinct()
      .where('tenant', '=', rootRow.tenant)
      .where('asset', 'in', members)
      .where('first_us', '<=', timeUs)
      .orderBy('source')
      .execute();
    return {
      id: root,
      tenant: rootRow.tenant,
      type: rootRow.type,
      name: groupName(keys, best),
      attributes: attributesOf(best),
      keys: keys.map(({ type, value, strength, site }) => ({
        type,
        value,
        strength,
        ...(site === '' ? {} : { site }),
      })),
      sources: sources.map((row) => row.source),
      firstSeenUs: Math.min(...born.map((row) => row.first_seen_us)),
      lastSeenUs: Math.min(timeUs, Math.max(this.#seen.of(root), ...born.map((row) => row.last_seen_us))),
      present,
    };
  }

  /**
   * Parts what was merged: each has again what was observed of it; what was observed since stays with `id`. The two
   * are not merged again by later observations.
   *
   * @throws UndercroftError `not-found`, `inventory.not-merged`
   */
  split(id: string, mergedId: string, by = 'inventory'): Promise<void> {
    return this.#inTurn(() => this.#split(id, mergedId, by));
  }

  /** Writes the times at which assets were seen since the last call. */
  async flushSeen(): Promise<void> {
    if (this.#seen.size === 0) return;
    const times = this.#seen.take();
    try {
      await this.#options.control.write<void, InventoryTables>((tx) => this.#seen.write(tx, times));
      this.#seen.done(times);
    } catch (error) {
      this.#seen.putBack(times);
      throw error;
    }
  }

  isSilent(asset: Asset): boolean {
    const afterUs = this.#options.silentAfterUs[asset.type] ?? this.#options.silentAfterUs['*'];
    return asset.present && afterUs !== undefined && asset.lastSeenUs < this.#options.clock.nowUs() - afterUs;
  }

  get #db(): Kysely<InventoryTables> {
    return this.#options.control.db<InventoryTables>();
  }

  /** The id, if this very observation was the last word of its source and nothing has changed since. */
  #recognise(source: string, observation: AssetObservation): string | undefined {
    const id = this.#known.get(source, observation);
    if (id !== undefined && observation.present !== false) this.#sight(id, observation);
    return id;
  }

  #sight(id: string, observation: AssetObservation): void {
    const nowUs = this.#options.clock.nowUs();
    this.#seen.add(id, Math.min(observation.timeUs ?? nowUs, nowUs), (observation.relations?.length ?? 0) > 0);
  }

  async #record(source: string, observations: readonly AssetObservation[]): Promise<string[]> {
    const { clock, control, announce } = this.#options;
    const groups = await loadGroups(this.#db, [...(await rootsByKeys(this.#db, observations.flatMap(wantedKeys)))]);
    const ledger = new Ledger(groups, {
      nowUs: clock.nowUs(),
      newId: () => this.#newId(clock.nowMs()),
      apart: (a, b) => this.#areApart(a, b),
    });
    const found = observations.map((observation) => ledger.observe(source, observation).root);
    const rootOf = new Map<string, string>();
    for (const group of ledger.groups) for (const id of group.members.keys()) rootOf.set(id, group.root);
    if (ledger.changed) {
      await control.write<void, InventoryTables>((tx) => saveLedger(tx, ledger, () => this.#nextSeq()));
      for (const group of ledger.notes.groups.keys()) for (const id of group.members.keys()) this.#known.forget(id);
      announce(ledger);
    }
    const ids = found.map((id) => rootOf.get(id) as string);
    for (const [index, observation] of observations.entries()) {
      const id = ids[index] as string;
      if (!ledger.unsettled.has(observation)) this.#known.set(source, observation, id);
      if (observation.present !== false) this.#sight(id, observation);
    }
    return ids;
  }

  async #split(id: string, mergedId: string, by: string): Promise<void> {
    const { control, clock, announce } = this.#options;
    const roots = await rootsOf(this.#db, [id, mergedId]);
    const root = roots.get(id);
    if (root === undefined) throw notFound('asset', id);
    if (!roots.has(mergedId)) throw notFound('asset', mergedId);
    const merges = (await loadMerges(this.#db, [mergedId])).filter((span) => span.undoneUs === null);
    const undone = merges.find((span) => span.merged === mergedId);
    if (undone === undefined || roots.get(mergedId) !== root) {
      throw conflict(
        'inventory.not-merged',
        `${mergedId} is not part of ${root}.`,
        "The asset's history names what was merged into it.",
      );
    }
    await this.flushSeen();
    const nowUs = clock.nowUs();
    const leaving = membersOf(mergedId, merges);
    const parted = await control.write<Group[], InventoryTables>(async (tx) => {
      await tx
        .updateTable('inventory_merges')
        .set({ undone_us: nowUs })
        .where('merged', '=', mergedId)
        .where('undone_us', 'is', null)
        .execute();
      await tx.updateTable('inventory_assets').set({ root: mergedId }).where('id', 'in', leaving).execute();
      await tx.updateTable('inventory_keys').set({ root: mergedId }).where('asset', 'in', leaving).execute();
      await tx.updateTable('inventory_attributes').set({ root: mergedId }).where('asset', 'in', leaving).execute();
      await tx
        .updateTable('inventory_relations')
        .set({ from_root: mergedId })
        .where('from_id', 'in', leaving)
        .execute();
      await tx.updateTable('inventory_relations').set({ to_root: mergedId }).where('to_id', 'in', leaving).execute();
      const groups = await loadGroups(tx, [root, mergedId]);
      for (const group of groups) {
        const changed = new Set<AttributeRow>();
        markWinners(group, changed);
        await insertAttributes(
          tx,
          [...changed].map((row) => attributeRow(group, row)),
        );
        await updateRoot(tx, group);
      }
      const tenant = (groups[0] as Group).tenant;
      const note = { tenant, timeUs: nowUs, source: by, strong: false };
      await insertHistory(
        tx,
        [
          { ...note, asset: root, field: 'split', before: mergedId, after: null },
          { ...note, asset: mergedId, field: 'split-from', before: root, after: null },
        ],
        () => this.#nextSeq(),
      );
      return groups;
    });
    this.#tellApart(undone.root, mergedId);
    for (const group of parted) for (const member of group.members.keys()) this.#known.forget(member);
    announce.split(parted, by, nowUs);
  }

  #assetOf(group: Group): Asset {
    const asset = assetOf(group);
    return { ...asset, lastSeenUs: Math.max(asset.lastSeenUs, this.#seen.of(group.root)) };
  }

  #settings(query: AssetQuery, tenant: string | undefined): SearchSettings {
    const { clock, silentAfterUs } = this.#options;
    const wanted = query.tenant ?? tenant ?? DEFAULT_TENANT;
    return { nowUs: clock.nowUs(), silentAfterUs, tenant: wanted === '*' ? undefined : wanted };
  }

  #nextSeq(): number {
    this.#lastSeq += 1;
    return this.#lastSeq;
  }

  #tellApart(a: string, b: string): void {
    this.#apart.add(`${a}\n${b}`).add(`${b}\n${a}`);
  }

  #areApart(a: Group, b: Group): boolean {
    if (this.#apart.size === 0) return false;
    for (const one of a.members.keys())
      for (const other of b.members.keys()) if (this.#apart.has(`${one}\n${other}`)) return true;
    return false;
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function wantedKeys(observation: AssetObservation): WantedKey[] {
  const tenant = observation.tenant ?? DEFAULT_TENANT;
  const own = observationKeys(observation).map((key) => ({ tenant, assetType: observation.type, key }));
  const others = (observation.relations ?? []).flatMap(({ target }) =>
    observationKeys({ type: target.type, keys: [target.key] }).map((key) => ({ tenant, assetType: target.type, key })),
  );
  return [...own, ...others];
}

function mostFirst(counts: ReadonlyMap<string, number>): { value: string; count: number }[] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
