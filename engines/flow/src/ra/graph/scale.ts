/** The axis of values: how far it goes, and where values lie on it. */
import type { GraphOptions } from './options.ts';
import { niceStep, ticksBetween } from './ticks.ts';

const PIXELS_PER_LEVEL = 44;

export interface Scale {
  /** Values at the lower and the upper end. */
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** A value as a part of the way up. */
  readonly part: (value: number) => number;
}

/** @param layers signed heights of what is drawn */
export function scaleOf(
  layers: readonly { readonly tops: Float64Array }[],
  options: GraphOptions,
  isSplit: boolean,
): Scale {
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
