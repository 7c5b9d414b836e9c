/** A line without axes, beside the number that it is the history of. */
import { memo } from 'react';

const WIDTH = 84;
const HEIGHT = 26;

export interface SparklineProps {
  /** In equal steps; NaN: unknown, a gap. */
  values: ArrayLike<number>;
  color: string;
  /** Least and most of the axis; absent: of the values. */
  range?: readonly [number, number];
  width?: number;
  height?: number;
}

export const Sparkline = memo(function Sparkline({
  values,
  color,
  range,
  width = WIDTH,
  height = HEIGHT,
}: SparklineProps) {
  const path = sparkPath(values, width, height, range);
  if (path === '') return null;
  return (
    <svg className="sparkline" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden>
      <path d={path} fill="none" stroke={color} strokeWidth={1.5} strokeLinejoin="round" />
    </svg>
  );
});

/** Empty when fewer than two values are known. */
export function sparkPath(
  values: ArrayLike<number>,
  width: number,
  height: number,
  range?: readonly [number, number],
): string {
  let [low, high] = range ?? [Infinity, -Infinity];
  let known = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (!Number.isFinite(value)) continue;
    known += 1;
    if (range === undefined) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (known < 2) return '';
  const span = high - low;
  let path = '';
  let down = false;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (Number.isFinite(value)) {
      const x = (index / (values.length - 1)) * width;
      // A line that never changes runs through the middle.
      const share = span === 0 ? 0.5 : Math.min(1, Math.max(0, (value - low) / span));
      path += `${down ? 'L' : 'M'}${x.toFixed(1)},${(1 + (1 - share) * (height - 2)).toFixed(1)}`;
      down = true;
    } else down = false;
  }
  return path;
}
