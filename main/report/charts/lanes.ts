/**
 * A lane per worker under one time axis: where its time went. Kinds differ in height as well as in
 * colour: computing fills the lane, waiting is a thin bar, absence an outline.
 */
import { markup, type Markup, type Part } from '../markup.ts';
import { shorten, textWidth } from './labels.ts';
import { type EventMark, innerX, percentX, type Plot, renderPlot, trim } from './plot.ts';
import { type Axis, place } from '../../core/display/axis.ts';

const NAME_CHARACTERS = 18;

export interface Span {
  /** In units of the axis. */
  from: number;
  to: number;
}

export interface Lane {
  name: string;
  /** Either spans, or shares where spans would be smaller than can be seen. */
  time:
    | { kind: 'spans'; compute: readonly Span[]; wait: readonly Span[] }
    | { kind: 'shares'; cells: readonly (Span & { compute: number; wait: number })[] };
  absent: readonly Span[];
  pushes: readonly number[];
}

export interface Lanes {
  id: string;
  title: string;
  description: string;
  axis: Axis;
  lanes: readonly Lane[];
  marks?: readonly EventMark[];
}

export function laneChart({ id, title, description, axis, lanes, marks = [] }: Lanes): Markup {
  const anyPush = lanes.some(({ pushes }) => pushes.length > 0);
  const lanePx = lanes.length > 16 ? 9 : 16;
  const rowPx = lanePx + (anyPush ? 13 : lanes.length > 16 ? 4 : 8);
  const names = lanes.map(({ name }) => shorten(name, NAME_CHARACTERS));
  const plot: Plot = {
    id,
    title,
    description,
    heightPx: lanes.length * rowPx + 4,
    x: axis,
    // The names take the place of ticks.
    y: { min: 0, max: 1, ticks: [] },
    leftPx: Math.max(30, ...names.map((name) => textWidth(name) + 12)),
    rightPx: 12,
    marks,
  };
  const top = (index: number): number => index * rowPx + 2;
  return renderPlot(plot, {
    stretched: lanes.map((lane, index) => laneShapes(axis, lane, top(index), lanePx)),
    overlay: lanes.map((lane, index) => [
      markup`<text class="label end" x="-8" y="${top(index) + lanePx / 2}" dy=".33em"><title>${lane.name}</title>${names[index]}</text>`,
      absences(axis, lane, top(index), lanePx),
      lane.pushes.map(
        (at) =>
          markup`<svg x="${percentX(axis, at)}" y="${top(index) + lanePx + 2}" class="over"><path class="push" d="M0,0L3.5,6H-3.5Z"/></svg>`,
      ),
    ]),
  });
}

function laneShapes(axis: Axis, { time }: Lane, top: number, lanePx: number): Part {
  const ground = markup`<rect class="lane" width="1000" y="${top}" height="${lanePx}"/>`;
  if (time.kind === 'spans') {
    const thin = Math.max(3, lanePx * 0.36);
    return [
      ground,
      path('compute', time.compute.map((span) => box(axis, span, top, lanePx)).join('')),
      path('wait', time.wait.map((span) => box(axis, span, top + (lanePx - thin) / 2, thin)).join('')),
    ];
  }
  const compute = time.cells.map((cell) => box(axis, cell, top + lanePx * (1 - cell.compute), lanePx * cell.compute));
  const wait = time.cells.map((cell) =>
    box(axis, cell, top + lanePx * (1 - cell.compute - cell.wait), lanePx * cell.wait),
  );
  return [ground, path('compute', compute.join('')), path('wait', wait.join(''))];
}

function path(kind: string, data: string): Part {
  return data !== '' && markup`<path class="${kind}" d="${data}"/>`;
}

function box(axis: Axis, { from, to }: Span, y: number, height: number): string {
  const width = (place(axis, to) - place(axis, from)) * 1000;
  if (width <= 0 || height < 0.05) return '';
  return `M${innerX(axis, from)},${trim(y)}h${(Math.round(width * 100) / 100).toString()}v${trim(height)}h-${(Math.round(width * 100) / 100).toString()}z`;
}

function absences(axis: Axis, { absent }: Lane, top: number, lanePx: number): Part {
  return absent.map(({ from, to }) => {
    const share = place(axis, to) - place(axis, from);
    const words =
      share > 0.1 &&
      lanePx > 12 &&
      markup`<text class="tick" x="${percentX(axis, from)}" dx="6" y="${top + lanePx / 2}" dy=".33em">lost</text>`;
    return markup`<rect class="absent" x="${percentX(axis, from)}" width="${(100 * share).toFixed(2)}%" y="${top + 0.5}" height="${lanePx - 1}"><title>lost</title></rect>${words}`;
  });
}
