/**
 * A group is one asset as people see it: the asset that stayed and all that were merged into it. Each keeps its own
 * rows; what counts of them is worked out here, so that a split needs nothing but to part the rows again.
 */
import type { Asset, JsonObject, JsonValue, RelationType } from '@undercroft/kernel';
import { nameFromKeys } from '../language/keys.ts';
import { matchText } from '../language/values.ts';

/** The name is kept by source as attributes are, under a name that no attribute can have. */
export const NAME = '#name';
const MAX_SEARCH_TEXT = 2000;

export interface Member {
  readonly id: string;
  readonly firstSeenUs: number;
  lastSeenUs: number;
  present: boolean;
  presentUs: number;
  /** Source to when it saw it first. */
  readonly sources: Map<string, number>;
}

export interface KeyRow {
  readonly asset: string;
  readonly type: string;
  readonly value: string;
  readonly site: string;
  readonly strength: 'strong' | 'weak';
  readonly source: string;
  readonly fromUs: number;
  toUs: number | null;
}

export interface AttributeRow {
  readonly asset: string;
  readonly name: string;
  readonly source: string;
  value: JsonValue;
  strong: boolean;
  changedUs: number;
  winner: boolean;
}

export interface RelationRow {
  readonly fromId: string;
  readonly type: RelationType;
  readonly toId: string;
  toRoot: string;
  readonly source: string;
  readonly firstSeenUs: number;
  lastSeenUs: number;
  endedUs: number | null;
}

export interface Group {
  readonly tenant: string;
  readonly type: string;
  root: string;
  /** By id; the root among them. */
  readonly members: Map<string, Member>;
  /** Valid now. */
  keys: KeyRow[];
  attributes: AttributeRow[];
  /** From this asset to others, not ended. */
  relations: RelationRow[];
}

export function rootMember(group: Group): Member {
  return group.members.get(group.root) as Member;
}

export function hasStrongKey(group: Group): boolean {
  return group.keys.some((key) => key.strength === 'strong');
}

/** What one source says of one attribute now: its latest word on any member. */
export function wordOf(group: Group, name: string, source: string): AttributeRow | undefined {
  let latest: AttributeRow | undefined;
  for (const row of group.attributes) {
    if (row.name === name && row.source === source && (latest === undefined || laterWord(row, latest))) latest = row;
  }
  return latest;
}

/**
 * The value that counts of each attribute. Each source has its latest word; among sources, one that named the asset by
 * a strong key beats one that did not, then the one that changed last: so two that disagree do not take turns.
 */
export function winners(attributes: readonly AttributeRow[]): Map<string, AttributeRow> {
  const words = new Map<string, AttributeRow>();
  for (const row of attributes) {
    const word = `${row.name}\n${row.source}`;
    const other = words.get(word);
    if (other === undefined || laterWord(row, other)) words.set(word, row);
  }
  const best = new Map<string, AttributeRow>();
  for (const row of words.values()) {
    if (row.value === null) continue;
    const other = best.get(row.name);
    if (other === undefined || stronger(row, other)) best.set(row.name, row);
  }
  return best;
}

export function groupName(keys: readonly Pick<KeyRow, 'type' | 'value'>[], best: Map<string, AttributeRow>): string {
  const said = best.get(NAME)?.value;
  return typeof said === 'string' && said !== '' ? said : nameFromKeys(keys);
}

/** What plain words are looked for in: name, keys and the texts of attributes, in lower case. */
export function searchText(name: string, keys: readonly KeyRow[], best: Map<string, AttributeRow>): string {
  const parts = new Set([name.toLowerCase()]);
  for (const key of keys) parts.add(key.value.toLowerCase());
  for (const row of best.values()) if (row.name !== NAME) parts.add(matchText(row.value));
  return [...parts].join('\n').slice(0, MAX_SEARCH_TEXT);
}

export function groupSources(group: Group): readonly string[] {
  return [...new Set([...group.members.values()].flatMap((member) => [...member.sources.keys()]))].sort();
}

export function assetOf(group: Group): Asset {
  const best = winners(group.attributes);
  const root = rootMember(group);
  const members = [...group.members.values()];
  return {
    id: group.root,
    tenant: group.tenant,
    type: group.type,
    name: groupName(group.keys, best),
    attributes: attributesOf(best),
    keys: group.keys.map(({ type, value, strength, site }) => ({
      type,
      value,
      strength,
      ...(site === '' ? {} : { site }),
    })),
    sources: groupSources(group),
    firstSeenUs: Math.min(...members.map((member) => member.firstSeenUs)),
    lastSeenUs: Math.max(...members.map((member) => member.lastSeenUs)),
    present: root.present,
  };
}

export function attributesOf(best: Map<string, AttributeRow>): JsonObject {
  const attributes: Record<string, JsonValue> = {};
  for (const name of [...best.keys()].sort()) {
    if (name !== NAME) attributes[name] = (best.get(name) as AttributeRow).value;
  }
  return attributes;
}

function laterWord(row: AttributeRow, than: AttributeRow): boolean {
  if (row.changedUs !== than.changedUs) return row.changedUs > than.changedUs;
  return row.asset < than.asset;
}

function stronger(row: AttributeRow, than: AttributeRow): boolean {
  if (row.strong !== than.strong) return row.strong;
  if (row.changedUs !== than.changedUs) return row.changedUs > than.changedUs;
  return row.source < than.source;
}
