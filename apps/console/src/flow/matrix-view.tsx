/** Who against whom, or against what is spoken: a cell is the warmer the more moved. Arrows move, Enter opens. */
import { useNavigate } from '@tanstack/react-router';
import { type CSSProperties, type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { keepTime, type SearchParams } from '../app/search.ts';
import type { AssetNames } from './address.tsx';
import styles from './flow.module.css';
import { heat, matrixOf, OTHERS, type Weighed } from './matrix.ts';
import type { Measure } from './types.ts';
import { formatMeasure } from './words.ts';

const MAX_ROWS = 18;
const MAX_COLUMNS = 18;

export interface MatrixViewProps {
  readonly pairs: readonly Weighed[];
  readonly measure: Measure;
  readonly names: AssetNames;
  /** What the columns are: "To", "Application". */
  readonly columnTitle: string;
  /** The line that asks for a cell's records. */
  readonly lineOfCell: (row: string, column: string) => string;
}

export function MatrixView({ pairs, measure, names, columnTitle, lineOfCell }: MatrixViewProps) {
  const navigate = useNavigate();
  const matrix = useMemo(() => matrixOf(pairs, MAX_ROWS, MAX_COLUMNS), [pairs]);
  const [at, setAt] = useState<readonly [number, number]>([0, 0]);
  const [seen, setSeen] = useState<readonly [number, number] | undefined>();
  const grid = useRef<HTMLTableElement>(null);
  const { rows, columns, cells, rowSums, most } = matrix;
  const nameOf = (key: string, left: number) => (key === OTHERS ? `others (${left})` : (names.get(key) ?? key));
  const leftRows = new Set(pairs.map(({ row }) => row)).size - MAX_ROWS;
  const leftColumns = new Set(pairs.map(({ column }) => column)).size - MAX_COLUMNS;
  const open = (row: number, column: number) => {
    const line = lineOfCell(rows[row] ?? OTHERS, columns[column] ?? OTHERS);
    if (line === '') return;
    void navigate({
      to: '/flows',
      search: (before: SearchParams) => ({ ...keepTime(before), view: 'records', q: line }),
    } as never);
  };
  const move = (row: number, column: number) => {
    const next = [clamp(row, rows.length), clamp(column, columns.length)] as const;
    setAt(next);
    setSeen(next);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next[0]} ${next[1]}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const [row, column] = at;
    const next = {
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      Home: [row, 0],
      End: [row, columns.length - 1],
    }[event.key];
    if (next !== undefined) move(next[0] ?? 0, next[1] ?? 0);
    else if (event.key === 'Enter') open(row, column);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const [row, column] = seen ?? [-1, -1];
  const value = cells[row]?.[column];
  return (
    <div className={styles['matrixWrap']}>
      <p className={styles['readout']} aria-live="off">
        {value === undefined ? (
          <>Each cell is what moved between two; darker is ten times more. Enter or a click opens its records.</>
        ) : (
          <>
            <code>{nameOf(rows[row] ?? '', leftRows)}</code> → <code>{nameOf(columns[column] ?? '', leftColumns)}</code>{' '}
            <b>{value === 0 ? 'nothing' : formatMeasure(value, measure)}</b>
          </>
        )}
      </p>
      <div className={styles['matrix']}>
        <table
          ref={grid}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the arrow keys move through its cells
          role="grid"
          aria-label={`From against ${columnTitle}`}
          onKeyDown={onKeyDown}
          onMouseLeave={() => setSeen(undefined)}
        >
          <thead>
            <tr>
              <th scope="col">From</th>
              {columns.map((name) => (
                <th key={name} scope="col" title={name}>
                  <span>{nameOf(name, leftColumns)}</span>
                </th>
              ))}
              <th scope="col">All</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((name, rowAt) => (
              <tr key={name}>
                <th scope="row" title={name}>
                  <span>{nameOf(name, leftRows)}</span>
                </th>
                {columns.map((to, columnAt) => {
                  const cell = cells[rowAt]?.[columnAt] ?? 0;
                  const active = at[0] === rowAt && at[1] === columnAt;
                  const rest = name === OTHERS || to === OTHERS;
                  return (
                    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears Enter for the cell that has the focus
                    <td
                      key={to}
                      data-cell={`${rowAt} ${columnAt}`}
                      data-rest={rest || undefined}
                      data-some={cell > 0 || undefined}
                      tabIndex={active ? 0 : -1}
                      aria-label={`${nameOf(name, leftRows)} to ${nameOf(to, leftColumns)}: ${cell === 0 ? 'nothing' : formatMeasure(cell, measure)}`}
                      style={{ '--heat': `${Math.round(heat(cell, most) * 100)}%` } as CSSProperties}
                      onMouseEnter={() => setSeen([rowAt, columnAt])}
                      onFocus={() => {
                        setAt([rowAt, columnAt]);
                        setSeen([rowAt, columnAt]);
                      }}
                      onClick={() => open(rowAt, columnAt)}
                    />
                  );
                })}
                <td className={styles['sum']}>{formatMeasure(rowSums[rowAt] ?? 0, measure)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function clamp(value: number, length: number): number {
  return Math.min(length - 1, Math.max(0, value));
}
