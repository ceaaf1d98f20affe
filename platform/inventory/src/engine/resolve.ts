/** Which asset an observation speaks of. Pure: the owners of its keys come in, a decision goes out. */
import { contradict, type NormalKey } from '../language/keys.ts';
import { type Group, hasStrongKey, rootMember } from './group.ts';

/**
 * So long after it was last seen, an asset with a strong key keeps its address or hostname against a source that knows
 * no strong key: a scan that resolves names wrongly does not tear at what an agent says.
 */
export const KEY_HOLD_US = 3600 * 1e6;

export interface Decision {
  /** Undefined: an asset not known before. */
  readonly into: Group | undefined;
  /** Others that turn out to be the same. */
  readonly merge: readonly { readonly group: Group; readonly reason: NormalKey }[];
}

/**
 * @param owner the asset that a key names now. A strong key is owned by name alone; a weak one within its site
 * @param apart whether a person has told two assets apart
 */
export function resolve(
  keys: readonly NormalKey[],
  owner: (key: NormalKey) => { readonly group: Group; readonly strength: 'strong' | 'weak' } | undefined,
  apart: (a: Group, b: Group) => boolean,
): Decision {
  const strong = new Map<Group, NormalKey>();
  const weak = new Map<Group, NormalKey[]>();
  for (const key of keys) {
    const owned = owner(key);
    if (owned === undefined) continue;
    if (key.strength === 'strong' && owned.strength === 'strong') {
      if (!strong.has(owned.group)) strong.set(owned.group, key);
    } else {
      weak.set(owned.group, [...(weak.get(owned.group) ?? []), key]);
    }
  }
  const named = keys.some((key) => key.strength === 'strong');
  if (!named) return { into: bestWeak(keys, weak), merge: [] };

  const same = new Map(strong);
  for (const [group, matched] of weak) {
    if (!same.has(group) && !hasStrongKey(group) && !contradict(group.keys, keys)) {
      same.set(group, matched[0] as NormalKey);
    }
  }
  const [into, ...rest] = [...same.keys()].sort(olderFirst);
  if (into === undefined) return { into: undefined, merge: [] };
  const joined = [into];
  const merge: { group: Group; reason: NormalKey }[] = [];
  for (const group of rest) {
    if (joined.some((other) => apart(other, group))) continue;
    joined.push(group);
    merge.push({ group, reason: same.get(group) as NormalKey });
  }
  return { into, merge };
}

/** May the observation take this weak key from its present owner? */
export function mayTake(keys: readonly NormalKey[], owner: Group, timeUs: number): boolean {
  if (keys.some((key) => key.strength === 'strong') || !hasStrongKey(owner)) return true;
  return timeUs - rootMember(owner).lastSeenUs > KEY_HOLD_US;
}

/** Without a strong key nothing is merged: the one it has most keys in common with, then the first named, is meant. */
function bestWeak(keys: readonly NormalKey[], weak: ReadonlyMap<Group, readonly NormalKey[]>): Group | undefined {
  const order = new Map(keys.map((key, index) => [key, index]));
  const rank = (matched: readonly NormalKey[]): number => order.get(matched[0] as NormalKey) as number;
  const [best] = [...weak]
    .filter(([group]) => !contradict(group.keys, keys))
    .sort(([groupA, a], [groupB, b]) => b.length - a.length || rank(a) - rank(b) || olderFirst(groupA, groupB));
  return best?.[0];
}

function olderFirst(a: Group, b: Group): number {
  return rootMember(a).firstSeenUs - rootMember(b).firstSeenUs || (a.root < b.root ? -1 : 1);
}
