/** A change of an asset in a few words. */
import type { AssetChange, JsonValue } from '../api/types.ts';
import { relationWord } from './relation-groups.ts';
import { factName, factText } from './words.ts';

const NO_NAMES: ReadonlyMap<string, string> = new Map();

/**
 * "Kernel 6.1.0-37 → 6.1.0-39", "exposes tcp/9001 on db-02".
 *
 * @param names of assets by id: relations name the other end by its id
 */
export function changeSentence(change: AssetChange, names: ReadonlyMap<string, string> = NO_NAMES): string {
  const before = change.before as JsonValue;
  const after = change.after as JsonValue;
  const [kind = '', ...rest] = change.field.split('.');
  const part = rest.join('.');
  switch (kind) {
    case 'present':
      return after === true ? 'is there again' : 'is gone';
    case 'created':
      return 'first seen';
    case 'merged':
      return 'found to be the same as another asset';
    case 'split':
      return 'taken apart from another asset';
    case 'relations': {
      const other = String(after ?? before);
      const name = names.get(other) ?? `${other.slice(0, 5)}…${other.slice(-4)}`;
      return isNothing(after)
        ? `no longer ${relationWord(part, 'out')} ${name}`
        : `${relationWord(part, 'out')} ${name}`;
    }
    case 'keys':
    case 'key':
      return valueSentence(part, part, before, after);
    default: {
      const name = kind === 'attributes' ? part : change.field;
      return valueSentence(factName(name), name, before, after);
    }
  }
}

function valueSentence(title: string, name: string, before: JsonValue, after: JsonValue): string {
  if (isNothing(before)) return `${title} ${factText(name, after)} appeared`;
  if (isNothing(after)) return `${title} ${factText(name, before)} went`;
  return `${title} ${factText(name, before)} → ${factText(name, after)}`;
}

function isNothing(value: JsonValue | undefined): boolean {
  return value === null || value === undefined;
}

export interface ChangeMark {
  /** Of the first of them. */
  readonly timeAt: string;
  readonly changes: readonly AssetChange[];
  /** Part of the width that its words may take; 0 where there is no room for any. */
  readonly room: number;
}

/** Marks beyond this part of the width have their words before them. */
export const LATE_PLACE = 0.7;

const PLACES = 60;
/** Part of the width below which words are cut so much that they say nothing. */
const LEAST_ROOM = 0.18;

/** Changes gathered into at most sixty marks over a range, oldest first. */
export function changeMarks(changes: readonly AssetChange[], fromMs: number, toMs: number): readonly ChangeMark[] {
  const placeOf = (change: AssetChange) => (Date.parse(change.timeAt) - fromMs) / (toMs - fromMs);
  const inside = changes
    .filter((change) => placeOf(change) >= 0 && placeOf(change) <= 1)
    .sort((a, b) => a.timeAt.localeCompare(b.timeAt));
  const places = Map.groupBy(inside, (change) => Math.floor(placeOf(change) * PLACES));
  const groups = [...places.values()];
  const at = groups.map(([first]) => placeOf(first!));
  const isLate = (index: number) => at[index]! > LATE_PLACE;
  const roomOf = (index: number) => {
    const other = isLate(index) ? index - 1 : index + 1;
    const gap = Math.abs((at[other] ?? (isLate(index) ? 0 : 1)) - at[index]!);
    // Words that come towards each other share what is between them.
    const shared = at[other] !== undefined && isLate(other) !== isLate(index);
    return shared ? gap / 2 : gap;
  };
  return groups.map((group, index) => {
    const room = roomOf(index);
    return { timeAt: group[0]!.timeAt, changes: group, room: room < LEAST_ROOM ? 0 : room };
  });
}
