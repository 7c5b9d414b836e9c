/** ADSP's reward: which of two windows of a falling loss fell faster. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normal, prng } from '../prng.ts';
import {
  type Descent,
  describeDescent,
  fitCurve,
  isBetter,
  type LossPoint,
  MIN_POINTS,
  rewardOf,
} from './loss-curve.ts';

const TIMES = Array.from({ length: 8 }, (_, index) => index * 1000);
const points = (loss: (atMs: number) => number, from = 0): LossPoint[] =>
  TIMES.map((atMs) => ({ atMs: atMs + from, loss: loss(atMs) }));
const descent = (loss: (atMs: number) => number, from = 0): Descent => {
  const described = describeDescent(points(loss, from));
  if (described === null) throw new Error('not enough points');
  return described;
};
const curve = (steepness: number, offset: number, floor: number) => (atMs: number) =>
  1 / (steepness * atMs + offset) + floor;

describe('the fit', () => {
  it('finds the curve that losses lie on, as far as they go', () => {
    const figures = [
      fc.double({ min: 0.0001, max: 0.002, noNaN: true }),
      fc.double({ min: 0.4, max: 2, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ] as const;
    fc.assert(
      fc.property(...figures, (steepness, offset, floor) => {
        const loss = curve(steepness, offset, floor);
        const losses = TIMES.map(loss);
        const fitted = fitCurve(TIMES, losses);
        expect(fitted).not.toBeNull();
        if (fitted === null) return;
        expect(fitted.steepness).toBeGreaterThan(0);
        expect(fitted.floor).toBeLessThan(Math.min(...losses));
        // So the time that the window took comes out.
        const reward = rewardOf(fitted, loss(0), loss(7000));
        expect(1 / reward).toBeGreaterThan(7000 * 0.99);
        expect(1 / reward).toBeLessThan(7000 * 1.01);
      }),
    );
  });

  it('never has a floor above a loss, a curve that rises, or a time that is negative, whatever the losses', () => {
    const losses = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: MIN_POINTS, maxLength: 12 });
    fc.assert(
      fc.property(losses, (all) => {
        const times = all.map((_, index) => index * 100);
        const fitted = fitCurve(times, all);
        if (fitted === null) return;
        expect(fitted.steepness).toBeGreaterThan(0);
        expect(fitted.floor).toBeLessThan(Math.min(...all));
        expect(rewardOf(fitted, Math.max(...all), Math.min(...all))).toBeGreaterThan(0);
      }),
    );
  });

  it('takes six evaluations at least, and none that are no numbers', () => {
    expect(describeDescent(points(() => 1).slice(0, MIN_POINTS - 1))).toBeNull();
    expect(describeDescent(points((atMs) => (atMs > 3000 ? NaN : 1)))).toBeNull();
    expect(describeDescent(Array.from({ length: 8 }, () => ({ atMs: 5, loss: 1 })))).toBeNull();
  });

  it('a curve that levels off above a loss never gets there', () => {
    expect(rewardOf({ steepness: 1, floor: 0.5 }, 1, 0.4)).toBe(0);
    expect(rewardOf({ steepness: 1, floor: 0.5 }, 1, 1)).toBe(0);
  });
});

describe('the better of two', () => {
  it('is never one whose loss rises: the case of the released log', () => {
    // 1.166 → 1.210 → 1.348 had the highest reward of its search, 0.988 → 0.903 the lowest.
    const rising = descent((atMs) => 1.166 + 0.182 * (atMs / 7000));
    const falling = descent((atMs) => 0.988 - 0.085 * (atMs / 7000));
    expect(isBetter(rising, falling)).toBe(false);
    expect(isBetter(falling, rising)).toBe(true);
    expect(isBetter(rising, rising)).toBe(false);
  });

  it('is the one that would get from one loss to another sooner, though the later window falls less', () => {
    // One curve, looked at early and, twice as fast, late: the late window falls less in all.
    const early = descent(curve(0.0005, 0.5, 0.1));
    const late = descent(curve(0.001, 4, 0.1), 7000);
    expect(late.slope).toBeLessThan(early.slope);
    expect(isBetter(late, early)).toBe(true);
    expect(isBetter(early, late)).toBe(false);
  });

  it('is neither where they differ by less than their noise', () => {
    let [noisy, clear] = [0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const chance = prng(seed, 'noise');
      const shaken = (steepness: number): Descent => {
        const loss = curve(steepness, 0.5, 0.1);
        return descent((atMs) => loss(atMs) + 0.05 * normal(chance));
      };
      if (isBetter(shaken(0.0005), shaken(0.0005))) noisy += 1;
      if (isBetter(shaken(0.0005), shaken(0.0002))) clear += 1;
    }
    expect(noisy).toBeLessThan(50);
    expect(clear).toBeGreaterThan(180);
  });
});
