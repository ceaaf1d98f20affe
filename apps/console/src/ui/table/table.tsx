/**
 * The table of every list: sorted, sized, chosen and ordered columns kept for each person, rows by keyboard, drawn only
 * where they are seen above a hundred. The server filters; the browser or the server sorts.
 */
import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { usePreference } from '../../app/preferences.ts';
import { formatCount } from '../../time/format.ts';
import {
  type ColumnChoice,
  clickSort,
  compareValues,
  formatSort,
  initialChoice,
  mendChoice,
  parseSort,
  type TableColumn,
} from './columns.ts';
import { useElementWidth, usePageSize, useRowHeight } from './measure.ts';
import { extendTo, NOTHING_SELECTED, type SelectionState, toggleAll, toggleRow } from './selection.ts';
import styles from './table.module.css';
import { useTableKeys } from './table-keys.ts';
import { type RowAction, TableMenu, type TableMenuState } from './table-menu.tsx';
import { Dots, GreyRows, Pad, Row } from './table-row.tsx';

/** More rows than this are drawn only where they are seen. */
export const VIRTUAL_ABOVE = 100;
const OVERSCAN = 8;
const PHONE_WIDTH = 560;
const SELECT_WIDTH = 30;
const MENU_WIDTH = 34;
const MIN_WIDTH = 56;
const FLEX_WIDTH = 168;

const features = tableFeatures({
  columnVisibilityFeature,
  columnOrderingFeature,
  columnSizingFeature,
  columnResizingFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
});

export interface TableProps<T extends object> {
  /** Under this name the choice of columns is kept. */
  readonly id: string;
  /** What the table holds, said to who does not see it. */
  readonly label: string;
  readonly columns: readonly TableColumn<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** As in the address: `-opened,name`. */
  readonly sort?: string | undefined;
  readonly onSort?: (sort: string | undefined) => void;
  /** The rows come sorted: the server does it. */
  readonly sortedByServer?: boolean;
  /** Rows that match, when not all of them are here. */
  readonly total?: number | undefined;
  readonly more?: { readonly pending: boolean; readonly load: () => void } | undefined;
  /** Nothing has come yet: grey rows of the final height. */
  readonly loading?: boolean;
  /** Newer data is on its way: what is shown is dimmed. */
  readonly stale?: boolean;
  /** In place of the rows: an ErrorState. */
  readonly failed?: ReactNode;
  /** In place of the rows when there are none: an EmptyState. */
  readonly empty?: ReactNode;
  readonly expectedRows?: number;
  readonly onOpen?: (row: T) => void;
  /** The row whose panel is open. */
  readonly openKey?: string | undefined;
  /** Hears which row the keyboard is on. */
  readonly onActive?: (row: T | undefined) => void;
  readonly rowActions?: (row: T) => readonly RowAction[];
  /** Shown above the rows while some are selected. */
  readonly bulk?: (rows: readonly T[], clear: () => void) => ReactNode;
  /** New rows that wait at the top, so that none moves under the pointer. */
  readonly waiting?: { readonly count: number; readonly show: () => void } | undefined;
  /** How far a row is set in: 1 under the row above it. */
  readonly depth?: (row: T) => number;
  readonly tone?: (row: T) => 'quiet' | undefined;
  /** Fetches all rows that match, for an export of more than is here. */
  readonly loadAll?: () => Promise<readonly T[]>;
  readonly twoLine?: boolean;
  /** Its keys act though it has not the focus: the list of the page. */
  readonly main?: boolean;
  /** Grows with its rows instead of scrolling in itself. */
  readonly short?: boolean;
}

export function Table<T extends object>(props: TableProps<T>) {
  const { id, label, columns, rows, rowKey, sortedByServer = false, main = false } = props;
  const [kept, setKept] = usePreference<ColumnChoice>(`columns:${id}`, initialChoice(columns));
  const choice = useMemo(() => mendChoice(kept, columns), [kept, columns]);
  const [localSort, setLocalSort] = useState<string | undefined>(undefined);
  const sortText = props.onSort === undefined ? localSort : props.sort;
  const setSort = props.onSort ?? setLocalSort;
  const [selection, setSelection] = useState<SelectionState>(NOTHING_SELECTED);
  const [activeKey, setActiveKey] = useState<string | undefined>(undefined);
  const [menu, setMenu] = useState<TableMenuState<T> | undefined>(undefined);
  const scroller = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLTableElement>(null);
  const bulkBar = useRef<HTMLDivElement>(null);
  const baseId = useId();
  const width = useElementWidth(scroller);
  const rowHeight = useRowHeight(scroller, props.twoLine === true);
  const phone = width > 0 && width < PHONE_WIDTH && columns.some((column) => column.phone === true);

  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const sorting = useMemo(() => parseSort(sortText, [...byId.keys()]), [sortText, byId]);
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: (row: T) => column.value(row) ?? undefined,
        sortUndefined: 'last' as const,
        sortFn: (a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }, at: string) =>
          compareValues(a.getValue(at) as never, b.getValue(at) as never),
        size: column.width ?? FLEX_WIDTH,
        minSize: MIN_WIDTH,
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: rows as T[],
    getRowId: rowKey,
    manualSorting: sortedByServer,
    columnResizeMode: 'onEnd',
    state: {
      sorting: sorting as never,
      columnVisibility: Object.fromEntries(
        columns.map((column) => [column.id, phone ? column.phone === true : !choice.hidden.includes(column.id)]),
      ),
      columnOrder: choice.order as string[],
      columnSizing: choice.widths as Record<string, number>,
    },
    onColumnSizingChange: (updater) => {
      const widths = typeof updater === 'function' ? updater(choice.widths as Record<string, number>) : updater;
      setKept({ ...choice, widths });
    },
  });

  const shownColumns = table.getVisibleLeafColumns().map((column) => byId.get(column.id)!);
  const model = table.getRowModel().rows;
  const shown = useMemo(() => model.map((row) => row.original), [model]);
  const keys = useMemo(() => shown.map(rowKey), [shown, rowKey]);

  const virtual =
    (shown.length > VIRTUAL_ABOVE || (shown.length === VIRTUAL_ABOVE && props.more !== undefined)) &&
    props.short !== true;
  // A new function each time would have the places of all rows computed anew with each frame of scrolling.
  const getItemKey = useCallback((index: number) => keys[index] ?? index, [keys]);
  const virtualizer = useVirtualizer({
    count: virtual ? shown.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey,
    overscan: OVERSCAN,
    initialRect: { width: 800, height: 600 },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured again
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  const items = virtual ? virtualizer.getVirtualItems() : undefined;
  const from = items?.[0]?.index ?? 0;
  const to = items === undefined ? shown.length : (items.at(-1)?.index ?? -1) + 1;
  const padAbove = items?.[0]?.start ?? 0;
  const padBelow = items === undefined ? 0 : Math.max(0, virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0));

  const latest = useRef({ shown, keys, props });
  latest.current = { shown, keys, props };

  const selectable = props.bulk !== undefined && !phone;
  const chosen = useMemo(
    () => (selection.selected.size === 0 ? [] : shown.filter((row) => selection.selected.has(rowKey(row)))),
    [selection, shown, rowKey],
  );
  const clear = useCallback(() => setSelection(NOTHING_SELECTED), []);

  const activate = useCallback(
    (key: string | undefined, scroll: boolean) => {
      setActiveKey(key);
      const index = key === undefined ? -1 : latest.current.keys.indexOf(key);
      latest.current.props.onActive?.(latest.current.shown[index]);
      if (!scroll || index < 0) return;
      if (virtualizer.options.count > 0) virtualizer.scrollToIndex(index, { align: 'auto' });
      else document.getElementById(rowId(baseId, index))?.scrollIntoView({ block: 'nearest' });
    },
    [virtualizer, baseId],
  );

  const pageSize = usePageSize(scroller, rowHeight);
  useTableKeys({
    main,
    grid,
    count: shown.length,
    activeIndex: () => (activeKey === undefined ? -1 : keys.indexOf(activeKey)),
    pageSize,
    selectable,
    move(index, extend) {
      const key = keys[index];
      if (key === undefined) return;
      if (extend && selectable) {
        setSelection((old) =>
          extendTo(old.anchor === undefined && activeKey !== undefined ? toggleRow(old, activeKey) : old, keys, key),
        );
      }
      activate(key, true);
    },
    toggle(index) {
      const key = keys[index];
      if (key !== undefined) setSelection((old) => toggleRow(old, key));
    },
    open(index) {
      const row = shown[index];
      if (row !== undefined) props.onOpen?.(row);
    },
    bulk: () => bulkBar.current?.querySelector<HTMLElement>('button, a')?.focus(),
    menu: (index) => openRowMenu(index),
    clear: () => {
      if (selection.selected.size > 0) clear();
      else activate(undefined, false);
    },
  });

  const openRowMenu = (index: number, anchor?: Element) => {
    const row = shown[index];
    if (row === undefined || props.rowActions === undefined) return;
    const element = anchor ?? document.getElementById(rowId(baseId, index));
    if (element !== null) setMenu({ kind: 'row', anchor: element, actions: props.rowActions(row) });
  };

  const press = useCallback(
    (index: number, event: MouseEvent) => {
      const { shown: rowsNow, keys: keysNow, props: propsNow } = latest.current;
      const key = keysNow[index];
      const row = rowsNow[index];
      if (key === undefined || row === undefined) return;
      if ((event.target as Element).closest('a, button, input, label') !== null) return;
      activate(key, false);
      if (event.shiftKey && propsNow.bulk !== undefined) setSelection((old) => extendTo(old, keysNow, key));
      else if ((event.ctrlKey || event.metaKey) && propsNow.bulk !== undefined)
        setSelection((old) => toggleRow(old, key));
      else if (getSelection()?.isCollapsed !== false) propsNow.onOpen?.(row);
    },
    [activate],
  );
  const check = useCallback((key: string, event: { readonly shiftKey: boolean }) => {
    const { keys: keysNow } = latest.current;
    setSelection((old) => (event.shiftKey ? extendTo(old, keysNow, key) : toggleRow(old, key)));
  }, []);
  const context = useCallback((index: number, event: MouseEvent) => {
    if (latest.current.props.rowActions === undefined || (event.target as Element).closest('a') !== null) return;
    event.preventDefault();
    openMenuRef.current(index, event.currentTarget);
  }, []);
  const openMenuRef = useRef(openRowMenu);
  openMenuRef.current = openRowMenu;

  // The next page is fetched when the end comes near; the count and a button say so too.
  const { more } = props;
  const wantsMore = more !== undefined && !more.pending && virtual && to > shown.length - OVERSCAN;
  useEffect(() => {
    if (wantsMore) more?.load();
  }, [wantsMore, more]);

  const spare = shownColumns.some((column) => column.width === undefined && choice.widths[column.id] === undefined);
  const sizes = shownColumns.map((column) => choice.widths[column.id] ?? column.width);
  const minWidth =
    (selectable ? SELECT_WIDTH : 0) + MENU_WIDTH + sizes.reduce<number>((sum, size) => sum + (size ?? FLEX_WIDTH), 0);
  const span = shownColumns.length + (selectable ? 2 : 1);
  const blank = props.failed !== undefined || (shown.length === 0 && props.loading !== true);
  const all = keys.length > 0 && keys.every((key) => selection.selected.has(key));

  return (
    <div className={styles['wrap']} data-short={props.short || undefined}>
      {selectable && chosen.length > 0 && (
        <section ref={bulkBar} className={styles['bulk']} aria-label="Selected rows">
          <span>{formatCount(chosen.length)} selected</span>
          {props.bulk?.(chosen, clear)}
          <button type="button" className={styles['plain']} onClick={clear}>
            Clear
          </button>
        </section>
      )}
      {props.waiting !== undefined && props.waiting.count > 0 && (
        <button type="button" className={styles['waiting']} onClick={props.waiting.show}>
          {formatCount(props.waiting.count)} new
        </button>
      )}
      <div ref={scroller} className={styles['scroller']} data-stale={props.stale || undefined}>
        <table
          ref={grid}
          className={styles['table']}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the arrow keys move through its rows
          role="grid"
          aria-label={label}
          aria-rowcount={props.total ?? shown.length}
          aria-multiselectable={selectable || undefined}
          aria-busy={props.loading || undefined}
          aria-activedescendant={
            activeKey !== undefined && keys.includes(activeKey) ? rowId(baseId, keys.indexOf(activeKey)) : undefined
          }
          tabIndex={0}
          style={{ minInlineSize: phone ? undefined : minWidth }}
        >
          <colgroup>
            {selectable && <col style={{ inlineSize: SELECT_WIDTH }} />}
            {shownColumns.map((column, i) => (
              <col key={column.id} style={colWidth(sizes[i], phone)} />
            ))}
            {!spare && <col />}
            <col style={{ inlineSize: MENU_WIDTH }} />
          </colgroup>
          <thead>
            <tr>
              {selectable && (
                <th scope="col" className={styles['select']}>
                  <input
                    type="checkbox"
                    aria-label={all ? 'Select none' : 'Select all shown'}
                    checked={all}
                    onChange={() => setSelection((old) => toggleAll(old, keys))}
                  />
                </th>
              )}
              {table.getHeaderGroups()[0]?.headers.map((header) => {
                const column = byId.get(header.column.id)!;
                const place = sorting.findIndex((key) => key.id === column.id);
                const sorted = sorting[place];
                const sortable = column.sortable !== false;
                return (
                  <th
                    key={header.id}
                    scope="col"
                    data-align={column.align}
                    aria-sort={sorted === undefined ? undefined : sorted.desc ? 'descending' : 'ascending'}
                  >
                    {sortable ? (
                      <button
                        type="button"
                        className={styles['sort']}
                        onClick={(event) =>
                          setSort(
                            formatSort(clickSort(sorting, column.id, column.descendingFirst === true, event.shiftKey)),
                          )
                        }
                      >
                        <HeaderText column={column} />
                        <span className={styles['arrow']} aria-hidden="true">
                          {sorted === undefined ? '' : sorted.desc ? '↓' : '↑'}
                          {sorting.length > 1 && place >= 0 ? <sub>{place + 1}</sub> : null}
                        </span>
                      </button>
                    ) : (
                      <HeaderText column={column} />
                    )}
                    {!phone && (
                      <span
                        className={styles['resize']}
                        aria-hidden="true"
                        onMouseDown={header.getResizeHandler()}
                        onTouchStart={header.getResizeHandler()}
                        onDoubleClick={() => setKept({ ...choice, widths: without(choice.widths, column.id) })}
                      />
                    )}
                  </th>
                );
              })}
              {!spare && <td />}
              <th className={styles['menuCell']}>
                <button
                  type="button"
                  className={styles['dots']}
                  aria-label={`Columns and export of ${label}`}
                  aria-haspopup="menu"
                  onClick={(event) => setMenu({ kind: 'table', anchor: event.currentTarget })}
                >
                  <Dots />
                </button>
              </th>
            </tr>
          </thead>
          <tbody>
            {props.failed !== undefined ? null : props.loading === true && shown.length === 0 ? (
              <GreyRows
                count={props.expectedRows ?? 8}
                columns={shownColumns}
                span={span}
                spare={spare}
                selectable={selectable}
                height={rowHeight}
              />
            ) : (
              <>
                {padAbove > 0 && <Pad height={padAbove} />}
                {shown.slice(from, to).map((row, offset) => {
                  const index = from + offset;
                  const key = keys[index]!;
                  return (
                    <Row
                      key={key}
                      id={rowId(baseId, index)}
                      index={index}
                      rowKey={key}
                      row={row}
                      columns={shownColumns}
                      height={rowHeight}
                      spare={spare}
                      active={key === activeKey}
                      open={key === props.openKey}
                      selected={selection.selected.has(key)}
                      selectable={selectable}
                      openable={props.onOpen !== undefined}
                      hasMenu={props.rowActions !== undefined}
                      depth={props.depth?.(row) ?? 0}
                      tone={props.tone?.(row)}
                      onPress={press}
                      onCheck={check}
                      onContext={context}
                      openMenu={openMenuRef}
                    />
                  );
                })}
                {padBelow > 0 && <Pad height={padBelow} />}
              </>
            )}
          </tbody>
        </table>
        {blank && <div className={styles['blank']}>{props.failed ?? props.empty}</div>}
      </div>
      {!blank && props.loading !== true && (
        <footer className={styles['foot']}>
          <span>
            {props.total !== undefined && props.total > shown.length
              ? `${formatCount(shown.length)} of ${formatCount(props.total)}`
              : formatCount(shown.length)}
          </span>
          {more !== undefined && (
            <button type="button" className={styles['plain']} disabled={more.pending} onClick={more.load}>
              {more.pending ? 'Loading more' : 'Show more'}
            </button>
          )}
        </footer>
      )}
      <TableMenu
        state={menu}
        onClose={() => setMenu(undefined)}
        name={id}
        columns={columns}
        choice={choice}
        onChoice={setKept}
        rows={shown}
        {...(props.loadAll === undefined ? {} : { loadAll: props.loadAll })}
      />
    </div>
  );
}

function HeaderText<T>({ column }: { readonly column: TableColumn<T> }) {
  return (
    <span className={column.headerHidden === true ? 'visually-hidden' : styles['title']}>
      {column.header}
      {column.unit === undefined ? null : <span className={styles['unit']}>, {column.unit}</span>}
    </span>
  );
}

function rowId(base: string, index: number): string {
  return `${base}-row-${index}`;
}

function colWidth(size: number | undefined, phone: boolean): CSSProperties | undefined {
  return size === undefined || (phone && size > 160) ? undefined : { inlineSize: size };
}

function without(widths: Readonly<Record<string, number>>, id: string): Record<string, number> {
  return Object.fromEntries(Object.entries(widths).filter(([key]) => key !== id));
}
