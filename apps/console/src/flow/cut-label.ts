/** Labels of pictures: SVG neither wraps nor cuts text. */

/** Width of a letter on the average, px, at the labels' size. */
const LETTER = 7.3;

/** @param room px */
export function cutLabel(label: string, room: number): string {
  return label.length * LETTER > room ? `${label.slice(0, Math.floor(room / LETTER) - 1)}…` : label;
}
