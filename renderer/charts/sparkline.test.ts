import { expect, test } from 'vitest';
import { sparkPath } from './sparkline.tsx';

test('draws nothing of a single value: one point is no history', () => {
  expect(sparkPath([1], 80, 20)).toBe('');
  expect(sparkPath([NaN, 1, NaN], 80, 20)).toBe('');
});

test('spans its values, and leaves a gap where one is not known', () => {
  expect(sparkPath([0, 1], 80, 20)).toBe('M0.0,19.0L80.0,1.0');
  expect(sparkPath([0, NaN, 1, 1], 90, 20)).toBe('M0.0,19.0M60.0,1.0L90.0,1.0');
});

test('draws what never changes through the middle', () => {
  expect(sparkPath([5, 5], 80, 20)).toBe('M0.0,10.0L80.0,10.0');
});
