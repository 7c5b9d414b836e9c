import { expect, it } from 'vitest';
import { speedsInWords, speedsOf } from './speeds.ts';

it('repeats speeds when there are more workers', () => {
  expect(speedsOf(5, [1, 0.5])).toEqual([1, 0.5, 1, 0.5, 1]);
  expect(speedsOf(2, [])).toEqual([1, 1]);
});

it('says who gets which', () => {
  expect(speedsInWords(2, [1, 0.35])).toBe('local-1\u00a0100\u00a0%, local-2\u00a035\u00a0%');
  expect(speedsInWords(8, [1])).toMatch(/and 2 more$/);
  expect(speedsInWords(2, undefined)).toBe('All as fast as this computer lets them.');
});
