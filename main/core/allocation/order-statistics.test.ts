/** The chunked list against its slow twin: sorting all values, every time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../assert.ts';
import { quantile } from '../cost.ts';
import { addValue, noValues, quantileOf, removeValue } from './order-statistics.ts';

describe('values that come and go', () => {
  it('have the quantiles of the same values sorted, to the bit', () => {
    // Few distinct values: equal ones are where places are easily missed.
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 30 })), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (all, q) => {
        let values = noValues();
        const twin: number[] = [];
        for (const [adds, value] of all) {
          if (adds || !twin.includes(value)) {
            addValue(values, value);
            twin.push(value);
          } else {
            removeValue(values, value);
            twin.splice(twin.indexOf(value), 1);
          }
          values = JSON.parse(JSON.stringify(values)) as typeof values;
          expect(quantileOf(values, q)).toEqual(quantile(twin, q));
        }
        expect(values.size).toBe(twin.length);
      }),
      { numRuns: 40 },
    );
  });

  it('stay sorted over many chunks', () => {
    const values = noValues();
    const numbers = Array.from({ length: 2000 }, (_, index) => (index * 7919) % 2000);
    for (const number of numbers) addValue(values, number);
    expect(values.chunks.length).toBeGreaterThan(5);
    expect(values.chunks.flat()).toEqual([...Array(2000).keys()]);
    for (const q of [0, 0.25, 0.5, 0.777, 1]) expect(quantileOf(values, q)).toBe(quantile(numbers, q));
    for (const number of numbers) removeValue(values, number);
    expect(values).toEqual(noValues());
  });

  it('cannot lose what they do not hold', () => {
    const values = noValues();
    addValue(values, 1);
    expect(() => removeValue(values, 2)).toThrow(AssertionError);
  });
});
