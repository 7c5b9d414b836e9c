/**
 * How series are told apart: colours of the Okabe–Ito palette (in tones that carry on white and on black),
 * and a dash and a marker each, because colour alone is lost on paper and to many eyes. The colours
 * themselves are in the style sheet: `--s0` … `--s7`.
 */
import { markup, type Markup } from '../markup.ts';

export const STYLE_COUNT = 8;

/** Number of a style, or null for the crowd that only shows where most are. */
export type SeriesStyle = number | null;

/** Lengths of strokes and gaps in pixels; empty: solid. */
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '4 2', '12 3', '5 2 1 2 1 2', '1 2'] as const;

/** Drawn around 0, 0; about 7 px across. */
const MARKERS = [
  'M-3.2,0A3.2,3.2 0 1 0 3.2,0A3.2,3.2 0 1 0 -3.2,0Z',
  'M-3,-3H3V3H-3Z',
  'M0,-4L3.8,3H-3.8Z',
  'M0,-4.2L4.2,0L0,4.2L-4.2,0Z',
  'M0,4L3.8,-3H-3.8Z',
  'M-3.6,-1.2H-1.2V-3.6H1.2V-1.2H3.6V1.2H1.2V3.6H-1.2V1.2H-3.6Z',
  'M-3.4,0L0,-2L3.4,0L0,2Z',
  'M-1.6,-4H1.6V4H-1.6Z',
] as const;

export function styleClass(style: SeriesStyle): string {
  return style === null ? 'crowd' : `s${style % STYLE_COUNT}`;
}

export function dashOf(style: SeriesStyle): string {
  return style === null ? '' : (DASHES[style % STYLE_COUNT] ?? '');
}

/** A marker at a percentage of the width and a height in pixels. */
export function markerAt(style: SeriesStyle, x: string, y: number): Markup {
  const shape = MARKERS[(style ?? 0) % STYLE_COUNT] ?? MARKERS[0];
  return markup`<svg x="${x}" y="${y}" class="over"><path class="mark ${styleClass(style)}" d="${shape}"/></svg>`;
}
