import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countAxis, niceAxis, place, shareAxis, timeAxis } from './axis.ts';

const values = fc.double({ min: -1e9, max: 1e9, noNaN: true });

describe('axes', () => {
  test('ticks are few, round, inside the axis, and hold every value between them', () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [min, max] = [Math.min(one, other), Math.max(one, other)];
        const axis = niceAxis(min, max);
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
        expect(axis.ticks.length).toBeLessThanOrEqual(8);
        if (max > min) {
          const slack = 1e-9 * Math.max(Math.abs(min), Math.abs(max), 1);
          expect(axis.min).toBeLessThanOrEqual(min + slack);
          expect(axis.max).toBeGreaterThanOrEqual(max - slack);
        }
        for (const { value } of axis.ticks) expect(place(axis, value)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('time ends where the run ends; shares end at 100 %; counts are whole', () => {
    expect(timeAxis(92)).toMatchObject({ min: 0, max: 92 });
    expect(timeAxis(92).ticks.map(({ text }) => text)).toEqual(['0 s', '30 s', '60 s', '90 s']);
    expect(timeAxis(484).ticks.map(({ text }) => text)).toEqual(['0 min', '2 min', '4 min', '6 min', '8 min']);
    expect(timeAxis(0).max).toBeGreaterThan(0);
    expect(shareAxis(0.1, 0.973).ticks.at(-1)?.text).toBe('100 %');
    expect(countAxis(3, 17).ticks.map(({ value }) => value)).toEqual([5, 10, 15]);
  });

  test('nothing to show is an axis all the same', () => {
    for (const axis of [niceAxis(Infinity, -Infinity), niceAxis(0, 0), shareAxis(NaN, NaN), countAxis(0, 0)]) {
      expect(axis.max).toBeGreaterThan(axis.min);
    }
  });
});
