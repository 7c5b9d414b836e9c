/**
 * A lane per worker under one time axis: where its time went, so that a straggler is seen. Kinds differ in
 * place as well as in colour: computing fills the lane from below, transfer and waiting hang from above,
 * absence is an outline.
 */
import type { Axis } from '../../main/core/display/axis.ts';
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
/** Lanes that are this low are one picture, a row a pixel: a picture for each would take longer than a frame. */
const CROWD_PITCH = 8;

export function drawLanes(surface: Surface, colors: Theme, { insets, axis, lanes, focused }: Lanes): void {
  const area = areaOf(surface, insets);
  const pitch = laneHeight(lanes.length);
  const hasPushes = pitch >= 20;
  const bar = hasPushes ? pitch - 11 : pitch >= 8 ? pitch - 2 : pitch - 1;
  const isCrowd = pitch <= CROWD_PITCH;
  const box = { x: area.left, width: area.right - area.left };
  drawGround(surface, colors, area, axis);
  lanes.forEach((_, index) => surface.rect(box.x, area.top + index * pitch, box.width, bar, colors.grid));
  if (isCrowd) {
    const grid = gridOf(lanes, colors, focused, { levels: bar, pitch });
    surface.cells({ ...box, y: area.top, height: lanes.length * pitch }, grid);
  }
  lanes.forEach((lane, index) => {
    const top = area.top + index * pitch;
    const isFaded = focused !== null && focused !== lane.name;
    if (!isCrowd) {
      const grid = gridOf([lane], colors, focused, { levels: LEVELS, pitch: LEVELS });
      surface.cells({ ...box, y: top, height: bar }, grid);
    }
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

interface Cells {
  columns: number;
  rows: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** Lanes below each other, `levels` of every `pitch` rows high. */
function gridOf(
  lanes: readonly Lane[],
  colors: Theme,
  focused: string | null,
  { levels, pitch }: { levels: number; pitch: number },
): Cells {
  const columns = lanes[0]?.compute.length ?? 0;
  const rows = pitch * lanes.length;
  const rgba = new Uint8ClampedArray(4 * columns * rows);
  const tones = { compute: rgbOf(colors.compute), transfer: rgbOf(colors.transfer), wait: rgbOf(colors.wait) };
  lanes.forEach((lane, index) => {
    const alpha = focused !== null && focused !== lane.name ? 56 : 255;
    fillLane(rgba, lane, { columns, floor: index * pitch + levels - 1, levels }, tones, alpha);
  });
  return { columns, rows, rgba };
}

/** Computing from below, waiting above it, transfer on top; the rest of a cell is nothing that was measured. */
function fillLane(
  rgba: Uint8ClampedArray,
  lane: Lane,
  { columns, floor, levels }: { columns: number; floor: number; levels: number },
  tones: { readonly [K in LaneKind]: readonly [number, number, number] },
  alpha: number,
): void {
  for (let column = 0; column < columns; column++) {
    let filled = 0;
    for (const kind of LANE_KINDS_UPWARD) {
      const reach = filled + (lane[kind][column] as number);
      // What is there at all is one step high at least.
      const from = Math.round(filled * levels);
      const to = Math.min(levels, Math.max(Math.round(reach * levels), reach > filled + 0.02 ? from + 1 : from));
      const tone = tones[kind];
      for (let level = from; level < to; level++) {
        const at = 4 * ((floor - level) * columns + column);
        rgba[at] = tone[0];
        rgba[at + 1] = tone[1];
        rgba[at + 2] = tone[2];
        rgba[at + 3] = alpha;
      }
      filled = reach;
    }
  }
}

const LANE_KINDS_UPWARD = ['compute', 'wait', 'transfer'] as const;
