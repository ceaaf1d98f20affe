/** A chart of series over time as a scene: axes, areas or lines, and a legend that tells averages and peaks. */
import { textWidth } from './font.ts';
import type { Metric } from './metrics.ts';
import type { GraphOptions } from './options.ts';
import type { Scene, Shape } from './scene.ts';
import { type Binned, OTHERS, type Series } from './series.ts';
import { dateText, niceStep, shortNumber, ticksBetween, timeTicks } from './ticks.ts';

const COLOURS = [
  '#2f6fde',
  '#f2952b',
  '#23a26d',
  '#d9485f',
  '#7d5bd6',
  '#16a3b8',
  '#c9579f',
  '#8aa319',
  '#b5653a',
  '#5a6b85',
  '#64a5ff',
  '#ffc46b',
  '#6fd3a4',
  '#f58a9b',
  '#b39af2',
  '#6fd3e2',
  '#ec9dcf',
  '#bfd15a',
  '#dba27f',
  '#9aa8bd',
];
const OTHERS_COLOUR = '#b8bec8';
const INK = '#1f2733';
const FAINT_INK = '#5c6675';
const GRID = '#e4e8ee';
const AXIS = '#9aa4b2';
const BACKGROUND = '#ffffff';
const PLOT = '#fbfcfd';
const TEXT_SIZE = 11;
const TITLE_SIZE = 15;
const LINE_HEIGHT = 18;
const PIXELS_PER_TIME_LABEL = 88;
const PIXELS_PER_LEVEL = 44;

/** One thing that is drawn: an object's metric, above or below the axis. */
interface Layer {
  readonly colour: string;
  readonly values: Float64Array;
  readonly isBelow: boolean;
}

export interface ChartInput {
  readonly data: Binned;
  readonly metrics: readonly Metric[];
  /** The names of the series are objects, not the whole. */
  readonly hasObjects: boolean;
  readonly options: GraphOptions;
}

export function chartScene({ data, metrics, hasObjects, options }: ChartInput): Scene {
  const isSplit =
    options.split &&
    metrics.some(({ side }) => side === 'source') &&
    metrics.some(({ side }) => side === 'destination');
  const isBelow = ({ side }: Metric): boolean => isSplit && (side === 'destination') !== options.invert;
  const colours = coloursOf(data.series, metrics, hasObjects, isSplit);
  const layers = data.series.flatMap(({ values }, object) =>
    metrics.map((metric, at) => ({
      colour: colours(object, at),
      values: values[at] as Float64Array,
      isBelow: isBelow(metric),
    })),
  );
  const isStacked = options.stack && metrics.every(({ isRate }) => isRate);
  const tops = layers.map((layer) => ({ ...layer, ...stackedOf(layer, layers, isStacked) }));
  const scale = scaleOf(tops, options, isSplit);
  const frame = frameOf(options, scale, data, metrics, hasObjects);
  const place = placer(frame, scale, data, options);
  const shapes: Shape[] = [{ kind: 'rectangle', ...frame.plot, fill: PLOT }];
  if (!options.onlyGraph || options.yGrid) shapes.push(...levels(frame, scale, options));
  if (!options.onlyGraph || options.xGrid) shapes.push(...times(frame, data, options));
  // The one on top of the stack is drawn first, so that each edge is whole.
  for (const layer of [...tops].reverse())
    shapes.push(...layerShapes(layer, place, options, tops.length > 1, isStacked));
  const zero = place.y(0);
  shapes.push({
    kind: 'line',
    points: [frame.plot.x, zero, frame.plot.x + frame.plot.width, zero],
    stroke: AXIS,
    width: 1,
  });
  if (!options.onlyGraph) {
    shapes.push(...headings(frame, data, metrics, options));
    if (options.legend) shapes.push(...legend(frame, data, metrics, hasObjects, colours));
  }
  return { width: frame.width, height: frame.height, background: BACKGROUND, shapes };
}

function coloursOf(
  series: readonly Series[],
  metrics: readonly Metric[],
  hasObjects: boolean,
  isSplit: boolean,
): (object: number, metric: number) => string {
  return (object, metric) => {
    if (hasObjects && series[object]?.name === OTHERS) return OTHERS_COLOUR;
    const number = hasObjects ? (isSplit ? object : object * metrics.length + metric) : metric;
    return COLOURS[number % COLOURS.length] as string;
  };
}

interface Stacked {
  readonly bottoms: Float64Array | null;
  readonly tops: Float64Array;
}

/** Signed heights; below the axis they are negative. */
function stackedOf(layer: Layer, layers: readonly Layer[], isStacked: boolean): Stacked {
  const sign = layer.isBelow ? -1 : 1;
  const bottoms = new Float64Array(layer.values.length);
  if (isStacked) {
    for (const other of layers) {
      if (other === layer) break;
      if (other.isBelow !== layer.isBelow) continue;
      for (let i = 0; i < bottoms.length; i += 1)
        bottoms[i] = (bottoms[i] as number) + sign * (other.values[i] as number);
    }
  }
  return { bottoms, tops: bottoms.map((bottom, i) => bottom + sign * (layer.values[i] as number)) };
}

interface Scale {
  /** Values at the lower and the upper end. */
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** A value as a part of the way up. */
  readonly part: (value: number) => number;
}

function scaleOf(layers: readonly Stacked[], options: GraphOptions, isSplit: boolean): Scale {
  let high = 0;
  let low = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const { tops } of layers) {
    for (const value of tops) {
      high = Math.max(high, value);
      low = Math.min(low, value);
      if (value !== 0) least = Math.min(least, Math.abs(value));
    }
  }
  if (high === 0 && low === 0) high = 1;
  return options.log ? logScale(low, high, least, options) : plainScale(low, high, options, isSplit);
}

function plainScale(low: number, high: number, options: GraphOptions, isSplit: boolean): Scale {
  const wanted = Math.max(2, options.height / PIXELS_PER_LEVEL);
  const step = niceStep((options.upper ?? high) - (options.lower ?? low), wanted);
  const top = options.upper ?? Math.ceil(high / step - 1e-9) * step;
  const bottom = options.lower ?? (isSplit || low < 0 ? Math.floor(low / step + 1e-9) * step : 0);
  const [from, to] = top > bottom ? [bottom, top] : [bottom, bottom + 1];
  return { low: from, high: to, ticks: ticksBetween(from, to, step), part: (value) => (value - from) / (to - from) };
}

/** Decades; what lies below the axis has its own going down. */
function logScale(low: number, high: number, least: number, options: GraphOptions): Scale {
  const floor = 10 ** Math.floor(Math.log10(Number.isFinite(least) ? least : 1));
  const decades = (value: number): number => Math.sign(value) * Math.max(0, Math.log10(Math.abs(value) / floor));
  const top = Math.max(1, Math.ceil(decades(options.upper ?? high) - 1e-9));
  const bottom = low < 0 ? Math.floor(decades(options.lower ?? low) + 1e-9) : 0;
  const skip = Math.max(1, Math.ceil((top - bottom) / Math.max(2, options.height / PIXELS_PER_LEVEL)));
  const ticks: number[] = [];
  for (let decade = bottom; decade <= top; decade += 1) {
    if (decade % skip === 0) ticks.push(decade === 0 ? 0 : Math.sign(decade) * floor * 10 ** Math.abs(decade));
  }
  return { low, high, ticks, part: (value) => (decades(value) - bottom) / (top - bottom) };
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly plot: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

function frameOf(
  options: GraphOptions,
  scale: Scale,
  data: Binned,
  metrics: readonly Metric[],
  hasObjects: boolean,
): Frame {
  const { width, height, onlyGraph } = options;
  if (onlyGraph) return { width, height, plot: { x: 0, y: 0, width, height } };
  const labels = Math.max(...scale.ticks.map((tick) => textWidth(shortNumber(Math.abs(tick)), TEXT_SIZE)), 20);
  const left = Math.ceil(labels) + (verticalLabel(metrics, options) === '' ? 22 : 42);
  const top = options.title === '' ? 18 : 44;
  const rows = data.series.length * (hasObjects ? 1 : metrics.length) + 1;
  const below = 52 + (options.legend ? rows * LINE_HEIGHT + 12 : 0) + (options.watermark === '' ? 0 : LINE_HEIGHT);
  return { width: left + width + 24, height: top + height + below, plot: { x: left, y: top, width, height } };
}

interface Placer {
  readonly x: (bin: number) => number;
  readonly y: (value: number) => number;
}

function placer({ plot }: Frame, { part }: Scale, { bins }: Binned, { slope }: GraphOptions): Placer {
  const shift = slope ? 0.5 : 0;
  return {
    x: (bin) => plot.x + ((bin + shift) / bins) * plot.width,
    y: (value) => plot.y + plot.height * (1 - Math.min(1, Math.max(0, part(value)))),
  };
}

function layerShapes(
  layer: Layer & Stacked,
  { x, y }: Placer,
  { fill, slope }: GraphOptions,
  hasOthers: boolean,
  isStacked: boolean,
): Shape[] {
  const edge = outline(layer.tops, x, y, slope);
  const shapes: Shape[] = [];
  if (fill) {
    const base = layer.bottoms === null ? [] : outline(layer.bottoms, x, y, slope);
    const back: number[] = [];
    for (let i = base.length - 2; i >= 0; i -= 2) back.push(base[i] as number, base[i + 1] as number);
    shapes.push({
      kind: 'area',
      points: [...edge, ...back],
      fill: layer.colour,
      opacity: hasOthers ? (isStacked ? 0.82 : 0.28) : 0.22,
    });
  }
  const isEdge = fill && hasOthers && isStacked;
  shapes.push({ kind: 'line', points: edge, stroke: layer.colour, width: isEdge ? 0.8 : 1.5 });
  return shapes;
}

/** Steps as wide as the bins, or straight from middle to middle. */
function outline(values: Float64Array, x: Placer['x'], y: Placer['y'], isSloped: boolean): number[] {
  const points: number[] = [];
  let last = Number.NaN;
  for (const [bin, value] of values.entries()) {
    const height = y(value);
    if (isSloped) {
      points.push(x(bin), height);
      continue;
    }
    // Where a step goes on as it was, it needs no corner.
    if (height === last) points[points.length - 2] = x(bin + 1);
    else points.push(x(bin), height, x(bin + 1), height);
    last = height;
  }
  return points;
}

function levels({ plot }: Frame, scale: Scale, { yGrid, onlyGraph }: GraphOptions): Shape[] {
  return scale.ticks.flatMap((tick) => {
    const y = Math.round(plot.y + plot.height * (1 - scale.part(tick))) + 0.5;
    const shapes: Shape[] = [];
    if (yGrid) shapes.push({ kind: 'line', points: [plot.x, y, plot.x + plot.width, y], stroke: GRID, width: 1 });
    if (!onlyGraph) {
      const text = shortNumber(Math.abs(tick));
      shapes.push({ kind: 'text', x: plot.x - 8, y: y + 4, text, size: TEXT_SIZE, fill: FAINT_INK, anchor: 'end' });
    }
    return shapes;
  });
}

function times({ plot }: Frame, { startS, binS, bins }: Binned, { xGrid, onlyGraph }: GraphOptions): Shape[] {
  const span = binS * bins;
  const bottom = plot.y + plot.height;
  const ticks = timeTicks(startS, startS + span, Math.max(1, plot.width / PIXELS_PER_TIME_LABEL));
  return ticks.flatMap(({ timeS, label, day }) => {
    const x = Math.round(plot.x + ((timeS - startS) / span) * plot.width) + 0.5;
    const shapes: Shape[] = [];
    if (xGrid) shapes.push({ kind: 'line', points: [x, plot.y, x, bottom], stroke: GRID, width: 1 });
    if (onlyGraph) return shapes;
    const text = { kind: 'text', x, size: TEXT_SIZE, anchor: 'middle' } as const;
    shapes.push({ kind: 'line', points: [x, bottom, x, bottom + 5], stroke: AXIS, width: 1 });
    shapes.push({ ...text, y: bottom + 18, text: label, fill: FAINT_INK });
    if (day !== '') shapes.push({ ...text, y: bottom + 33, text: day, fill: INK });
    return shapes;
  });
}

function verticalLabel(metrics: readonly Metric[], options: GraphOptions): string {
  if (options.verticalLabel !== '') return options.verticalLabel;
  return [...new Set(metrics.map(({ unit }) => unit).filter((unit) => unit !== ''))].join(', ');
}

function headings(
  { plot, width, height }: Frame,
  { startS, binS, bins }: Binned,
  metrics: readonly Metric[],
  options: GraphOptions,
): Shape[] {
  const shapes: Shape[] = [];
  const label = verticalLabel(metrics, options);
  if (options.title !== '') {
    shapes.push({
      kind: 'text',
      x: plot.x,
      y: 25,
      text: options.title,
      size: TITLE_SIZE,
      fill: INK,
      anchor: 'start',
      isBold: true,
    });
  }
  const range = `${dateText(startS)} to ${dateText(startS + binS * bins)} UTC, bins of ${binText(binS)}`;
  const hasRoom = textWidth(options.title, TITLE_SIZE) + textWidth(range, TEXT_SIZE) + 40 < plot.width;
  if (options.title !== '' && hasRoom) {
    shapes.push({
      kind: 'text',
      x: plot.x + plot.width,
      y: 25,
      text: range,
      size: TEXT_SIZE,
      fill: FAINT_INK,
      anchor: 'end',
    });
  }
  if (label !== '') {
    const y = plot.y + plot.height / 2;
    shapes.push({
      kind: 'text',
      x: 18,
      y,
      text: label,
      size: TEXT_SIZE,
      fill: FAINT_INK,
      anchor: 'middle',
      isUpright: true,
    });
  }
  if (options.watermark !== '') {
    shapes.push({
      kind: 'text',
      x: width - 24,
      y: height - 10,
      text: options.watermark,
      size: TEXT_SIZE,
      fill: AXIS,
      anchor: 'end',
    });
  }
  return shapes;
}

function binText(seconds: number): string {
  for (const [size, name] of [
    [604_800, 'w'],
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size} ${name}`;
  }
  return `${seconds} s`;
}

const MIN_FIGURE_WIDTH = 70;

/** A row an object with its figures for each metric; without objects a row a metric. */
function legend(
  { plot }: Frame,
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
