/** What an asset looked like at a time, from its history. */
import type { JsonObject, JsonValue } from '@undercroft/kernel';
import { type AttributeRow, NAME } from './group.ts';
import type { HistoryNote } from './ledger.ts';

export interface MergeSpan {
  readonly root: string;
  readonly merged: string;
  readonly timeUs: number;
  readonly undoneUs: number | null;
}

/** The asset under which an id counted at that time, and all that counted under it. */
export function groupAt(id: string, merges: readonly MergeSpan[], timeUs: number): { root: string; members: string[] } {
  const valid = merges.filter((span) => span.timeUs <= timeUs && (span.undoneUs === null || span.undoneUs > timeUs));
  const rootOf = new Map(valid.map((span) => [span.merged, span.root]));
  let root = id;
  for (let next = rootOf.get(root); next !== undefined; next = rootOf.get(root)) root = next;
  return { root, members: membersOf(root, valid) };
}

/** An asset and everything merged into it, directly or through others. */
export function membersOf(id: string, merges: readonly Pick<MergeSpan, 'root' | 'merged'>[]): string[] {
  const members = [id];
  for (let at = 0; at < members.length; at++) {
    for (const span of merges) {
      if (span.root === members[at] && !members.includes(span.merged)) members.push(span.merged);
    }
  }
  return members;
}

/**
 * @param history of all members, oldest first, up to the time asked for
 * @returns each source's word on each attribute then, and whether the root was present
 */
export function replay(
  root: string,
  history: readonly HistoryNote[],
): { attributes: AttributeRow[]; present: boolean } {
  const words = new Map<string, AttributeRow>();
  let present = true;
  const say = (note: HistoryNote, name: string, value: JsonValue): void => {
    words.set(`${note.asset}\n${name}\n${note.source}`, {
      asset: note.asset,
      name,
      source: note.source,
      value,
      strong: note.strong,
      changedUs: note.timeUs,
      winner: false,
    });
  };
  for (const note of history) {
    if (note.field === 'created') {
      const first = note.after as {
        readonly name?: string;
        readonly present: boolean;
        readonly attributes: JsonObject;
      };
      if (note.asset === root) present = first.present;
      if (first.name !== undefined) say(note, NAME, first.name);
      for (const [name, value] of Object.entries(first.attributes)) say(note, name, value);
    } else if (note.field === 'present') {
      if (note.asset === root) present = note.after as boolean;
    } else if (note.field === 'name') {
      say(note, NAME, note.after);
    } else if (note.field.startsWith('attributes.')) {
      say(note, note.field.slice('attributes.'.length), note.after);
    }
  }
  return { attributes: [...words.values()], present };
}
