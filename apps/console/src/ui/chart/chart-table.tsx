/** The same data as a table: newest first, at most as many rows as one would read. */
import { formatClockSeconds, NO_VALUE } from '../../time/format.ts';
import styles from './chart.module.css';
import type { SeriesBuffer } from './series.ts';
import { lineValue, type Shape } from './shape.ts';
import { threeDigits, unitScale } from './units.ts';

const MAX_ROWS = 300;

export interface ChartTableProps {
  readonly title: string;
  readonly units: string;
  readonly shape: Shape;
  readonly buffer: SeriesBuffer;
  readonly height: number;
}

export function ChartTable({ title, units, shape, buffer, height }: ChartTableProps) {
  let largest = 0;
  for (const column of buffer.columns) for (const value of column) largest = Math.max(largest, Math.abs(value ?? 0));
  const scale = unitScale(units, largest);
  const indexes: number[] = [];
  for (let i = buffer.times.length - 1; i >= 0 && indexes.length < MAX_ROWS; i--) indexes.push(i);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className={styles['table']} style={{ blockSize: height }} tabIndex={0} aria-label={`${title} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {shape.lines.map((line) => (
              <th key={line.id} scope="col">
                {line.name}, {scale.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {indexes.map((index) => (
            <tr key={buffer.times[index]}>
              <td>{formatClockSeconds((buffer.times[index] ?? 0) * 1000)}</td>
              {shape.lines.map((line) => {
                const value = lineValue(shape, line, buffer.columns, index);
                return <td key={line.id}>{value === null ? NO_VALUE : threeDigits(value * scale.factor)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
