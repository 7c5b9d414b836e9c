import { describe, expect, test } from 'vitest';
import { downsample, MAX_POINTS, type Point } from './downsample.ts';

describe('downsampling', () => {
  test('keeps the ends, the extremes and gaps, in order, in no more than 400 points', () => {
    const points: Point[] = Array.from({ length: 20_000 }, (_, x) => [
      x,
      x === 7777 ? 99 : x === 8888 ? -99 : x === 9999 ? null : Math.sin(x),
    ]);
    const kept = downsample(points);
    expect(kept.length).toBeLessThanOrEqual(MAX_POINTS);
    expect(kept[0]).toEqual(points[0]);
    expect(kept.at(-1)).toEqual(points.at(-1));
    expect(kept).toContainEqual([7777, 99]);
    expect(kept).toContainEqual([8888, -99]);
    expect(kept).toContainEqual([9999, null]);
    expect(kept.every(([x], index) => index === 0 || x > (kept[index - 1] as Point)[0])).toBe(true);
  });

  test('short series are left alone', () => {
    const points: Point[] = [
      [0, 1],
      [0, 2],
      [5, null],
    ];
    expect(downsample(points)).toBe(points);
    expect(downsample([])).toEqual([]);
  });
});
