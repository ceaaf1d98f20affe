/** Keys in their normal form, so that two sources that mean the same write the same. */
import type { AssetKey } from '@undercroft/kernel';

export const DEFAULT_SITE = 'default';
export const MAX_KEY_LENGTH = 512;

/** Key types that come and go with the network: another value of them says nothing about who it is. */
const MOVING_TYPES: ReadonlySet<string> = new Set(['ip', 'ipv4', 'ipv6', 'address', 'url']);
/** Written in lower case by nature. */
const CASELESS_TYPES: ReadonlySet<string> = new Set(['ip', 'ipv4', 'ipv6', 'address', 'mac', 'hostname', 'fqdn']);

export interface NormalKey {
  readonly type: string;
  readonly value: string;
  readonly strength: 'strong' | 'weak';
  /** Empty for a strong key. */
  readonly site: string;
}

/** @returns undefined for a key that names nothing: an empty value, one with a NUL, one beyond {@link MAX_KEY_LENGTH} */
export function normalKey(key: AssetKey): NormalKey | undefined {
  const type = key.type.trim().toLowerCase();
  const raw = key.value.trim();
  const value = CASELESS_TYPES.has(type) ? caseless(type, raw) : raw;
  if (type === '' || value === '' || `${type}${value}`.includes('\0')) return undefined;
  if (value.length > MAX_KEY_LENGTH || type.length > MAX_KEY_LENGTH) return undefined;
  const strong = key.strength === 'strong';
  return { type, value, strength: key.strength, site: strong ? '' : (key.site ?? DEFAULT_SITE) };
}

function caseless(type: string, value: string): string {
  const lower = value.toLowerCase();
  if (type === 'mac') return lower.replaceAll('-', ':');
  if (type === 'hostname' || type === 'fqdn') return lower.replace(/\.$/, '');
  return lower;
}

/** Same key, same text. Strength is no part of it: a key that one source calls weak may be another's strong one. */
export function keyText(assetType: string, key: Pick<NormalKey, 'type' | 'value'>): string {
  return `${assetType}\n${key.type}\n${key.value}`;
}

/**
 * Do two sets of keys speak of different things, although they share some other key? They do when both name a kind of
 * key that stays with a thing (a hostname, a MAC) and have no value of it in common.
 */
export function contradict(
  a: readonly Pick<NormalKey, 'type' | 'value'>[],
  b: readonly Pick<NormalKey, 'type' | 'value'>[],
): boolean {
  const valuesOfA = new Map<string, Set<string>>();
  for (const key of a) {
    if (MOVING_TYPES.has(key.type)) continue;
    const values = valuesOfA.get(key.type) ?? new Set();
    valuesOfA.set(key.type, values.add(comparable(key)));
  }
  const shared = new Set<string>();
  const apart = new Set<string>();
  for (const key of b) {
    const values = valuesOfA.get(key.type);
    if (values !== undefined) (values.has(comparable(key)) ? shared : apart).add(key.type);
  }
  for (const type of apart) if (!shared.has(type)) return true;
  return false;
}

/** A host is the same by its short and its full name. */
function comparable(key: Pick<NormalKey, 'type' | 'value'>): string {
  return key.type === 'hostname' || key.type === 'fqdn' ? (key.value.split('.')[0] as string) : key.value;
}

/** What an asset is called when no source says a name: its hostname, else its first key. */
export function nameFromKeys(keys: readonly Pick<NormalKey, 'type' | 'value'>[]): string {
  const named = keys.find((key) => key.type === 'hostname' || key.type === 'fqdn' || key.type === 'name');
  return (named ?? keys[0])?.value ?? '';
}
