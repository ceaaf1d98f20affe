/** Below a chart: what is what, with averages and peaks. */
import { textWidth } from './font.ts';
import type { Metric } from './metrics.ts';
import type { Shape } from './scene.ts';
import type { Binned } from './series.ts';
import { FAINT_INK, GRID, INK, LINE_HEIGHT, TEXT_SIZE } from './theme.ts';
import { shortNumber } from './ticks.ts';

const MIN_FIGURE_WIDTH = 70;

/** Where the chart is. */
export interface Plot {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A row an object with its figures for each metric; without objects a row a metric. */
export function legend(
  plot: Plot,
  { series }: Binned,
  metrics: readonly Metric[],
  hasObjects: boolean,
  colours: (object: number, metric: number) => string,
): Shape[] {
  const shapes: Shape[] = [];
  const groups = hasObjects ? metrics.map((metric, at) => ({ metric, at })) : [{ metric: null, at: 0 }];
  const right = plot.x + plot.width;
  const prefixes = groups.map(({ metric }) => (metric === null || groups.length === 1 ? '' : `${metric.name} `));
  const figureWidth = Math.max(MIN_FIGURE_WIDTH, ...prefixes.map((one) => textWidth(`${one}average`, TEXT_SIZE) + 16));
  const columnsLeft = right - groups.length * 2 * figureWidth;
  let y = plot.y + plot.height + 58;
  const text = { kind: 'text', size: TEXT_SIZE } as const;
  for (const [group, prefix] of prefixes.entries()) {
    const x = columnsLeft + group * 2 * figureWidth;
    shapes.push({ ...text, x: x + figureWidth, y, text: `${prefix}average`, fill: FAINT_INK, anchor: 'end' });
    shapes.push({ ...text, x: x + 2 * figureWidth, y, text: `${prefix}peak`, fill: FAINT_INK, anchor: 'end' });
  }
  shapes.push({ kind: 'line', points: [plot.x, y + 5.5, right, y + 5.5], stroke: GRID, width: 1 });
  for (const [object, { name, values }] of series.entries()) {
    const rows = hasObjects
      ? [{ label: name, at: [...metrics.keys()] }]
      : metrics.map((metric, at) => ({ label: metric.name, at: [at] }));
    for (const { label, at } of rows) {
      y += LINE_HEIGHT;
      shapes.push({
        kind: 'rectangle',
        x: plot.x,
        y: y - 9,
        width: 10,
        height: 10,
        fill: colours(object, at[0] as number),
      });
      const fitting = fitted(label, columnsLeft - plot.x - 24);
      shapes.push({ ...text, x: plot.x + 18, y, text: fitting, fill: INK, anchor: 'start' });
      for (const [group, metric] of at.entries()) {
        const x = columnsLeft + group * 2 * figureWidth;
        const column = values[metric] as Float64Array;
        shapes.push({
          ...text,
          x: x + figureWidth,
          y,
          text: shortNumber(mean(column, metrics[metric]?.isRate === true)),
          fill: INK,
          anchor: 'end',
        });
        shapes.push({
          ...text,
          x: x + 2 * figureWidth,
          y,
          text: shortNumber(Math.max(0, peak(column))),
          fill: INK,
          anchor: 'end',
        });
      }
    }
  }
  return shapes;
}

function fitted(label: string, room: number): string {
  let text = label;
  while (text.length > 1 && textWidth(text, TEXT_SIZE) > room) text = text.slice(0, -1);
  return text;
}

/** Of what is no rate, over the bins that have any. */
function mean(values: Float64Array, isRate: boolean): number {
  const counted = isRate ? values : values.filter((value) => value !== 0);
  return counted.reduce((sum, value) => sum + value, 0) / Math.max(1, counted.length);
}

function peak(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}
