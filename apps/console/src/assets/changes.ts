/** A change of an asset in a few words. */
import type { AssetChange, JsonValue } from '../api/types.ts';
import { factName, factText } from './words.ts';

/** `kernel` is now 6.1.0-39 (was 6.1.0-37). */
export function changeSentence(change: AssetChange): string {
  const name = change.field.replace(/^attributes\./, '');
  const before = change.before as JsonValue;
  const after = change.after as JsonValue;
  if (name === 'present') return after === true ? 'is there again' : 'is gone';
  const [kind = '', ...rest] = name.split('.');
  const what = kind === 'keys' || kind === 'key' ? rest.join('.') || 'key' : factName(name);
  if (isNothing(before)) return `${what} ${factText(name, after)} appeared`;
  if (isNothing(after)) return `${what} ${factText(name, before)} went`;
  return `${what} ${factText(name, before)} → ${factText(name, after)}`;
}

function isNothing(value: JsonValue | undefined): boolean {
  return value === null || value === undefined;
}
