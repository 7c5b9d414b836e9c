/** Many workers at once: a row each, brighter where more. */
import type { Axis } from '../../main/core/display/axis.ts';
import { areaOf, drawGround, shortName } from './ground.ts';
import type { Insets } from './plot-area.ts';
import type { Surface } from './surface.ts';
import { rgbOf, type Theme } from './theme.ts';

export interface HeatMap {
  insets: Insets;
  axis: Axis;
  rows: readonly { name: string; values: Float32Array }[];
  /** What full strength stands for. */
  max: number;
  /** Number of a series colour. */
  style: number;
  focused: string | null;
}

export function drawHeatMap(
  surface: Surface,
  colors: Theme,
  { insets, axis, rows, max, style, focused }: HeatMap,
): void {
  const area = areaOf(surface, insets);
  const pitch = (area.bottom - area.top) / Math.max(1, rows.length);
  const columns = rows[0]?.values.length ?? 0;
  const rgba = new Uint8ClampedArray(4 * columns * rows.length);
  const tone = rgbOf(colors.series[style] ?? colors.accent);
  rows.forEach(({ name, values }, row) => {
    const strength = focused === null || focused === name ? 255 : 60;
    for (let column = 0; column < columns; column++) {
      const value = values[column] as number;
      // Unknown stays empty; what is known and nothing is barely there.
      if (Number.isNaN(value)) continue;
      const at = 4 * (row * columns + column);
      rgba[at] = tone[0];
      rgba[at + 1] = tone[1];
      rgba[at + 2] = tone[2];
      rgba[at + 3] = strength * (0.06 + 0.94 * Math.min(1, max > 0 ? value / max : 0));
    }
  });
  drawGround(surface, colors, area, axis);
  surface.cells(
    { x: area.left, y: area.top, width: area.right - area.left, height: area.bottom - area.top },
    { columns, rows: rows.length, rgba },
  );
  const every = Math.max(1, Math.ceil(12 / Math.max(pitch, 0.1)));
  rows.forEach(({ name }, row) => {
    if (row % every !== 0 && name !== focused) return;
    const color = name === focused ? colors.text : colors.muted;
    surface.text(area.left - 8, area.top + (row + 0.5) * pitch, shortName(name, insets.left - 10), color, 'right');
  });
}

/** From nothing to `max`, for the legend. */
export function heatScale(max: number): readonly number[] {
  return [0, max / 4, max / 2, (3 * max) / 4, max];
}
