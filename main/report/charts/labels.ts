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

/**
 * Keeps the order of the lines and puts each group of labels that would overlap around the middle of where
 * they want to be, between `top` and `bottom` where all fit.
 */
export function spreadLabels<T extends WantedLabel>(
  wanted: readonly T[],
  top: number,
  bottom: number,
  spacing = LABEL_SPACING_PX,
): (T & PlacedLabel)[] {
  const groups: { labels: T[]; start: number }[] = [];
  for (const label of [...wanted].sort((left, right) => left.y - right.y)) {
    let group = centred([label], top, bottom, spacing);
    for (let above = groups.at(-1); above !== undefined; above = groups.at(-1)) {
      if (above.start + above.labels.length * spacing <= group.start) break;
      groups.pop();
      group = centred([...above.labels, ...group.labels], top, bottom, spacing);
    }
    groups.push(group);
  }
  return groups.flatMap(({ labels, start }) =>
    labels.map((label, index) => ({ ...label, labelY: start + index * spacing })),
  );
}

function centred<T extends WantedLabel>(
  labels: T[],
  top: number,
  bottom: number,
  spacing: number,
): { labels: T[]; start: number } {
  const middle = labels.reduce((sum, { y }) => sum + y, 0) / labels.length;
  const extent = (labels.length - 1) * spacing;
  const start = Math.max(top, Math.min(middle - extent / 2, bottom - extent));
  return { labels, start: Math.round(start * 10) / 10 };
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
