/**
 * Sums over equal stretches of time, of bounded number: when time goes past the last one, two become
 * one. Widths are a power of two times the base, so whatever happened in between, the same events end
 * in the same buckets.
 */
export const BASE_WIDTH_US = 50_000;

export interface Buckets<Column extends string> {
  widthUs: number;
  /** Number of the first bucket held; bucket k spans [k × width, (k + 1) × width). */
  first: number;
  columns: Record<Column, number[]>;
}
