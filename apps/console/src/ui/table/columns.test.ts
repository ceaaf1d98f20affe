import { describe, expect, it } from 'vitest';
import {
  clickSort,
  compareValues,
  formatSort,
  initialChoice,
  mendChoice,
  moveColumn,
  parseSort,
  type TableColumn,
} from './columns.ts';

const column = (id: string, more: Partial<TableColumn<unknown>> = {}): TableColumn<unknown> => ({
  id,
  header: id,
  value: () => id,
  ...more,
});

describe('the sort', () => {
  it('is written as the server reads it, and unknown columns are left out', () => {
    expect(parseSort('-problems,name,third', ['name', 'problems', 'third'])).toEqual([
      { id: 'problems', desc: true },
      { id: 'name', desc: false },
    ]);
    expect(parseSort('evil', ['name'])).toEqual([]);
    expect(
      formatSort([
        { id: 'a', desc: true },
        { id: 'b', desc: false },
      ]),
    ).toBe('-a,b');
    expect(formatSort([])).toBeUndefined();
  });

  it('turns round, then goes, with clicks on one header', () => {
    const first = clickSort([], 'a', false, false);
    const second = clickSort(first, 'a', false, false);
    expect([first, second, clickSort(second, 'a', false, false)]).toEqual([
      [{ id: 'a', desc: false }],
      [{ id: 'a', desc: true }],
      [],
    ]);
    expect(clickSort([], 'size', true, false)).toEqual([{ id: 'size', desc: true }]);
  });

  it('takes a second key with Shift', () => {
    const keys = clickSort([{ id: 'a', desc: false }], 'b', true, true);
    expect(keys).toEqual([
      { id: 'a', desc: false },
      { id: 'b', desc: true },
    ]);
    expect(clickSort(keys, 'b', true, true)).toEqual([
      { id: 'a', desc: false },
      { id: 'b', desc: false },
    ]);
    expect(clickSort(keys, 'c', false, true)).toEqual([
      { id: 'a', desc: false },
      { id: 'c', desc: false },
    ]);
  });

  it('orders names as people do', () => {
    expect(['web-10', 'web-2', 'Web-1'].sort(compareValues)).toEqual(['Web-1', 'web-2', 'web-10']);
    expect([10, 9, 100].sort(compareValues)).toEqual([9, 10, 100]);
  });
});

describe('the choice of columns', () => {
  const columns = [column('name'), column('type'), column('seen', { initiallyHidden: true })];

  it('starts with what the page shows', () => {
    expect(initialChoice(columns)).toEqual({ hidden: ['seen'], order: ['name', 'type', 'seen'], widths: {} });
  });

  it('survives columns that come and go', () => {
    const old = { hidden: ['gone'], order: ['type', 'gone', 'name'], widths: { name: 200 } };
    expect(mendChoice(old, [...columns, column('new')])).toEqual({
      hidden: [],
      order: ['type', 'seen', 'new', 'name'],
      widths: { name: 200 },
    });
  });

  it('moves a column by one place, not past the ends', () => {
    expect(moveColumn(['a', 'b', 'c'], 'b', 1)).toEqual(['a', 'c', 'b']);
    expect(moveColumn(['a', 'b'], 'a', -1)).toEqual(['a', 'b']);
  });
});
