/** Rows of bars made of parts, each row with its name before it and its figure behind it. */
import { markup, type Markup } from '../markup.ts';
import { shorten, textWidth } from './labels.ts';
import { type Axis, place } from '../../core/display/axis.ts';
import { trim } from './plot.ts';

const NAME_CHARACTERS = 18;
/** Few rows spread over this height, many grow beyond it. */
const BODY_PX = 144;

export interface StackedBars {
  id: string;
  title: string;
  description: string;
  axis: Axis;
  rows: readonly { name: string; parts: readonly BarPart[]; text: string }[];
}

export interface BarPart {
  value: number;
  /** Class of the style sheet that gives its fill. */
  fill: string;
  label: string;
}

/** Height of the bars without their axis. */
export function barsHeight(rows: number): number {
  return rows * rowHeight(rows);
}

function rowHeight(rows: number): number {
  return Math.min(36, Math.max(15, Math.round(BODY_PX / Math.max(1, rows))));
}

export function stackedBars({ id, title, description, axis, rows }: StackedBars): Markup {
  const rowPx = rowHeight(rows.length);
  const height = barsHeight(rows.length);
  const barPx = Math.min(16, rowPx - 5);
  const leftPx = Math.max(30, ...rows.map(({ name }) => textWidth(shorten(name, NAME_CHARACTERS)) + 12));
  const rightPx = Math.max(12, ...rows.map(({ text }) => textWidth(text) + 14));
  const ticks = axis.ticks.map(({ value, text }) => {
    const x = `${trim(100 * place(axis, value))}%`;
    return markup`<line class="grid" x1="${x}" x2="${x}" y2="${height}"/><text class="tick mid" x="${x}" y="${height + 14}">${text}</text>`;
  });
  const bars = rows.map(({ name, parts, text }, index) => {
    const middle = index * rowPx + rowPx / 2;
    let from = axis.min;
    const pieces = parts.map(({ value, fill, label }) => {
      const [x, end] = [place(axis, from), place(axis, from + value)];
      from += value;
      if (!(end > x)) return null;
      return markup`<rect class="${fill}" x="${(100 * x).toFixed(2)}%" width="${(100 * (end - x)).toFixed(2)}%" y="${middle - barPx / 2}" height="${barPx}"><title>${label}</title></rect>`;
    });
    return markup`<text class="label end" x="-8" y="${middle}" dy=".33em"><title>${name}</title>${shorten(name, NAME_CHARACTERS)}</text>${pieces}<svg x="100%" class="over"><text class="label" x="8" y="${middle}" dy=".33em">${text}</text></svg>`;
  });
  return markup`<svg class="plot" role="img" aria-labelledby="${id}-t ${id}-d" height="${height}" style="--l:${leftPx}px;--r:${rightPx}px;--t:4px"><title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>${ticks}${bars}</svg>`;
}
