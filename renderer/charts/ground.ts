/** Grid and axes of a chart that is drawn on a surface. */
import type { Axis } from '../../main/core/display/axis.ts';
import { type Insets, toPixel } from './plot-area.ts';
import type { Surface } from './surface.ts';
import type { Theme } from './theme.ts';

export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function areaOf({ width, height }: Surface, insets: Insets): Area {
  return { left: insets.left, right: width - insets.right, top: insets.top, bottom: height - insets.bottom };
}

/** @param y absent: rows are named instead of valued. */
export function drawGround(surface: Surface, colors: Theme, area: Area, x: Axis, y?: Axis): void {
  for (const { value, text } of y?.ticks ?? []) {
    const at = Math.round(toPixel(y as Axis, area.bottom, area.top, value)) + 0.5;
    surface.line([area.left, at, area.right, at], { color: colors.grid, width: 1 });
    surface.text(area.left - 6, at, text, colors.muted, 'right');
  }
  for (const { value, text } of x.ticks) {
    const at = toPixel(x, area.left, area.right, value);
    surface.text(at, area.bottom + 12, text, colors.muted, 'center');
    surface.rect(Math.round(at), area.bottom, 1, 4, colors.rule);
  }
  const base = Math.round(area.bottom) + 0.5;
  surface.line([area.left, base, area.right, base], { color: colors.rule, width: 1 });
}

/** As many characters as have room; the full name is in the table beside. */
export function shortName(name: string, roomPx: number): string {
  const most = Math.max(3, Math.floor(roomPx / 6.2));
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}
