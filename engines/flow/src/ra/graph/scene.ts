/** A picture as shapes, before it is SVG or PNG. Pixels, y downwards, colours as `#rrggbb`. */

export interface Rectangle {
  readonly kind: 'rectangle';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: string;
}

export interface Area {
  readonly kind: 'area';
  /** x, y, x, y, ... of a closed outline. */
  readonly points: readonly number[];
  readonly fill: string;
  readonly opacity: number;
}

export interface Line {
  readonly kind: 'line';
  readonly points: readonly number[];
  readonly stroke: string;
  readonly width: number;
  readonly opacity?: number;
}

export interface Text {
  readonly kind: 'text';
  readonly x: number;
  /** Of the base line. */
  readonly y: number;
  readonly text: string;
  readonly size: number;
  readonly fill: string;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly isBold?: boolean;
  /** Read from bottom to top. */
  readonly isUpright?: boolean;
}

export type Shape = Rectangle | Area | Line | Text;

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  readonly shapes: readonly Shape[];
}
