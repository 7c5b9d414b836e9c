/** Shards cover the set, share it fairly, and are a function of the weights. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../assert.ts';
import type { Shard } from '../protocol/messages.ts';
import { ShardPlan } from './shards.ts';

function planOf(rows: number, weights: readonly number[]): ShardPlan {
  const plan = new ShardPlan(rows);
  for (const weight of weights) plan.setWeight(plan.addPlace(), weight);
  return plan;
}

const shardsOf = (plan: ShardPlan, count: number): Shard[] =>
  Array.from({ length: count }, (_, place) => plan.shardOf(place));

/** Weights of which everyone's share is at least one row. */
const fair = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 5 }))
  .map(([weights, factor]) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { weights, rows: Math.ceil(total / Math.min(...weights)) * factor };
  });

describe('shards', () => {
  it('cover the set, in order and without overlap (D1)', () => {
    fc.assert(
      fc.property(fair, ({ weights, rows }) => {
        let end = 0;
        for (const { start, length } of shardsOf(planOf(rows, weights), weights.length)) {
          expect(start).toBe(end);
          end += length;
        }
        expect(end).toBe(rows);
      }),
    );
  });

  it('are within one row of their share (D1)', () => {
    fc.assert(
      fc.property(fair, ({ weights, rows }) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const [place, { length }] of shardsOf(planOf(rows, weights), weights.length).entries()) {
          expect(Math.abs(length - (rows * weights[place]!) / total)).toBeLessThan(1 + 1e-9);
        }
      }),
    );
  });

  it('depend on the weights now, not on how they came about', () => {
    const changes = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 3000 })), { maxLength: 60 });
    fc.assert(
      fc.property(changes, fc.integer({ min: 10, max: 10_000 }), (all, rows) => {
        const weights = Array.from({ length: 10 }, () => 1);
        const plan = planOf(rows, weights);
        for (const [place, weight] of all) {
          weights[place] = weight;
          plan.setWeight(place, weight);
        }
        expect(shardsOf(plan, 10)).toEqual(shardsOf(planOf(rows, weights), 10));
      }),
    );
  });

  it('are those of a plain running sum: the tree is only faster', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ add: fc.nat({ max: 500 }) }),
        fc.record({ place: fc.nat({ max: 30 }), weight: fc.nat({ max: 500 }) }),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5000 }), (all, rows) => {
        const plan = new ShardPlan(rows);
        const weights: number[] = [];
        for (const step of all) {
          if ('add' in step) {
            expect(plan.addPlace()).toBe(weights.length);
            weights.push(step.add);
            plan.setWeight(weights.length - 1, step.add);
          } else if (step.place < weights.length) {
            weights[step.place] = step.weight;
            plan.setWeight(step.place, step.weight);
          }
          expect(shardsOf(plan, weights.length)).toEqual(naive(rows, weights));
        }
      }),
    );
  });

  it('always lie within the set and are never empty, whatever the weights (D5)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 60 }),
        (rows, weights) => {
          for (const { start, length } of shardsOf(planOf(rows, weights), weights.length)) {
            expect(start >= 0 && length >= 1 && start + length <= rows).toBe(true);
          }
        },
      ),
    );
  });

  it('refuse weights that are no weights', () => {
    const plan = planOf(10, [1]);
    for (const weight of [-1, NaN, Infinity]) expect(() => plan.setWeight(0, weight)).toThrow(AssertionError);
    expect(plan.shardOf(0)).toEqual({ start: 0, length: 10 });
  });
});

describe('examples', () => {
  it('four equal workers, one lost, one come back with half the rows (D4)', () => {
    const plan = planOf(1200, [16, 16, 16, 16]);
    expect(shardsOf(plan, 4).map(({ length }) => length)).toEqual([300, 300, 300, 300]);
    plan.setWeight(1, 0);
    expect(shardsOf(plan, 4).map(({ start }) => start)).toEqual([0, 400, 400, 800]);
    plan.setWeight(1, 8);
    expect(plan.shardOf(1)).toEqual({ start: 343, length: 171 });
  });

  it('without any weight everyone has everything', () => {
    expect(planOf(50, [0, 0]).shardOf(1)).toEqual({ start: 0, length: 50 });
  });

  it('more workers than rows share rows', () => {
    const shards = shardsOf(planOf(2, [1, 1, 1, 1]), 4);
    expect(shards.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    expect(new Set(shards.map(({ start }) => start))).toEqual(new Set([0, 1]));
  });
});

function naive(rows: number, weights: readonly number[]): Shard[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return weights.map((weight) => {
    if (total === 0) return { start: 0, length: rows };
    const start = Math.round((before / total) * rows);
    before += weight;
    const end = Math.round((before / total) * rows);
    return { start: Math.min(start, rows - 1), length: Math.max(1, end - start) };
  });
}
