/** Labels at the end of lines, moved apart so that each can be read. */

export interface WantedLabel {
  /** Where its line ends, in pixels from the top. */
  y: number;
  text: string;
}

export interface PlacedLabel extends WantedLabel {
  /** Where the label goes. */
  labelY: number;
}

export const LABEL_SPACING_PX = 14;

/** Keeps the order of the lines and stays between `top` and `bottom` where all fit; else grows downward. */
export function spreadLabels<T extends WantedLabel>(
  wanted: readonly T[],
  top: number,
  bottom: number,
  spacing = LABEL_SPACING_PX,
): (T & PlacedLabel)[] {
  const placed = [...wanted].sort((left, right) => left.y - right.y).map((label) => ({ ...label, labelY: label.y }));
  let free = top;
  for (const label of placed) {
    label.labelY = Math.max(label.labelY, free);
    free = label.labelY + spacing;
  }
  let limit = bottom;
  for (const label of placed.toReversed()) {
    if (label.labelY <= limit) break;
    label.labelY = limit;
    limit -= spacing;
  }
  return placed;
}

/** Pixels that text takes at 11 px, roughly: for margins, not for typesetting. */
export function textWidth(text: string): number {
  return Math.ceil(text.length * 6.1);
}

/** At most `most` characters, the last an ellipsis where some had to go. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
