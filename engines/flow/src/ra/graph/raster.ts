/** A scene as pixels, with smooth edges. */
import { textStrokes, textWidth } from './font.ts';
import type { Line, Scene, Shape, Text } from './scene.ts';

/** Each row of pixels is looked at so often; within a row edges count exactly. */
const ROWS_PER_PIXEL = 5;
const STROKE_PART = 0.092;
const BOLD_STROKE_PART = 0.13;
const CORNERS = 10;

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel. */
  readonly rgb: Uint8Array;
}

/** @param zoom pixels for each of the scene's */
export function rasterOf(scene: Scene, zoom = 1): Picture {
  const canvas = new Canvas(Math.round(scene.width * zoom), Math.round(scene.height * zoom), scene.background);
  for (const shape of scene.shapes) draw(canvas, shape, zoom);
  return canvas;
}

function draw(canvas: Canvas, shape: Shape, zoom: number): void {
  switch (shape.kind) {
    case 'rectangle': {
      const { x, y, width, height } = shape;
      const outline = [x, y, x + width, y, x + width, y + height, x, y + height];
      canvas.fill([scaled(outline, zoom)], shape.fill, 1);
      break;
    }
    case 'area':
      canvas.fill([scaled(shape.points, zoom)], shape.fill, shape.opacity);
      break;
    case 'line':
      canvas.fill(strokeOutlines([scaled(shape.points, zoom)], shape.width * zoom), shape.stroke, opacityOf(shape));
      break;
    case 'text':
      drawText(canvas, shape, zoom);
      break;
  }
}

function opacityOf({ opacity }: Line): number {
  return opacity ?? 1;
}

function scaled(points: readonly number[], zoom: number): number[] {
  return points.map((value) => value * zoom);
}

function drawText(canvas: Canvas, { x, y, text, size, fill, anchor, isBold, isUpright }: Text, zoom: number): void {
  const width = textWidth(text, size);
  const back = anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0;
  const strokes = textStrokes(text, size).map((points) => placed(points, back, x, y, isUpright === true, zoom));
  canvas.fill(strokeOutlines(strokes, size * (isBold ? BOLD_STROKE_PART : STROKE_PART) * zoom), fill, 1);
}

function placed(
  points: readonly number[],
  back: number,
  x: number,
  y: number,
  isUpright: boolean,
  zoom: number,
): number[] {
  const result: number[] = [];
  for (let i = 0; i + 1 < points.length; i += 2) {
    const along = (points[i] as number) - back;
    const down = points[i + 1] as number;
    if (isUpright) result.push((x + down) * zoom, (y - along) * zoom);
    else result.push((x + along) * zoom, (y + down) * zoom);
  }
  return result;
}

/** The outline of each piece of each line, and a round one at each corner. */
function strokeOutlines(lines: readonly (readonly number[])[], width: number): number[][] {
  const outlines: number[][] = [];
  const half = width / 2;
  for (const points of lines) {
    for (let i = 0; i + 1 < points.length; i += 2) {
      const [x, y, toX, toY] = points.slice(i, i + 4) as [number, number, number | undefined, number | undefined];
      if (points.length > 4 || toX === x) outlines.push(disc(x, y, half));
      if (toX === undefined || toY === undefined) continue;
      const length = Math.hypot(toX - x, toY - y);
      if (length === 0) continue;
      const acrossX = (-(toY - y) / length) * half;
      const acrossY = ((toX - x) / length) * half;
      outlines.push([
        x - acrossX,
        y - acrossY,
        toX - acrossX,
        toY - acrossY,
        toX + acrossX,
        toY + acrossY,
        x + acrossX,
        y + acrossY,
      ]);
    }
  }
  return outlines;
}

function disc(x: number, y: number, radius: number): number[] {
  return Array.from({ length: CORNERS * 2 }, (_, at) => {
    const angle = (Math.PI * (at >> 1) * 2) / CORNERS;
    return at % 2 === 0 ? x + Math.cos(angle) * radius : y + Math.sin(angle) * radius;
  });
}

interface Edge {
  readonly top: number;
  readonly bottom: number;
  readonly x: number;
  readonly slope: number;
  readonly turn: 1 | -1;
}

class Canvas implements Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
  readonly #cover: Float32Array;

  constructor(width: number, height: number, background: string) {
    this.width = width;
    this.height = height;
    this.rgb = new Uint8Array(width * height * 3);
    this.#cover = new Float32Array(width + 1);
    const colour = colourOf(background);
    for (let i = 0; i < this.rgb.length; i += 1) this.rgb[i] = colour[i % 3] as number;
  }

  /** Fills what any of the outlines is round; all turn the same way or do not overlap. */
  fill(outlines: readonly (readonly number[])[], fill: string, opacity: number): void {
    const edges = outlines.flatMap(edgesOf).sort((one, other) => one.top - other.top);
    if (edges.length === 0) return;
    const colour = colourOf(fill);
    const first = Math.max(0, Math.floor((edges[0] as Edge).top));
    let active: Edge[] = [];
    let next = 0;
    for (let y = first; y < this.height && (active.length > 0 || next < edges.length); y += 1) {
      while (next < edges.length && (edges[next] as Edge).top < y + 1) active.push(edges[next++] as Edge);
      active = active.filter((edge) => edge.bottom > y);
      if (active.length === 0) continue;
      this.#coverRow(active, y);
      this.#blend(y, colour, opacity);
    }
  }

  #coverRow(edges: readonly Edge[], y: number): void {
    this.#cover.fill(0);
    for (let row = 0; row < ROWS_PER_PIXEL; row += 1) {
      const at = y + (row + 0.5) / ROWS_PER_PIXEL;
      const crossings = edges
        .filter(({ top, bottom }) => top <= at && at < bottom)
        .map(({ x, top, slope, turn }) => ({ x: x + (at - top) * slope, turn }))
        .sort((one, other) => one.x - other.x);
      let winding = 0;
      let from = 0;
      for (const { x, turn } of crossings) {
        if (winding === 0) from = x;
        winding += turn;
        if (winding === 0) this.#coverSpan(from, x);
      }
    }
  }

  #coverSpan(from: number, to: number): void {
    const cover = this.#cover;
    const left = Math.max(0, from);
    const right = Math.min(this.width, to);
    if (right <= left) return;
    const share = 1 / ROWS_PER_PIXEL;
    const first = Math.floor(left);
    const last = Math.floor(right);
    if (first === last) {
      cover[first] = (cover[first] as number) + (right - left) * share;
      return;
    }
    cover[first] = (cover[first] as number) + (first + 1 - left) * share;
    for (let x = first + 1; x < last; x += 1) cover[x] = (cover[x] as number) + share;
    cover[last] = (cover[last] as number) + (right - last) * share;
  }

  #blend(y: number, colour: readonly number[], opacity: number): void {
    const { rgb, width } = this;
    for (let x = 0; x < width; x += 1) {
      const cover = this.#cover[x] as number;
      if (cover === 0) continue;
      const part = Math.min(1, cover) * opacity;
      for (let i = 0; i < 3; i += 1) {
        const at = (y * width + x) * 3 + i;
        const below = rgb[at] as number;
        rgb[at] = Math.round(below + ((colour[i] as number) - below) * part);
      }
    }
  }
}

function edgesOf(outline: readonly number[]): Edge[] {
  const edges: Edge[] = [];
  const count = outline.length;
  for (let i = 0; i < count; i += 2) {
    const x = outline[i] as number;
    const y = outline[i + 1] as number;
    const toX = outline[(i + 2) % count] as number;
    const toY = outline[(i + 3) % count] as number;
    if (y === toY) continue;
    const slope = (toX - x) / (toY - y);
    edges.push(y < toY ? { top: y, bottom: toY, x, slope, turn: 1 } : { top: toY, bottom: y, x: toX, slope, turn: -1 });
  }
  return edges;
}

function colourOf(text: string): readonly number[] {
  const value = Number.parseInt(text.slice(1), 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
}
