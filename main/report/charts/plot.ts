/**
 * The ground of a chart: grid, axes, marks of events. It takes whatever width the page gives it and keeps
 * its height: lines lie in an inner drawing that is stretched, text and markers at percentages, so that
 * type has one size on a wide screen and on paper.
 */
import { markup, type Markup, type Part } from '../markup.ts';
import { textWidth } from './labels.ts';
import { type Axis, place } from '../../core/display/axis.ts';

/** Units of the stretched inner drawing across the whole width. */
export const INNER_WIDTH = 1000;
/**
 * Widths that plots have in windows and on paper. Words that have room in the narrowest are always there; the style sheet
 * hides those that need one of the others (`room-1` …) where there is less.
 */
const WIDTHS_PX = [160, 250, 340, 500] as const;
/** So far a word may reach over the ticks on the left, which stand lower. */
const OVERHANG_PX = 20;
const MARK_STRIP_PX = 14;

export interface EventMark {
  /** In units of the x axis. */
  x: number;
  text: string;
}

export interface Plot {
  /** Unique in the page: names title and description for those who cannot see the chart. */
  id: string;
  title: string;
  /** What the chart shows, in a sentence or two. */
  description: string;
  heightPx: number;
  x: Axis;
  y: Axis;
  /** Room on the left; by default what the ticks need. */
  leftPx?: number;
  /** Room for labels on the right. */
  rightPx: number;
  marks?: readonly EventMark[];
}

export interface PlotContent {
  /** In the stretched drawing: x from 0 to INNER_WIDTH, y in pixels. */
  stretched: Part;
  /** x in percent, y in pixels. */
  overlay: Part;
}

export function innerX(axis: Axis, value: number): string {
  return trim(place(axis, value) * INNER_WIDTH);
}

export function percentX(axis: Axis, value: number): string {
  return `${(100 * place(axis, value)).toFixed(2)}%`;
}

export function pixelY(plot: Pick<Plot, 'y' | 'heightPx'>, value: number): number {
  return Number(((1 - place(plot.y, value)) * plot.heightPx).toFixed(1));
}

/** One decimal, and no more characters than needed. */
export function trim(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function renderPlot(plot: Plot, { stretched, overlay }: PlotContent): Markup {
  const { id, heightPx, marks = [] } = plot;
  const leftPx = plot.leftPx ?? Math.max(28, ...plot.y.ticks.map(({ text }) => textWidth(text) + 10));
  const topPx = marks.length > 0 ? MARK_STRIP_PX + 6 : 8;
  return markup`<svg class="plot${plot.y.ticks.length > 0 && ' lines'}" role="img" aria-labelledby="${id}-t ${id}-d" height="${heightPx}" style="--l:${leftPx}px;--r:${plot.rightPx}px;--t:${topPx}px"><title id="${id}-t">${plot.title}</title><desc id="${id}-d">${plot.description}</desc>${grid(plot)}${marks.length > 0 && eventMarks(plot, marks)}<svg width="100%" height="${heightPx}" viewBox="0 0 ${INNER_WIDTH} ${heightPx}" preserveAspectRatio="none" class="over">${stretched}</svg>${overlay}</svg>`;
}

function grid(plot: Plot): Part {
  const { heightPx } = plot;
  return [
    plot.y.ticks.map(({ value, text }) => {
      const y = pixelY(plot, value);
      return markup`<line class="grid" x2="100%" y1="${y}" y2="${y}"/><text class="tick end" x="-6" y="${y}" dy=".33em">${text}</text>`;
    }),
    plot.x.ticks.map(({ value, text }) => {
      const x = percentX(plot.x, value);
      return markup`<line class="axis" x1="${x}" x2="${x}" y1="${heightPx}" y2="${heightPx + 4}"/><text class="tick mid" x="${x}" y="${heightPx + 16}">${text}</text>`;
    }),
    markup`<line class="axis" x2="100%" y1="${heightPx}" y2="${heightPx}"/>`,
  ];
}

/** Every event gets its line; its words are left to the incident table where they would collide. */
function eventMarks(plot: Plot, marks: readonly EventMark[]): Part {
  const inOrder = marks.toSorted((left, right) => left.x - right.x);
  const words = placedWords(inOrder.map(({ x, text }) => ({ share: place(plot.x, x), widthPx: textWidth(text) + 8 })));
  const lines = inOrder.map(({ x, text }) => {
    const share = percentX(plot.x, x);
    return markup`<g><title>${text}</title><line class="event" x1="${share}" x2="${share}" y1="${-MARK_STRIP_PX}" y2="${plot.heightPx}"/></g>`;
  });
  // After all lines: some of them run behind words.
  const labels = inOrder.map(({ x, text }, index) => {
    const word = words.get(index);
    if (word === undefined) return null;
    const { isLeftward, room } = word;
    return markup`<text class="tick word${isLeftward && ' end'}${room > 0 && ` room-${room}`}" x="${percentX(plot.x, x)}" dx="${isLeftward ? -3 : 3}" y="-6">${text}</text>`;
  });
  return [lines, labels];
}

export interface PlacedWord {
  /** It ends at its mark instead of beginning there. */
  isLeftward: boolean;
  /** Number of the width that it needs. */
  room: number;
}

/**
 * Which words are written, and from which width on. Two that lie beside each other at one width do so at every
 * greater one: their marks move apart and they do not grow.
 */
export function placedWords(words: readonly { share: number; widthPx: number }[]): Map<number, PlacedWord> {
  const placed = new Map<number, PlacedWord>();
  WIDTHS_PX.forEach((plotPx, room) => {
    const span = (index: number, isLeftward: boolean): [from: number, to: number] => {
      const { share, widthPx } = words[index] as { share: number; widthPx: number };
      const at = share * plotPx;
      return isLeftward ? [at - widthPx, at] : [at, at + widthPx];
    };
    words.forEach(({ share, widthPx }, index) => {
      if (placed.has(index)) return;
      const isLeftward = share * plotPx + widthPx > plotPx;
      const [from, to] = span(index, isLeftward);
      const isFree = [...placed].every(([other, { isLeftward: isOtherLeftward }]) => {
        const [otherFrom, otherTo] = span(other, isOtherLeftward);
        return to <= otherFrom || otherTo <= from;
      });
      if (isFree && from >= -OVERHANG_PX) placed.set(index, { isLeftward, room });
    });
  });
  return placed;
}
