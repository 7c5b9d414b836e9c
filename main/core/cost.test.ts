import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mean, median, populationDeviation, quantile } from './cost.ts';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('quantiles', () => {
  it('are NumPy’s: linear between order statistics', () => {
    // numpy.quantile([1, 2, 4, 8], [0, .25, .5, .75, 1])
    expect([0, 0.25, 0.5, 0.75, 1].map((q) => quantile([8, 1, 4, 2], q))).toEqual([1, 1.75, 3, 5, 8]);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([7])).toBe(7);
  });

  it('lie between the extremes, rise with q, and leave their input alone', () => {
    fc.assert(
      fc.property(
        values,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, p, q) => {
          const before = [...all];
          const [low, high] = [quantile(all, Math.min(p, q)), quantile(all, Math.max(p, q))];
          expect(low).toBeLessThanOrEqual(high + 1e-9);
          expect(low).toBeGreaterThanOrEqual(Math.min(...all) - 1e-9);
          expect(high).toBeLessThanOrEqual(Math.max(...all) + 1e-9);
          expect(all).toEqual(before);
        },
      ),
    );
  });

  it('of nothing are unknown', () => {
    expect(median([])).toBeNaN();
  });
});

describe('mean and deviation', () => {
  it('divide by n: the deviation is that of a population', () => {
    expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
    expect(populationDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBe(2);
    expect(populationDeviation([3])).toBe(0);
  });
});
