/**
 * How series are told apart: a colour of the Okabe–Ito palette and a dash each, because colour alone is
 * lost on paper and to many eyes. The same order as in reports.
 */
import { SERIES_COUNT } from './theme.ts';

/** Lengths of strokes and gaps in pixels; empty: solid. */
const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [4, 2],
  [12, 3],
  [5, 2, 1, 2, 1, 2],
  [1, 2],
];

export const MAX_LINES = SERIES_COUNT;

export function dashOf(style: number): readonly number[] {
  return DASHES[style % SERIES_COUNT] ?? [];
}

/** For style sheets and SVG. */
export function colorOf(style: number): string {
  return `var(--series-${style % SERIES_COUNT})`;
}
