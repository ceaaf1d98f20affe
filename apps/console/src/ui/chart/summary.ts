/** A chart in words, for who does not see it. */
import { formatClock } from '../../time/format.ts';
import type { SeriesBuffer } from './series.ts';
import { lineValue, type Shape } from './shape.ts';
import { threeDigits, unitScale } from './units.ts';

/** "Processor, % of 8 cores, 02:31 to 03:31. user now 28.7, lowest 20 at 02:40, highest 44 at 03:20. …" */
export function summarize(title: string, units: string, shape: Shape, buffer: SeriesBuffer): string {
  const from = buffer.times[0];
  const to = buffer.times.at(-1);
  if (from === undefined || to === undefined) return `${title}: no samples in this range.`;
  const parts = [`${title}, ${formatClock(from * 1000)} to ${formatClock(to * 1000)}.`];
  for (const line of shape.lines) {
    let low = { value: Number.POSITIVE_INFINITY, atS: from };
    let high = { value: Number.NEGATIVE_INFINITY, atS: from };
    let last: number | null = null;
    for (const [i, atS] of buffer.times.entries()) {
      const value = lineValue(shape, line, buffer.columns, i);
      if (value === null) continue;
      last = value;
      if (value < low.value) low = { value, atS };
      if (value > high.value) high = { value, atS };
    }
    if (last === null) {
      parts.push(`${line.name}: no samples.`);
      continue;
    }
    const scale = unitScale(units, high.value);
    const say = (value: number) => `${threeDigits(value * scale.factor)} ${scale.label}`;
    parts.push(
      `${line.name} now ${say(last)}, lowest ${say(low.value)} at ${formatClock(low.atS * 1000)}, ` +
        `highest ${say(high.value)} at ${formatClock(high.atS * 1000)}.`,
    );
  }
  return parts.join(' ');
}
