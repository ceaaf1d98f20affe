/** Which rows are selected, and how the keyboard and the mouse change it. Pure: keys of rows in, a set out. */

export interface SelectionState {
  readonly selected: ReadonlySet<string>;
  /** Where Shift extends from. */
  readonly anchor: string | undefined;
}

export const NOTHING_SELECTED: SelectionState = { selected: new Set(), anchor: undefined };

export function toggleRow(state: SelectionState, key: string): SelectionState {
  const selected = new Set(state.selected);
  if (!selected.delete(key)) selected.add(key);
  return { selected, anchor: key };
}

/** Everything from the anchor to the key, in the order shown, is added. */
export function extendTo(state: SelectionState, keys: readonly string[], key: string): SelectionState {
  const to = keys.indexOf(key);
  const from = state.anchor === undefined ? to : keys.indexOf(state.anchor);
  if (to < 0) return state;
  const start = from < 0 ? to : from;
  const selected = new Set(state.selected);
  for (const one of keys.slice(Math.min(start, to), Math.max(start, to) + 1)) selected.add(one);
  return { selected, anchor: from < 0 ? key : (state.anchor ?? key) };
}

/** All of what is shown, or nothing if all were. */
export function toggleAll(state: SelectionState, keys: readonly string[]): SelectionState {
  const all = keys.length > 0 && keys.every((key) => state.selected.has(key));
  return { selected: all ? new Set() : new Set(keys), anchor: undefined };
}
