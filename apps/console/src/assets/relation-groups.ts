/** Relations of one kind to assets of one type stand together: "web-01, 02, 03". Pure. */
import type { RelatedAsset } from './data.ts';
import { typeName } from './words.ts';

export interface RelationGroup {
  readonly key: string;
  readonly type: string;
  readonly direction: 'out' | 'in';
  readonly label: string;
  readonly present: boolean;
  readonly count: number;
}

const WORDS: Readonly<Record<string, readonly [out: string, into: string]>> = {
  'runs-on': ['runs on', 'is run by it'],
  'attached-to': ['attached to', 'attached'],
  exposes: ['exposes', 'exposed by'],
  'member-of': ['member of', 'has member'],
  'talks-to': ['talks to', 'talked to by'],
  'uses-secret': ['uses secret', 'used by'],
  'owned-by': ['owned by', 'owns'],
  monitors: ['monitors', 'monitored by'],
};

export function relationWord(type: string, direction: 'out' | 'in'): string {
  return WORDS[type]?.[direction === 'out' ? 0 : 1] ?? type;
}

/** The larger groups first; what is still there before what has gone. */
export function groupRelations(relations: readonly RelatedAsset[]): readonly RelationGroup[] {
  const groups = new Map<string, RelatedAsset[]>();
  for (const relation of nearest(relations)) {
    const key = `${relation.type}/${relation.direction}/${relation.asset.type}`;
    groups.set(key, [...(groups.get(key) ?? []), relation]);
  }
  return [...groups]
    .map(([key, list]) => {
      const first = list[0]!;
      return {
        key,
        type: first.type,
        direction: first.direction,
        label: groupLabel(list),
        present: list.some(({ asset }) => asset.present),
        count: list.length,
      };
    })
    .sort((a, b) => Number(b.present) - Number(a.present) || b.count - a.count);
}

/** Each asset once, by the relation that this one has to it rather than the other way round; gone ones only if all are. */
function nearest(relations: readonly RelatedAsset[]): readonly RelatedAsset[] {
  const there = relations.filter(({ asset }) => asset.present);
  const byAsset = new Map<string, RelatedAsset>();
  for (const relation of there.length > 0 ? there : relations) {
    const known = byAsset.get(relation.asset.id);
    if (known === undefined || (known.direction === 'in' && relation.direction === 'out'))
      byAsset.set(relation.asset.id, relation);
  }
  return [...byAsset.values()];
}

function groupLabel(list: readonly RelatedAsset[]): string {
  const names = list.map(({ asset }) => asset.name);
  const first = names[0]!;
  if (names.length === 1) return first;
  if (names.length > 3) return `${names.length} ${typeName(list[0]!.asset.type, true).toLowerCase()}`;
  const prefix = commonPrefix(names);
  return prefix.length >= 3
    ? [first, ...names.slice(1).map((name) => name.slice(prefix.length))].join(', ')
    : names.join(', ');
}

/** Up to the last sign that is no letter or digit: "web-". */
function commonPrefix(names: readonly string[]): string {
  let end = 0;
  const first = names[0]!;
  while (end < first.length && names.every((name) => name[end] === first[end])) end++;
  return first.slice(0, end).replace(/[A-Za-z0-9]+$/, '');
}
