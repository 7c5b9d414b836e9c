/** Thousands of points under lines: every one is drawn, none is averaged away. */
import type { Axis } from '../../main/core/display/axis.ts';
import { areaOf, drawGround } from './ground.ts';
import { type Insets, toPixel } from './plot-area.ts';
import { DIAMOND, type Surface } from './surface.ts';
import type { Theme } from './theme.ts';

export interface Dots {
  /** In units of the axes; NaN: unknown, not drawn. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  count: number;
  color: string;
  shape: 'dot' | 'diamond' | 'cross';
}

export interface ScatterLine {
  /** x0, y0, x1, y1, … */
  points: ArrayLike<number>;
  color: string;
  dash: readonly number[];
  width: number;
}

export interface Scatter {
  insets: Insets;
  x: Axis;
  y: Axis;
  dots: readonly Dots[];
  lines: readonly ScatterLine[];
}

/** Few enough to be drawn larger. */
const FEW_DOTS = 600;

export function drawScatter(surface: Surface, colors: Theme, { insets, x, y, dots, lines }: Scatter): void {
  const area = areaOf(surface, insets);
  drawGround(surface, colors, area, x, y);
  const across = (value: number): number => toPixel(x, area.left, area.right, value);
  const up = (value: number): number =>
    Math.min(area.bottom, Math.max(area.top, toPixel(y, area.bottom, area.top, value)));
  for (const { points, ...stroke } of lines) {
    const placed = Float32Array.from(points, (value, index) => (index % 2 === 0 ? across(value) : up(value)));
    surface.line(placed, stroke);
  }
  const size = dots.reduce((sum, { count }) => sum + count, 0) <= FEW_DOTS ? 3 : 2;
  for (const { x: xs, y: ys, count, color, shape } of dots) {
    for (let index = 0; index < count; index++) {
      const [at, value] = [xs[index] as number, ys[index] as number];
      if (Number.isNaN(value) || at < x.min || at > x.max) continue;
      const [px, py] = [across(at), up(value)];
      if (shape === 'dot') surface.rect(px - size / 2, py - size / 2, size, size, color);
      else if (shape === 'diamond') surface.mark(px, py, DIAMOND, color);
      else
        surface.line([px - 3, py - 3, px + 3, py + 3, NaN, NaN, px - 3, py + 3, px + 3, py - 3], { color, width: 1.5 });
    }
  }
}
