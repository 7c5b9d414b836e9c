/**
 * A lane per worker under one time axis: where its time went, so that a straggler is seen. Kinds differ in
 * place as well as in colour: computing fills the lane from below, transfer and waiting hang from above,
 * absence is an outline.
 */
import type { Axis } from '../../main/report/charts/scale.ts';
import { areaOf, type Area, drawGround, shortName } from './ground.ts';
import { type Insets, toPixel } from './plot-area.ts';
import { type Surface, TRIANGLE } from './surface.ts';
import { rgbOf, type Theme } from './theme.ts';

export const LANE_KINDS = ['compute', 'transfer', 'wait'] as const;
export type LaneKind = (typeof LANE_KINDS)[number];

export interface Lane {
  name: string;
  /** Shares of time, 0 … 1, in equal cells from the axis' beginning to its end. */
  compute: Float32Array;
  transfer: Float32Array;
  wait: Float32Array;
  /** Absences: from, to, from, to, … in seconds. */
  lost: readonly number[];
  /** What it has been doing since its last iteration ended, in seconds; absent where that is not known. */
  underWay?: { from: number; to: number; kind: 'compute' | 'wait' };
  /** Pushes in seconds; empty where they are too many to tell apart. */
  pushes: readonly number[];
}

export interface Lanes {
  insets: Insets;
  axis: Axis;
  lanes: readonly Lane[];
  focused: string | null;
}

/** Heights of a lane with its gap, by how many there are. */
export function laneHeight(count: number): number {
  return count <= 8 ? 26 : count <= 16 ? 20 : count <= 32 ? 13 : count <= 64 ? 8 : 5;
}

export function lanesHeight(count: number, insets: Insets): number {
  return insets.top + insets.bottom + Math.max(1, count) * laneHeight(count);
}

/** Steps of a lane's height: shares are drawn to this fineness. */
const LEVELS = 8;

export function drawLanes(surface: Surface, colors: Theme, { insets, axis, lanes, focused }: Lanes): void {
  const area = areaOf(surface, insets);
  const pitch = laneHeight(lanes.length);
  const hasPushes = pitch >= 20;
  const bar = hasPushes ? pitch - 11 : pitch >= 8 ? pitch - 2 : pitch - 1;
  drawGround(surface, colors, area, axis);
  lanes.forEach((lane, index) => {
    const top = area.top + index * pitch;
    const isFaded = focused !== null && focused !== lane.name;
    const box = { x: area.left, y: top, width: area.right - area.left, height: bar };
    surface.rect(box.x, box.y, box.width, box.height, colors.grid);
    surface.cells(box, laneGrid(lane, colors, isFaded ? 56 : 255));
    drawUnderWay(surface, colors, lane, axis, area, top, bar, isFaded);
    drawAbsences(surface, colors, lane, axis, area, top, bar);
    if (hasPushes && !isFaded) {
      for (const at of lane.pushes) {
        if (at < axis.min || at > axis.max) continue;
        surface.mark(toPixel(axis, area.left, area.right, at), top + bar + 4.5, TRIANGLE, colors.text);
      }
    }
    if (pitch >= 13 || isNamed(index, lanes.length) || focused === lane.name) {
      const color = focused === lane.name ? colors.text : colors.muted;
      surface.text(area.left - 8, top + bar / 2, shortName(lane.name, insets.left - 10), color, 'right');
    }
  });
}

/** Where there is no room for every name: the first, the last and some between. */
function isNamed(index: number, count: number): boolean {
  return index % Math.ceil(count / 12) === 0;
}

/** Paler than what has been measured: how long it will take is not known yet. */
function drawUnderWay(
  surface: Surface,
  colors: Theme,
  { underWay }: Lane,
  axis: Axis,
  area: Area,
  top: number,
  bar: number,
  isFaded: boolean,
): void {
  if (underWay === undefined) return;
  const from = toPixel(axis, area.left, area.right, Math.max(axis.min, underWay.from));
  const to = toPixel(axis, area.left, area.right, Math.min(axis.max, underWay.to));
  const [red, green, blue] = rgbOf(underWay.kind === 'compute' ? colors.compute : colors.wait);
  if (to > from) surface.rect(from, top, to - from, bar, `rgba(${red}, ${green}, ${blue}, ${isFaded ? 0.1 : 0.38})`);
}

function drawAbsences(
  surface: Surface,
  colors: Theme,
  { lost }: Lane,
  axis: Axis,
  area: Area,
  top: number,
  bar: number,
): void {
  for (let index = 0; index + 1 < lost.length; index += 2) {
    const from = toPixel(axis, area.left, area.right, Math.max(axis.min, lost[index] as number));
    const to = toPixel(axis, area.left, area.right, Math.min(axis.max, lost[index + 1] as number));
    if (to <= from) continue;
    surface.rect(from, top, to - from, bar, colors.ground);
    surface.outline(from + 0.5, top + 0.5, Math.max(1, to - from - 1), bar - 1, {
      color: colors.lost,
      width: 1,
      dash: [3, 2],
    });
    if (to - from > 34 && bar > 10) surface.text(from + 6, top + bar / 2, 'lost', colors.bad);
  }
}

/** Computing from below, waiting above it, transfer on top; the rest of a cell is nothing that was measured. */
function laneGrid(
  lane: Lane,
  colors: Theme,
  alpha: number,
): { columns: number; rows: number; rgba: Uint8ClampedArray<ArrayBuffer> } {
  const columns = lane.compute.length;
  const rgba = new Uint8ClampedArray(4 * columns * LEVELS);
  const tones = { compute: rgbOf(colors.compute), transfer: rgbOf(colors.transfer), wait: rgbOf(colors.wait) };
  for (let column = 0; column < columns; column++) {
    let filled = 0;
    for (const kind of LANE_KINDS_UPWARD) {
      const reach = filled + (lane[kind][column] as number);
      // What is there at all is one step high at least.
      const from = Math.round(filled * LEVELS);
      const to = Math.min(LEVELS, Math.max(Math.round(reach * LEVELS), reach > filled + 0.02 ? from + 1 : from));
      const tone = tones[kind];
      for (let level = from; level < to; level++) {
        const at = 4 * ((LEVELS - 1 - level) * columns + column);
        rgba[at] = tone[0];
        rgba[at + 1] = tone[1];
        rgba[at + 2] = tone[2];
        rgba[at + 3] = alpha;
      }
      filled = reach;
    }
  }
  return { columns, rows: LEVELS, rgba };
}

const LANE_KINDS_UPWARD = ['compute', 'wait', 'transfer'] as const;
