import { expect, test } from 'vitest';
import { axisEnd, runAxis } from './run-axis.ts';

test('the axis of a growing run reaches beyond now, by at most an eighth, and stands still between its steps', () => {
  const ends = new Set<number>();
  for (let seconds = 10; seconds < 1000; seconds += 0.5) {
    const end = axisEnd(seconds, true);
    expect(end).toBeGreaterThan(seconds);
    expect(end).toBeLessThanOrEqual(seconds * 1.125 + 1e-9);
    ends.add(end);
  }
  expect(ends.size).toBeLessThan(64);
});

test('the axis of a run that ended ends with it', () => {
  expect(runAxis(37.5, false).max).toBe(37.5);
});
