/** A chart of series over time as a scene: axes, areas or lines, and a legend that tells averages and peaks. */
import { textWidth } from './font.ts';
import { legend, type Plot } from './legend.ts';
import type { Metric } from './metrics.ts';
import type { GraphOptions } from './options.ts';
import { type Scale, scaleOf } from './scale.ts';
import type { Scene, Shape } from './scene.ts';
import { type Binned, OTHERS, type Series } from './series.ts';
import {
  AXIS,
  BACKGROUND,
  COLOURS,
  FAINT_INK,
  GRID,
  INK,
  LINE_HEIGHT,
  OTHERS_COLOUR,
  PLOT,
  TEXT_SIZE,
  TITLE_SIZE,
} from './theme.ts';
import { dateText, shortNumber, timeTicks } from './ticks.ts';

const PIXELS_PER_TIME_LABEL = 88;

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
    if (options.legend) shapes.push(...legend(frame.plot, data, metrics, hasObjects, colours));
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

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly plot: Plot;
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
