/** Proportional batches: sums, bounds and the dead-band. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canHold,
  largestRemainder,
  type Measured,
  proportionalAdjustment,
  proportionalBatches,
  releasedAdjustment,
  type Share,
} from './proportional.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const share = fc
  .record({
    throughput: fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1000, noNaN: true })),
    minimum: fc.integer({ min: 1, max: 20 }),
    spare: fc.integer({ min: 0, max: 60 }),
  })
  .map(({ throughput, minimum, spare }): Share => ({ throughput, minimum, maximum: minimum + spare }));

/** Shares, and a total that their bounds hold. */
const problem = fc
  .tuple(fc.array(share, { minLength: 1, maxLength: 12 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([shares, where]) => {
    const [low, high] = [sum(shares.map(({ minimum }) => minimum)), sum(shares.map(({ maximum }) => maximum))];
    return { shares, total: Math.round(low + where * (high - low)) };
  });

describe('batches in proportion to throughput', () => {
  it('add up to the total exactly, within every bound, in whole rows', () => {
    fc.assert(
      fc.property(problem, ({ shares, total }) => {
        const batches = proportionalBatches(total, shares);
        expect(sum(batches)).toBe(total);
        for (const [index, { minimum, maximum }] of shares.entries()) {
          const batch = batches[index] as number;
          expect(Number.isInteger(batch) && batch >= minimum && batch <= maximum).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are within one row of the exact share where no bound is met', () => {
    const throughputs = fc.array(fc.double({ min: 1, max: 10, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(throughputs, fc.integer({ min: 12, max: 5000 }), (speeds, total) => {
        const shares = speeds.map((throughput) => ({ throughput, minimum: 0, maximum: total }));
        for (const [index, batch] of proportionalBatches(total, shares).entries()) {
          expect(Math.abs(batch - (total * (speeds[index] as number)) / sum(speeds))).toBeLessThan(1);
        }
      }),
    );
  });

  it('keep proportions among those inside their bounds, whoever is outside: water-filling', () => {
    fc.assert(
      fc.property(problem, ({ shares, total }) => {
        const batches = proportionalBatches(total, shares);
        const inside = shares.flatMap(({ throughput, minimum, maximum }, index) => {
          const batch = batches[index] as number;
          return batch > minimum + 1 && batch < maximum - 1 && throughput > 0 ? [{ batch, throughput }] : [];
        });
        // One level for all that are inside: rows per unit of throughput, up to the rounding of a row.
        const low = Math.max(...inside.map(({ batch, throughput }) => (batch - 1) / throughput));
        const high = Math.min(...inside.map(({ batch, throughput }) => (batch + 1) / throughput));
        expect(low).toBeLessThanOrEqual(high * (1 + 1e-9));
        // Whoever is at its lower bound would get less at that level, whoever is at its upper one more.
        for (const [index, { throughput, minimum, maximum }] of shares.entries()) {
          if (inside.length === 0) break;
          if (batches[index] === minimum && maximum > minimum + 1)
            expect(low * throughput).toBeLessThan(minimum + 1.001);
          if (batches[index] === maximum && maximum > minimum + 1)
            expect(high * throughput).toBeGreaterThan(maximum - 1.001);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are equal where nobody has shown any speed', () => {
    const shares = Array.from({ length: 3 }, () => ({ throughput: 0, minimum: 1, maximum: 100 }));
    expect(proportionalBatches(10, shares)).toEqual([4, 3, 3]);
  });

  it('are refused where the bounds cannot hold them', () => {
    const bounds = [
      { minimum: 4, maximum: 8 },
      { minimum: 4, maximum: 8 },
    ];
    expect([7, 8, 16, 17].map((total) => canHold(total, bounds))).toEqual([false, true, true, false]);
    expect(() =>
      proportionalBatches(
        17,
        bounds.map((bound) => ({ throughput: 1, ...bound })),
      ),
    ).toThrow(/hold/);
  });
});

it('largest remainders round up first, the earlier of equals before the later', () => {
  expect(largestRemainder(10, [3.5, 3.2, 3.3])).toEqual([4, 3, 3]);
  expect(largestRemainder(10, [2.5, 2.5, 2.5, 2.5])).toEqual([3, 3, 2, 2]);
  expect(largestRemainder(6, [1, 2, 3])).toEqual([1, 2, 3]);
});

const measured = (batch: number, meanMs: number): Measured => ({ batch, meanMs, minimum: 1, maximum: 1000 });

describe('an adjustment', () => {
  it('in one shot makes times equal, up to a row', () => {
    const workers = [measured(32, 10), measured(32, 20), measured(32, 40)];
    const batches = proportionalAdjustment(workers, 0.05) ?? [];
    expect(batches).toEqual([55, 27, 14]);
    const times = batches.map((batch, index) => (batch * (workers[index] as Measured).meanMs) / 32);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(40 / 32 + 1e-9);
  });

  it('keeps the sum, where the printed rule b · mean(μ)/μ does not', () => {
    const workers = [measured(32, 10), measured(32, 30)];
    expect(sum(proportionalAdjustment(workers, 0) ?? [])).toBe(64);
    expect(sum(workers.map(({ batch, meanMs }) => (batch * 20) / meanMs))).toBeGreaterThan(64);
  });

  it('does nothing in the dead-band, and all or nothing outside it', () => {
    expect(proportionalAdjustment([measured(100, 10), measured(100, 11)], 0.05)).toBeNull();
    // The largest change decides for all: 10 rows of 50 are 20 %, 10 of 150 are 7 %.
    const workers = [measured(50, 50 / 60), measured(150, 150 / 140)];
    expect(proportionalAdjustment(workers, 0.19)).toEqual([60, 140]);
    expect(proportionalAdjustment(workers, 0.2)).toBeNull();
  });

  it('is idempotent: measured anew at the new batches it changes nothing', () => {
    const msPerRow = fc.array(fc.double({ min: 0.1, max: 5, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(msPerRow, (paces) => {
        const before = paces.map((pace) => measured(200, 200 * pace));
        const batches = proportionalAdjustment(before, 0) ?? before.map(({ batch }) => batch);
        const after = paces.map((pace, index) => measured(batches[index] as number, (batches[index] as number) * pace));
        // What is left to change is rounding, one row of one worker at the most.
        const again = proportionalAdjustment(after, 0) ?? batches;
        for (const [index, batch] of again.entries())
          expect(Math.abs(batch - (batches[index] as number))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('takes no time at all for very little', () => {
    expect(sum(proportionalAdjustment([measured(8, 0), measured(8, 5)], 0) ?? [])).toBe(16);
  });
});

describe('the released rule', () => {
  it('moves each worker on its own, within a dead-band relative to the new size', () => {
    // 32 · 15/10 = 48 is a change of 33 %; 32 · 15/20 = 24 of 33 %: both move, and 72 drifts from 64.
    expect(releasedAdjustment([measured(32, 10), measured(32, 20)], 0.2, 64)).toEqual([44, 20]);
    expect(releasedAdjustment([measured(32, 10), measured(32, 11)], 0.2, 64)).toBeNull();
  });

  it('can leave its bounds and its global batch (B2.7)', () => {
    const workers = [10, 12, 60].map((meanMs) => ({ batch: 32, meanMs, minimum: 16, maximum: 64 }));
    const batches = releasedAdjustment(workers, 0.2, 96) ?? [];
    expect(Math.min(...batches)).toBeLessThan(16);
    expect(sum(batches)).not.toBe(96);
  });
});
