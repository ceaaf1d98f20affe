/** One uPlot, wrapped: it draws a {@link Drawing} over a range, follows the shared axis and reports the pointer to it. */
import uPlot from 'uplot';
import type { SharedAxis } from './axis.tsx';
import type { Gap } from './series.ts';
import type { Drawing, Shape } from './shape.ts';
import { chartColors, faded, onThemeChange } from './theme.ts';
import { threeDigits } from './units.ts';

const AREA_ALPHA = 0.16;
const AXIS_FONT = 11;
const MIN_DRAG_PX = 4;
/** Half the width of a letter of the axes. */
const HALF_LETTER_PX = 3.2;

export interface PlotOptions {
  readonly target: HTMLElement;
  readonly axis: SharedAxis;
  readonly shape: Shape;
  readonly height: number;
  readonly formatTime: (timeS: number, spanS: number) => string;
  readonly limits: readonly number[];
  /** Draws no axes: for lanes. */
  readonly bare?: boolean;
}

export class Plot {
  readonly #options: PlotOptions;
  readonly #plot: uPlot;
  readonly #stop: (() => void)[] = [];
  #drawing: Drawing = { data: [[]], scale: { label: '', factor: 1, sign: false }, low: 0, high: 1, grid: [] };
  #gaps: readonly Gap[] = [];
  #range = { fromS: 0, toS: 1 };
  #applying = false;
  /** The pointer is over this plot: uPlot itself moves the cursor, and the selection while a drag goes on. */
  #hovered = false;
  #dragging = false;

  constructor(options: PlotOptions) {
    this.#options = options;
    const width = Math.max(40, options.target.clientWidth);
    this.#plot = new uPlot(
      this.#config(width),
      [[], ...options.shape.lines.map(() => [])] as unknown as uPlot.AlignedData,
      options.target,
    );
    this.#watchPointer();
    this.#stop.push(
      options.axis.subscribe(() => this.#follow()),
      onThemeChange(() => this.#plot.redraw(false, true)),
    );
  }

  /** New numbers, or the same over a moved range. */
  draw(drawing: Drawing, gaps: readonly Gap[], range: { readonly fromS: number; readonly toS: number }): void {
    this.#drawing = drawing;
    this.#gaps = gaps;
    this.#range = range;
    this.#plot.batch(() => {
      this.#plot.setData(drawing.data as uPlot.AlignedData, false);
      this.#plot.setScale('x', { min: range.fromS, max: range.toS });
      this.#plot.setScale('y', { min: drawing.low, max: drawing.high });
    });
    this.#follow();
  }

  resize(width: number): void {
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#options.height });
    this.#follow();
  }

  destroy(): void {
    this.#dragging = false;
    for (const stop of this.#stop) stop();
    this.#plot.destroy();
  }

  /** Puts cursor and selection where the shared axis has them. */
  #follow(): void {
    const cursorS = this.#options.axis.cursorS();
    const selection = this.#options.axis.selection();
    const { fromS, toS } = this.#range;
    this.#applying = true;
    if (!this.#hovered) {
      const inside = cursorS !== undefined && cursorS >= fromS && cursorS <= toS;
      const left = inside ? this.#plot.valToPos(cursorS, 'x') : -10;
      this.#plot.setCursor({ left, top: inside ? 0 : -10 }, false);
    }
    if (this.#dragging) {
      // It grows under the pointer.
    } else if (selection === undefined) {
      this.#plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    } else {
      const start = Math.max(0, this.#plot.valToPos(Math.max(selection.fromS, fromS), 'x'));
      const end = this.#plot.valToPos(Math.min(selection.toS, toS), 'x');
      this.#plot.setSelect(
        { left: start, top: 0, width: Math.max(0, end - start), height: this.#plot.over.clientHeight },
        false,
      );
    }
    this.#applying = false;
  }

  #watchPointer(): void {
    const { over } = this.#plot;
    const view = over.ownerDocument;
    const listen = (target: EventTarget, type: string, run: () => void) => {
      // In the capture phase: before uPlot hears of it.
      target.addEventListener(type, run, true);
      this.#stop.push(() => target.removeEventListener(type, run, true));
    };
    listen(over, 'mouseenter', () => {
      this.#hovered = true;
    });
    listen(over, 'mouseleave', () => {
      this.#hovered = false;
    });
    listen(over, 'mousedown', () => {
      this.#dragging = true;
    });
    const release = () => {
      // After uPlot has told of the selection.
      if (this.#dragging) setTimeout(() => this.#endDrag());
    };
    view.addEventListener('mouseup', release);
    this.#stop.push(() => view.removeEventListener('mouseup', release));
  }

  #endDrag(): void {
    this.#dragging = false;
    this.#follow();
  }

  #config(width: number): uPlot.Options {
    const { shape, height, bare, axis } = this.#options;
    return {
      width,
      height,
      pxAlign: 1,
      legend: { show: false },
      padding: bare === true ? [0, 0, 0, 0] : [6, 0, 0, 0],
      cursor: {
        x: true,
        y: false,
        drag: { x: true, y: false, setScale: false, dist: MIN_DRAG_PX },
        points: { size: 7, width: 0, fill: (_, index) => this.#lineColor(index - 1) },
        bind: {
          dblclick: () => () => {
            axis.zoomOut();
            return null;
          },
        },
      },
      scales: { x: { time: true, auto: false, range: () => [this.#range.fromS, this.#range.toS] }, y: { auto: false } },
      series: [
        {},
        ...shape.lines.map((line, place): uPlot.Series => {
          const filled = shape.kind !== 'line' || shape.lines.length === 1;
          const own = filled && (shape.kind !== 'stacked' || place === 0);
          return {
            label: line.name,
            width: 1.5,
            stroke: () => this.#lineColor(place),
            ...(own ? { fill: () => faded(this.#lineColor(place), AREA_ALPHA), fillTo: 0 } : {}),
            spanGaps: false,
            points: { show: false },
          };
        }),
      ],
      bands:
        shape.kind === 'stacked'
          ? shape.lines.slice(1).map((_, place) => ({
              series: [place + 2, place + 1] as [number, number],
              fill: () => faded(this.#lineColor(place + 1), AREA_ALPHA),
            }))
          : [],
      axes: bare === true ? [{ show: false }, { show: false }] : [this.#timeAxis(), this.#valueAxis()],
      hooks: {
        setCursor: [
          (plot) => {
            if (this.#applying) return;
            const left = plot.cursor.left ?? -1;
            axis.setCursor(left < 0 ? undefined : plot.posToVal(left, 'x'));
          },
        ],
        setSelect: [
          (plot) => {
            if (this.#applying) return;
            if (plot.select.width < MIN_DRAG_PX) return;
            axis.setSelection({
              fromS: plot.posToVal(plot.select.left, 'x'),
              toS: plot.posToVal(plot.select.left + plot.select.width, 'x'),
            });
          },
        ],
        drawClear: [(plot) => this.#hatchGaps(plot)],
        draw: [(plot) => this.#drawEarlier(plot), (plot) => this.#drawLimits(plot)],
      },
    };
  }

  #timeAxis(): uPlot.Axis {
    return {
      scale: 'x',
      stroke: () => chartColors().axis,
      font: `${AXIS_FONT}px ${chartColors().font}`,
      size: 20,
      gap: 3,
      space: 76,
      grid: { show: false },
      ticks: { show: false },
      values: (plot, splits) => {
        const span = this.#range.toS - this.#range.fromS;
        // The first and last labels would hang over the edges.
        return splits.map((at) => {
          const x = plot.valToPos(at, 'x');
          const text = this.#options.formatTime(at, span);
          const half = text.length * HALF_LETTER_PX;
          return x < half || x > plot.over.clientWidth - half ? '' : text;
        });
      },
    };
  }

  #valueAxis(): uPlot.Axis {
    const unsigned = this.#options.shape.lines.some((line) => line.mirrored);
    return {
      scale: 'y',
      stroke: () => chartColors().axis,
      font: `${AXIS_FONT}px ${chartColors().font}`,
      size: 38,
      gap: 5,
      grid: { stroke: () => chartColors().grid, width: 1 },
      ticks: { show: false },
      splits: () => [...this.#drawing.grid],
      values: (_, splits) => splits.map((value) => threeDigits(unsigned ? Math.abs(value) : value)),
    };
  }

  #lineColor(place: number): string {
    const colors = chartColors().lines;
    return colors[this.#options.shape.lines[place]?.color ?? 0] ?? colors[0]!;
  }

  #hatchGaps(plot: uPlot): void {
    if (this.#gaps.length === 0) return;
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    const step = 5 * uPlot.pxRatio;
    ctx.save();
    ctx.strokeStyle = chartColors().hatch;
    ctx.lineWidth = uPlot.pxRatio;
    for (const gap of this.#gaps) {
      const from = Math.max(left, plot.valToPos(gap.fromS, 'x', true));
      const to = Math.min(left + width, plot.valToPos(gap.toS, 'x', true));
      if (to - from < 1) continue;
      ctx.save();
      ctx.beginPath();
      ctx.rect(from, top, to - from, height);
      ctx.clip();
      ctx.beginPath();
      for (let x = from - height; x < to; x += step) {
        ctx.moveTo(x, top + height);
        ctx.lineTo(x + height, top);
      }
      ctx.stroke();
      ctx.restore();
    }
    ctx.restore();
  }

  #drawEarlier(plot: uPlot): void {
    const { earlier } = this.#drawing;
    if (earlier === undefined) return;
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    ctx.strokeStyle = chartColors().lines[0]!;
    ctx.lineWidth = uPlot.pxRatio;
    ctx.setLineDash([2 * uPlot.pxRatio, 2 * uPlot.pxRatio]);
    for (const line of earlier.lines) {
      ctx.beginPath();
      let down = false;
      for (const [i, value] of line.entries()) {
        if (value === null) {
          down = false;
          continue;
        }
        const x = plot.valToPos(earlier.times[i]!, 'x', true);
        const y = plot.valToPos(value, 'y', true);
        if (down) ctx.lineTo(x, y);
        else ctx.moveTo(x, y);
        down = true;
      }
      ctx.stroke();
    }
    ctx.restore();
  }

  #drawLimits(plot: uPlot): void {
    const { limits } = this.#options;
    if (limits.length === 0) return;
    const { ctx } = plot;
    const { left, width } = plot.bbox;
    ctx.save();
    ctx.strokeStyle = chartColors().warning;
    ctx.lineWidth = uPlot.pxRatio;
    ctx.setLineDash([4 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
    for (const limit of limits) {
      const y = Math.round(plot.valToPos(limit * this.#drawing.scale.factor, 'y', true)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(left, y);
      ctx.lineTo(left + width, y);
      ctx.stroke();
    }
    ctx.restore();
  }
}
