/** Where the plot lies inside its chart. Charts of one column share it, so that their time axes are one above the other. */

export interface Insets {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Room for the names of workers and for ticks on the left, for a second axis on the right. */
export const TIME_INSETS: Insets = { left: 76, right: 52, top: 14, bottom: 20 };

/** For charts of half the width. */
export const SMALL_INSETS: Insets = { left: 52, right: 12, top: 10, bottom: 20 };

/** An axis from `min` to `max` over these pixels. */
export interface Span {
  min: number;
  max: number;
}

export function toPixel({ min, max }: Span, from: number, to: number, value: number): number {
  return max === min ? from : from + ((value - min) / (max - min)) * (to - from);
}

export function toValue({ min, max }: Span, from: number, to: number, pixel: number): number {
  return to === from ? min : min + ((pixel - from) / (to - from)) * (max - min);
}
