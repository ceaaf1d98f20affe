/**
 * One batch of observations against the groups they touch: decides, changes the groups in memory and notes what is to
 * be written. No I/O: the groups are loaded before and the notes are written after.
 */
import {
  type AssetObservation,
  badRequest,
  DEFAULT_TENANT,
  type JsonValue,
  type RelationType,
} from '@undercroft/kernel';
import { keyText, type NormalKey, normalKey } from '../language/keys.ts';
import { canonicalJson } from '../language/values.ts';
import {
  type AttributeRow,
  type Group,
  type KeyRow,
  type Member,
  NAME,
  type RelationRow,
  rootMember,
  wordOf,
} from './group.ts';
import { mayTake, resolve } from './resolve.ts';

export const MAX_KEYS = 64;
export const MAX_ATTRIBUTES = 256;
export const MAX_ATTRIBUTE_BYTES = 16_384;
export const MAX_RELATIONS = 4096;

/** Of these an asset has one at a time: naming it anew ends what the same source named before. */
const SINGLE_RELATIONS: ReadonlySet<RelationType> = new Set(['runs-on', 'attached-to', 'owned-by']);

export interface HistoryNote {
  readonly tenant: string;
  readonly asset: string;
  readonly timeUs: number;
  readonly source: string;
  readonly field: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly strong: boolean;
}

export interface MergeNote {
  readonly tenant: string;
  readonly root: string;
  readonly merged: string;
  readonly timeUs: number;
  readonly source: string;
  readonly reason: string;
}

export type ChangeKind = 'new' | 'changed' | 'gone' | 'back' | 'merged';

/** What to write, each row once. */
export interface Notes {
  readonly newMembers: Set<Member>;
  readonly members: Set<Member>;
  readonly sources: {
    readonly asset: string;
    readonly tenant: string;
    readonly source: string;
    readonly firstUs: number;
  }[];
  readonly newKeys: Set<KeyRow>;
  readonly closedKeys: Set<KeyRow>;
  readonly attributes: Set<AttributeRow>;
  readonly newRelations: Set<RelationRow>;
  readonly endedRelations: Set<RelationRow>;
  readonly history: HistoryNote[];
  readonly merges: MergeNote[];
  /** Groups whose name, sources, search text and winning attributes may be others now. */
  readonly groups: Map<Group, ChangeKind>;
}

export interface LedgerOptions {
  readonly nowUs: number;
  readonly newId: () => string;
  readonly apart: (a: Group, b: Group) => boolean;
}

interface Observer {
  readonly source: string;
  readonly timeUs: number;
  readonly strong: boolean;
}

export class Ledger {
  readonly notes: Notes = {
    newMembers: new Set(),
    members: new Set(),
    sources: [],
    newKeys: new Set(),
    closedKeys: new Set(),
    attributes: new Set(),
    newRelations: new Set(),
    endedRelations: new Set(),
    history: [],
    merges: [],
    groups: new Map(),
  };
  /** Observations that named a key which another asset holds for now: the same words may mean more later. */
  readonly unsettled = new Set<AssetObservation>();
  readonly #options: LedgerOptions;
  /** By tenant and key text: the rows that are valid now. */
  readonly #owners = new Map<string, { group: Group; row: KeyRow }[]>();
  readonly #groups = new Set<Group>();

  constructor(groups: Iterable<Group>, options: LedgerOptions) {
    this.#options = options;
    for (const group of groups) {
      this.#groups.add(group);
      for (const row of group.keys) this.#own(group, row);
    }
  }

  /** Every asset of this batch, merged ones gone. */
  get groups(): ReadonlySet<Group> {
    return this.#groups;
  }

  /** Anything at all to write? */
  get changed(): boolean {
    const { notes } = this;
    return notes.groups.size > 0 || notes.members.size > 0 || notes.attributes.size > 0 || notes.sources.length > 0;
  }

  /** @returns the group that the observation speaks of, as it is after it */
  observe(source: string, observation: AssetObservation): Group {
    const tenant = observation.tenant ?? DEFAULT_TENANT;
    const keys = observationKeys(observation);
    const observer: Observer = {
      source,
      timeUs: Math.min(observation.timeUs ?? this.#options.nowUs, this.#options.nowUs),
      strong: keys.some((key) => key.strength === 'strong'),
    };
    const decision = resolve(keys, (key) => this.#owner(tenant, observation.type, key), this.#options.apart);
    const known = decision.into;
    for (const { group, reason } of decision.merge) this.#merge(known as Group, group, reason, observer);
    const group = known ?? this.#create(tenant, observation, observer);
    if (known !== undefined) {
      this.#see(group, observation.present ?? true, observer);
      this.#attributes(group, observation, observer);
    }
    if (this.#keys(group, keys, observer) > 0) this.unsettled.add(observation);
    this.#relations(group, observation, observer);
    return group;
  }

  #create(tenant: string, observation: AssetObservation, observer: Observer): Group {
    const present = observation.present ?? true;
    const member: Member = {
      id: this.#options.newId(),
      firstSeenUs: observer.timeUs,
      lastSeenUs: observer.timeUs,
      present,
      presentUs: observer.timeUs,
      sources: new Map([[observer.source, observer.timeUs]]),
    };
    const group: Group = {
      tenant,
      type: observation.type,
      root: member.id,
      members: new Map([[member.id, member]]),
      keys: [],
      attributes: [],
      relations: [],
    };
    this.#groups.add(group);
    this.notes.newMembers.add(member);
    this.notes.sources.push({ tenant, asset: member.id, source: observer.source, firstUs: observer.timeUs });
    this.notes.groups.set(group, 'new');
    const said = spokenAttributes(observation).filter(([, value]) => value !== null);
    for (const [name, value] of said) {
      const row = { asset: member.id, name, source: observer.source, value, strong: observer.strong };
      this.#setAttribute(group, { ...row, changedUs: observer.timeUs, winner: false });
    }
    this.#note(group, observer, 'created', null, created(said, present));
    return group;
  }

  #see(group: Group, present: boolean, observer: Observer): void {
    const member = rootMember(group);
    if (!member.sources.has(observer.source)) {
      member.sources.set(observer.source, observer.timeUs);
      const seen = { tenant: group.tenant, asset: member.id, source: observer.source, firstUs: observer.timeUs };
      this.notes.sources.push(seen);
      this.#dirty(group, 'changed');
    }
    if (present) member.lastSeenUs = Math.max(member.lastSeenUs, observer.timeUs);
    if (present === member.present || observer.timeUs < member.presentUs) return;
    this.#note(group, observer, 'present', member.present, present);
    member.present = present;
    member.presentUs = observer.timeUs;
    this.notes.members.add(member);
    this.#dirty(group, present ? 'back' : 'gone');
  }

  #attributes(group: Group, observation: AssetObservation, observer: Observer): void {
    for (const [name, value] of spokenAttributes(observation)) {
      const word = wordOf(group, name, observer.source);
      const before = word?.value ?? null;
      const same = canonicalJson(before) === canonicalJson(value);
      if (same && (value === null || word?.strong === true || !observer.strong)) continue;
      if (word !== undefined && observer.timeUs < word.changedUs) continue;
      const row: AttributeRow = {
        asset: group.root,
        name,
        source: observer.source,
        value,
        strong: observer.strong || (same && word?.strong === true),
        changedUs: observer.timeUs,
        winner: false,
      };
      this.#setAttribute(group, row);
      this.#note(group, observer, name === NAME ? 'name' : `attributes.${name}`, before, value);
      this.#dirty(group, 'changed');
    }
  }

  #setAttribute(group: Group, row: AttributeRow): void {
    const same = (other: AttributeRow): boolean =>
      other.asset === row.asset && other.name === row.name && other.source === row.source;
    const index = group.attributes.findIndex(same);
    if (index === -1) {
      group.attributes.push(row);
      this.notes.attributes.add(row);
      return;
    }
    const stored = group.attributes[index] as AttributeRow;
    stored.value = row.value;
    stored.strong = row.strong;
    stored.changedUs = row.changedUs;
    this.notes.attributes.add(stored);
  }

  /** @returns how many keys stay with another asset */
  #keys(group: Group, keys: readonly NormalKey[], observer: Observer): number {
    let held = 0;
    for (const key of keys) {
      const mine = group.keys.find((row) => sameKey(row, key));
      if (mine !== undefined && (mine.strength === 'strong' || key.strength === 'weak')) continue;
      const owned = this.#owner(group.tenant, group.type, key);
      if (owned !== undefined && owned.group !== group) {
        if (owned.strength === 'strong' || !mayTake(keys, owned.group, observer.timeUs)) {
          held++;
          continue;
        }
        this.#closeKey(owned.group, owned.row, observer);
      }
      if (mine !== undefined) this.#closeKey(group, mine, observer);
      this.#openKey(group, key, observer);
    }
    if (observer.strong) this.#closeUnnamed(group, keys, observer);
    return held;
  }

  /** A source that knows the asset by a strong key names all of its weak keys of a type when it names one. */
  #closeUnnamed(group: Group, keys: readonly NormalKey[], observer: Observer): void {
    const types = new Set(keys.map((key) => key.type));
    const stale = group.keys.filter(
      (row) =>
        row.strength === 'weak' &&
        row.source === observer.source &&
        types.has(row.type) &&
        row.fromUs <= observer.timeUs &&
        !keys.some((key) => sameKey(row, key)),
    );
    for (const row of stale) this.#closeKey(group, row, observer);
  }

  #openKey(group: Group, key: NormalKey, observer: Observer): void {
    const row: KeyRow = { ...key, asset: group.root, source: observer.source, fromUs: observer.timeUs, toUs: null };
    group.keys.push(row);
    this.#own(group, row);
    this.notes.newKeys.add(row);
    this.#note(group, observer, `keys.${key.type}`, null, key.value);
    this.#dirty(group, 'changed');
  }

  #closeKey(group: Group, row: KeyRow, observer: Observer): void {
    row.toUs = Math.max(row.fromUs, observer.timeUs);
    group.keys = group.keys.filter((other) => other !== row);
    const text = ownerText(group, row);
    this.#owners.set(
      text,
      (this.#owners.get(text) ?? []).filter((owned) => owned.row !== row),
    );
    this.notes.closedKeys.add(row);
    this.#note(group, observer, `keys.${row.type}`, row.value, null);
    this.#dirty(group, 'changed');
  }

  #relations(group: Group, observation: AssetObservation, observer: Observer): void {
    const named = new Set<RelationRow>();
    const types = new Set<RelationType>();
    for (const { type, target } of observation.relations ?? []) {
      const other = this.#target(group.tenant, target.type, target.key, observer);
      types.add(type);
      if (other === group) continue;
      const current = group.relations.filter((row) => row.type === type && row.toRoot === other.root);
      const mine = current.find((row) => row.source === observer.source);
      if (mine !== undefined) {
        named.add(mine);
        continue;
      }
      const row: RelationRow = {
        fromId: group.root,
        type,
        toId: other.root,
        toRoot: other.root,
        source: observer.source,
        firstSeenUs: observer.timeUs,
        lastSeenUs: observer.timeUs,
        endedUs: null,
      };
      group.relations.push(row);
      named.add(row);
      this.notes.newRelations.add(row);
      this.#dirty(group, 'changed');
      if (current.length === 0) this.#note(group, observer, `relations.${type}`, null, other.root);
    }
    for (const row of group.relations) {
      const replaced = SINGLE_RELATIONS.has(row.type) && types.has(row.type) && row.source === observer.source;
      if (!replaced || named.has(row)) continue;
      row.endedUs = Math.max(row.firstSeenUs, observer.timeUs);
      this.notes.endedRelations.add(row);
      this.#note(group, observer, `relations.${row.type}`, row.toRoot, null);
      this.#dirty(group, 'changed');
    }
    group.relations = group.relations.filter((row) => row.endedUs === null);
  }

  /** The asset at the other end; one that nobody has seen yet is noted by its key. */
  #target(tenant: string, type: string, key: AssetObservation['keys'][number], observer: Observer): Group {
    const keys = observationKeys({ type, keys: [key] });
    const owned = this.#owner(tenant, type, keys[0] as NormalKey);
    if (owned !== undefined) return owned.group;
    const group = this.#create(tenant, { type, keys: [key] }, observer);
    this.#keys(group, keys, observer);
    return group;
  }

  #merge(into: Group, from: Group, reason: NormalKey, observer: Observer): void {
    this.notes.merges.push({
      tenant: into.tenant,
      root: into.root,
      merged: from.root,
      timeUs: observer.timeUs,
      source: observer.source,
      reason: `${reason.type} ${reason.value}`,
    });
    this.#note(into, observer, 'merged', null, from.root);
    this.#note(from, observer, 'merged-into', null, into.root);
    for (const row of from.keys) {
      const owners = this.#owners.get(ownerText(from, row)) ?? [];
      for (const owned of owners) if (owned.row === row) owned.group = into;
    }
    if (rootMember(from).present && !rootMember(into).present) this.#see(into, true, observer);
    for (const [id, member] of from.members) into.members.set(id, member);
    into.keys.push(...from.keys);
    into.attributes.push(...from.attributes);
    into.relations.push(...from.relations);
    for (const group of this.#groups) {
      for (const row of group.relations) if (row.toRoot === from.root) row.toRoot = into.root;
    }
    this.#groups.delete(from);
    this.notes.groups.delete(from);
    this.#dirty(into, 'merged');
  }

  #owner(
    tenant: string,
    type: string,
    key: NormalKey,
  ): { group: Group; row: KeyRow; strength: 'strong' | 'weak' } | undefined {
    const owners = this.#owners.get(`${tenant}\n${keyText(type, key)}`) ?? [];
    const owned =
      owners.find(({ row }) => row.strength === 'strong') ??
      owners.find(({ row }) => row.site === key.site) ??
      (key.strength === 'strong' ? owners[0] : undefined);
    return owned === undefined ? undefined : { ...owned, strength: owned.row.strength };
  }

  #own(group: Group, row: KeyRow): void {
    const text = ownerText(group, row);
    this.#owners.set(text, [...(this.#owners.get(text) ?? []), { group, row }]);
  }

  #dirty(group: Group, kind: ChangeKind): void {
    const before = this.notes.groups.get(group);
    if (before === undefined || before === 'changed') this.notes.groups.set(group, kind);
  }

  #note(group: Group, observer: Observer, field: string, before: JsonValue, after: JsonValue): void {
    const { source, timeUs, strong } = observer;
    this.notes.history.push({ tenant: group.tenant, asset: group.root, timeUs, source, field, before, after, strong });
  }
}

/** The keys of an observation in normal form, each once. @throws UndercroftError `inventory.observation` */
export function observationKeys(observation: AssetObservation): NormalKey[] {
  const keys = new Map<string, NormalKey>();
  for (const key of observation.keys) {
    const normal = normalKey(key);
    if (normal === undefined) continue;
    const text = `${keyText(observation.type, normal)}\n${normal.strength}\n${normal.site}`;
    if (!keys.has(text)) keys.set(text, normal);
  }
  if (keys.size === 0) throw wrong(observation, 'has no key with a value', 'Name it by at least one key.');
  if (keys.size > MAX_KEYS) throw wrong(observation, `has ${keys.size} keys`, `At most ${MAX_KEYS} are kept.`);
  return [...keys.values()];
}

function spokenAttributes(observation: AssetObservation): [string, JsonValue][] {
  const spoken = Object.entries(observation.attributes ?? {}).filter(([, value]) => value !== undefined);
  if (spoken.length > MAX_ATTRIBUTES) {
    throw wrong(observation, `has ${spoken.length} attributes`, `At most ${MAX_ATTRIBUTES} are kept.`);
  }
  for (const [name, value] of spoken) {
    if (name.startsWith('#') || name === '' || name.includes('\0'))
      throw wrong(observation, `has an attribute ${JSON.stringify(name)}`, 'Rename it.');
    if (JSON.stringify(value).length > MAX_ATTRIBUTE_BYTES) {
      throw wrong(
        observation,
        `has an attribute ${name} of over ${MAX_ATTRIBUTE_BYTES} bytes`,
        'Keep only what tells it apart.',
      );
    }
  }
  if ((observation.relations?.length ?? 0) > MAX_RELATIONS) {
    throw wrong(observation, `has over ${MAX_RELATIONS} relations`, 'Name them from the other side.');
  }
  const name = observation.name?.replaceAll('\0', '\ufffd').trim();
  return name === undefined || name === '' ? spoken : [...spoken, [NAME, name]];
}

function created(said: readonly [string, JsonValue][], present: boolean): JsonValue {
  const name = said.find(([field]) => field === NAME)?.[1];
  const attributes = Object.fromEntries(said.filter(([field]) => field !== NAME));
  return { ...(name === undefined ? {} : { name }), present, attributes };
}

function wrong(observation: AssetObservation, what: string, fix: string) {
  return badRequest('inventory.observation', `An observation of a ${observation.type} ${what}.`, fix);
}

function ownerText(group: Group, row: Pick<KeyRow, 'type' | 'value'>): string {
  return `${group.tenant}\n${keyText(group.type, row)}`;
}

function sameKey(row: KeyRow, key: NormalKey): boolean {
  if (row.type !== key.type || row.value !== key.value) return false;
  return row.strength === 'strong' || key.strength === 'strong' || row.site === key.site;
}
