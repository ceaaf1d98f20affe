/** A scene as SVG. */
import type { Scene, Shape, Text } from './scene.ts';

const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif';
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function svgOf({ width, height, background, shapes }: Scene, zoom = 1): string {
  const size = `width="${round(width * zoom)}" height="${round(height * zoom)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}" font-family="${FONT}">`,
    `<rect width="${width}" height="${height}" fill="${background}"/>`,
    ...shapes.map(shapeOf),
    '</svg>\n',
  ].join('\n');
}

function shapeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'rectangle': {
      const { x, y, width, height, fill } = shape;
      return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"/>`;
    }
    case 'area':
      return `<path d="${path(shape.points)}Z" fill="${shape.fill}" fill-opacity="${shape.opacity}"/>`;
    case 'line': {
      const opacity = shape.opacity === undefined ? '' : ` stroke-opacity="${shape.opacity}"`;
      const style = `fill="none" stroke="${shape.stroke}" stroke-width="${shape.width}" stroke-linejoin="round"`;
      return `<path d="${path(shape.points)}" ${style}${opacity}/>`;
    }
    case 'text':
      return textOf(shape);
  }
}

function path(points: readonly number[]): string {
  let text = '';
  for (let i = 0; i + 1 < points.length; i += 2) {
    text += `${i === 0 ? 'M' : 'L'}${round(points[i] as number)} ${round(points[i + 1] as number)}`;
  }
  return text;
}

function textOf({ x, y, text, size, fill, anchor, isBold, isUpright }: Text): string {
  const turn = isUpright ? ` transform="rotate(-90 ${round(x)} ${round(y)})"` : '';
  const weight = isBold ? ' font-weight="600"' : '';
  const place = `x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"`;
  return `<text ${place}${weight}${turn}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no such characters
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '').replace(/[&<>"]/g, (letter) => ESCAPES[letter] as string);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
