/** The keys of a table: arrows and `j` `k` move, Space selects, Shift extends, Enter opens, `x` the bulk bar. */
import type { RefObject } from 'react';
import { type KeyBinding, useKeys } from '../../app/keys.ts';

const KEEPS_KEYS = '[aria-modal="true"], [role="alertdialog"], [role="menu"], [role="listbox"], [role="tablist"]';

export interface TableKeys {
  /** Acts though the focus is elsewhere, outside fields. */
  readonly main: boolean;
  readonly grid: RefObject<HTMLElement | null>;
  readonly count: number;
  readonly activeIndex: () => number;
  readonly pageSize: () => number;
  readonly selectable: boolean;
  move(index: number, extend: boolean): void;
  toggle(index: number): void;
  open(index: number): void;
  bulk(): void;
  menu(index: number): void;
  clear(): void;
}

export function useTableKeys(keys: TableKeys): void {
  const focused = () => {
    const { activeElement } = document;
    return keys.grid.current?.contains(activeElement) === true;
  };
  // A menu, a modal dialog or tabs that have the focus keep their keys; a side panel keeps all but `j` and `k`.
  const inside = (selector: string) => document.activeElement?.closest(selector) != null;
  const besides = () => keys.count > 0 && (focused() || (keys.main && !inside(KEEPS_KEYS)));
  const acts = () => besides() && !inside('[role="dialog"]');
  const step = (by: number) => (event: KeyboardEvent) => {
    const at = keys.activeIndex();
    const next = at < 0 ? (by > 0 ? 0 : keys.count - 1) : at + by;
    keys.move(Math.min(keys.count - 1, Math.max(0, next)), event.shiftKey);
  };
  const hasActive = () => acts() && keys.activeIndex() >= 0;
  const binding = (
    name: string,
    label: string,
    run: (event: KeyboardEvent) => void,
    when: () => boolean = acts,
  ): KeyBinding => ({ keys: name, label, group: 'Lists', run, when });
  useKeys([
    binding('j', 'Next row', step(1), besides),
    binding('ArrowDown', 'Next row', step(1), () => acts() && !scrolls()),
    binding('k', 'Row before', step(-1), besides),
    binding('ArrowUp', 'Row before', step(-1), () => acts() && !scrolls()),
    binding('PageDown', 'A screen on', (event) => step(keys.pageSize())(event), focused),
    binding('PageUp', 'A screen back', (event) => step(-keys.pageSize())(event), focused),
    binding('Home', 'First row', (event) => keys.move(0, event.shiftKey), focused),
    binding('End', 'Last row', (event) => keys.move(keys.count - 1, event.shiftKey), focused),
    binding('Enter', 'Open the row', () => keys.open(keys.activeIndex()), hasActive),
    binding(
      'Space',
      'Select the row',
      () => keys.toggle(keys.activeIndex()),
      () => hasActive() && keys.selectable,
    ),
    binding(
      'x',
      'To the actions on selected rows',
      () => keys.bulk(),
      () => acts() && keys.selectable,
    ),
    binding('.', 'Menu of the row', () => keys.menu(keys.activeIndex()), hasActive),
    binding(
      'Escape',
      'Let go of rows',
      () => keys.clear(),
      () => hasActive(),
    ),
  ]);
}

/** The arrow keys belong to what has the focus and uses them itself. */
function scrolls(): boolean {
  const active = document.activeElement;
  return active instanceof HTMLElement && active.closest('[role="img"], [role="slider"], [role="radiogroup"]') !== null;
}
