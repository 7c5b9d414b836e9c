/** Where words go in a chart: inside the plot, on no other word. What finds no place is left to the table beside. */
import type { Area } from './ground.ts';

/** Between two words, and between a word and the edge of what it names. */
const GAP_PX = 6;
/** A line of type with what is free above and below it. */
export const LINE_PX = 14;

export interface WantedWord {
  /** What it stands over, in pixels from the left end of the line of words. */
  at: number;
  widthPx: number;
}

/**
 * The middles of words in one line, moved where they would stand out at an end; null for a word that would lie on
 * an earlier one of the list, or is wider than the line.
 */
export function placeAlong(words: readonly WantedWord[], lengthPx: number): (number | null)[] {
  const taken: { from: number; to: number }[] = [];
  return words.map(({ at, widthPx }) => {
    const half = widthPx / 2;
    if (widthPx > lengthPx) return null;
    const middle = Math.max(half, Math.min(lengthPx - half, at));
    const [from, to] = [middle - half, middle + half];
    if (taken.some((other) => from < other.to + GAP_PX && other.from < to + GAP_PX)) return null;
    taken.push({ from, to });
    return middle;
  });
}

export interface NamedPoint {
  x: number;
  y: number;
  /** Of its mark. */
  radius: number;
  widthPx: number;
}

export interface PlacedName {
  x: number;
  /** The middle of its height. */
  y: number;
  align: 'left' | 'right' | 'center';
}

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * A name beside every point, over or under it where there is no room: on no name and no mark, inside the area, and
 * on none of `lines` as long as that can be had.
 */
export function placeNames(
  points: readonly NamedPoint[],
  area: Area,
  lines: readonly Box[] = [],
): (PlacedName | null)[] {
  const marks = points.map(({ x, y, radius }) => ({
    left: x - radius,
    right: x + radius,
    top: y - radius,
    bottom: y + radius,
  }));
  const taken: Box[] = [];
  return points.map((point, index) => {
    const others = [...marks.filter((_, other) => other !== index), ...taken];
    const isFree = (place: PlacedName, obstacles: readonly Box[]): boolean => {
      const box = boxOf(place, point.widthPx);
      return isInside(box, area) && !obstacles.some((other) => overlap(box, other));
    };
    const liked = candidates(point, area);
    const found =
      liked.find((place) => isFree(place, [...others, ...lines])) ?? liked.find((place) => isFree(place, others));
    if (found === undefined) return null;
    taken.push(boxOf(found, point.widthPx));
    return found;
  });
}

/** In the order in which they are liked. */
function candidates({ x, y, radius, widthPx }: NamedPoint, area: Area): PlacedName[] {
  const [aside, away] = [radius + GAP_PX / 2, radius + LINE_PX / 2];
  const beside = (dy: number): PlacedName[] => [
    { x: x + aside, y: y + dy, align: 'left' },
    { x: x - aside, y: y + dy, align: 'right' },
  ];
  const middle = Math.max(area.left + widthPx / 2, Math.min(area.right - widthPx / 2, x));
  return [
    ...beside(0),
    { x: middle, y: y - away, align: 'center' },
    { x: middle, y: y + away, align: 'center' },
    ...beside(-away),
    ...beside(away),
    ...beside(-away - LINE_PX),
    ...beside(away + LINE_PX),
  ];
}

function boxOf({ x, y, align }: PlacedName, widthPx: number): Box {
  const left = align === 'left' ? x : align === 'right' ? x - widthPx : x - widthPx / 2;
  return { left, right: left + widthPx, top: y - LINE_PX / 2, bottom: y + LINE_PX / 2 };
}

function isInside(box: Box, area: Area): boolean {
  return box.left >= area.left && box.right <= area.right && box.top >= area.top && box.bottom <= area.bottom;
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
