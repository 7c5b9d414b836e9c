/**
 * What dense charts draw on. One drawing, two hands: a canvas on the screen, an SVG document for the
 * file that is exported, so that both show the same.
 */

export type Align = 'left' | 'center' | 'right';

export interface Stroke {
  color: string;
  width: number;
  /** Lengths of strokes and gaps; absent: solid. */
  dash?: readonly number[];
}

/** Coordinates are CSS pixels from the upper left corner. */
export interface Surface {
  readonly width: number;
  readonly height: number;
  rect(x: number, y: number, width: number, height: number, fill: string): void;
  outline(x: number, y: number, width: number, height: number, stroke: Stroke): void;
  /** x0, y0, x1, y1, …; a NaN ends one line and begins the next. */
  line(points: ArrayLike<number>, stroke: Stroke): void;
  /** A closed shape around (x, y); `shape` holds offsets x0, y0, x1, y1, … */
  mark(x: number, y: number, shape: readonly number[], fill: string): void;
  /** The middle of its height is at `y`. */
  text(x: number, y: number, text: string, fill: string, align?: Align): void;
  /** A grid of equal cells, row by row from the top, four bytes a cell: red, green, blue, alpha. */
  cells(
    box: { x: number; y: number; width: number; height: number },
    grid: { columns: number; rows: number; rgba: Uint8ClampedArray<ArrayBuffer> },
  ): void;
}

export const FONT_PX = 11;

export const TRIANGLE = [0, -3, 3.5, 3, -3.5, 3] as const;
export const DIAMOND = [0, -3.5, 3.5, 0, 0, 3.5, -3.5, 0] as const;
