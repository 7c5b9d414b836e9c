/** Long series as few points that look the same. */

/** `y` null: a gap in the line. */
export type Point = readonly [x: number, y: number | null];

export const MAX_POINTS = 400;

/**
 * Keeps the lowest and the highest point of each of `maxPoints / 2` equal stretches of x, the ends, and
 * gaps, so that no spike and no interruption disappears. Points come in ascending x.
 */
export function downsample(points: readonly Point[], maxPoints = MAX_POINTS): readonly Point[] {
  const first = points[0];
  const last = points.at(-1);
  if (points.length <= maxPoints || first === undefined || last === undefined) return points;
  const buckets = Math.max(1, Math.floor((maxPoints - 2) / 3));
  const width = (last[0] - first[0]) / buckets || 1;
  const kept: Point[] = [first];
  let start = 1;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const until = bucket === buckets - 1 ? Infinity : first[0] + (bucket + 1) * width;
    let end = start;
    while (end < points.length - 1 && (points[end] as Point)[0] < until) end += 1;
    keepExtremes(points.slice(start, end), kept);
    start = end;
  }
  kept.push(last);
  return kept;
}

function keepExtremes(bucket: readonly Point[], kept: Point[]): void {
  let lowest: Point | undefined;
  let highest: Point | undefined;
  let gap: Point | undefined;
  for (const point of bucket) {
    if (point[1] === null) gap ??= point;
    else {
      if (lowest === undefined || point[1] < (lowest[1] as number)) lowest = point;
      if (highest === undefined || point[1] > (highest[1] as number)) highest = point;
    }
  }
  const chosen = new Set([lowest, highest, gap].filter((point) => point !== undefined));
  kept.push(...[...chosen].sort((left, right) => left[0] - right[0]));
}
