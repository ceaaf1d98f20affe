import { expect, it } from 'vitest';
import { extendTo, NOTHING_SELECTED, toggleAll, toggleRow } from './selection.ts';

const keys = ['a', 'b', 'c', 'd'];
const chosen = (state: { readonly selected: ReadonlySet<string> }) => [...state.selected].sort();

it('Space selects and lets go of one row', () => {
  const one = toggleRow(NOTHING_SELECTED, 'b');
  expect(chosen(one)).toEqual(['b']);
  expect(chosen(toggleRow(one, 'b'))).toEqual([]);
});

it('Shift extends from the anchor in both directions', () => {
  const start = toggleRow(NOTHING_SELECTED, 'c');
  expect(chosen(extendTo(start, keys, 'd'))).toEqual(['c', 'd']);
  expect(chosen(extendTo(start, keys, 'a'))).toEqual(['a', 'b', 'c']);
});

it('Shift without an anchor, or with one that is no longer shown, takes the row itself', () => {
  expect(chosen(extendTo(NOTHING_SELECTED, keys, 'b'))).toEqual(['b']);
  expect(chosen(extendTo({ selected: new Set(), anchor: 'gone' }, keys, 'b'))).toEqual(['b']);
  expect(chosen(extendTo(NOTHING_SELECTED, keys, 'gone'))).toEqual([]);
});

it('the box in the header takes all that is shown, then none', () => {
  const all = toggleAll(toggleRow(NOTHING_SELECTED, 'a'), keys);
  expect(chosen(all)).toEqual(keys);
  expect(chosen(toggleAll(all, keys))).toEqual([]);
});
