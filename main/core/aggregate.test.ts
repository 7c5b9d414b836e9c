/** The laws of aggregation that make distributed training the same as training on one machine. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accumulate, difference, sumScaled, weightedSum } from './aggregate.ts';
import { checksum, type Vector } from './parameters.ts';
import { initialParameters } from './model.ts';
import { normal, prng } from './prng.ts';
import { meanGradient, Problem, TINY_MODEL } from './testbed/problem.ts';

const value = fc.float({ min: -1000, max: 1000, noNaN: true });
const vectorsOf = (size: number) =>
  fc.array(value, { minLength: size, maxLength: size }).map((all) => Float32Array.from(all));
const pair = fc.nat({ max: 30 }).chain((size) => fc.tuple(vectorsOf(size), vectorsOf(size)));

describe('a weighted mean of gradients', () => {
  const problem = new Problem(1, 400);
  const parameters = initialParameters(TINY_MODEL, 3);

  it('is the gradient of the union of the batches, weighed by their rows', () => {
    const batches = fc.array(fc.array(fc.nat({ max: 399 }), { minLength: 1, maxLength: 40 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(batches, (all) => {
        const total = all.flat().length;
        const contributions = all.map((positions) => ({
          vector: meanGradient(
            parameters,
            positions.map((position) => problem.row(position)),
          ).gradient,
          weight: positions.length / total,
        }));
        const union = meanGradient(
          parameters,
          all.flat().map((position) => problem.row(position)),
        ).gradient;
        const mean = weightedSum(union.length, contributions);
        for (const [index, expected] of union.entries()) expect(mean[index]).toBeCloseTo(expected, 6);
      }),
    );
  });

  it('is not that of batches weighed alike when they are not of one size', () => {
    const sizes = [1, 50];
    const gradients = sizes.map((size) => meanGradient(parameters, problem.rows.slice(0, size)).gradient);
    const alike = weightedSum(
      15,
      gradients.map((vector) => ({ vector, weight: 0.5 })),
    );
    const union = meanGradient(parameters, [...problem.rows.slice(0, 1), ...problem.rows.slice(0, 50)]).gradient;
    expect(Math.max(...difference(alike, union).map(Math.abs))).toBeGreaterThan(1e-3);
  });
});

describe('weightedSum', () => {
  it('gives the same bits for the same contributions in the same order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(vectorsOf(8), value), { minLength: 1, maxLength: 6 }), (all) => {
        const contributions = all.map(([vector, weight]) => ({ vector, weight }));
        expect(checksum(weightedSum(8, contributions))).toBe(checksum(weightedSum(8, [...contributions])));
      }),
    );
  });

  it('sums in double precision: what float32 would swallow is kept', () => {
    const of = (...values: number[]): { vector: Vector; weight: number }[] =>
      values.map((one) => ({ vector: Float32Array.of(one), weight: 1 }));
    expect(weightedSum(1, of(1e8, 1, -1e8))[0]).toBe(1);
  });

  it('is to the bit what one loop over all values gives, over many blocks and a rest', () => {
    const chance = prng(1, 'sums');
    const size = 3 * 4096 + 17;
    const contributions = Array.from({ length: 3 }, () => ({
      vector: Float32Array.from({ length: size }, () => normal(chance)),
      weight: normal(chance),
    }));
    const twin = new Float32Array(size);
    for (let index = 0; index < size; index++) {
      let sum = 0;
      for (const { vector, weight } of contributions) sum += weight * vector[index]!;
      twin[index] = sum;
    }
    expect(checksum(weightedSum(size, contributions))).toBe(checksum(twin));
  });

  it('of one vector with weight 1 is the vector, and of none is zero', () => {
    fc.assert(
      fc.property(vectorsOf(5), (vector) => {
        expect([...weightedSum(5, [{ vector, weight: 1 }])]).toEqual([...vector.map((one) => one + 0)]);
      }),
    );
    expect([...weightedSum(2, [])]).toEqual([0, 0]);
  });

  it('leaves its contributions alone', () => {
    const vector = Float32Array.of(1, 2);
    weightedSum(2, [{ vector, weight: 3 }])[0] = 9;
    expect([...vector]).toEqual([1, 2]);
  });
});

describe('plain arithmetic', () => {
  it('difference undoes accumulate, as far as float32 goes', () => {
    fc.assert(
      fc.property(pair, ([base, step]) => {
        const moved = base.slice();
        accumulate(moved, 1, step);
        const back = difference(moved, base);
        for (const [index, expected] of step.entries()) expect(back[index]).toBeCloseTo(expected, 2);
      }),
    );
  });

  it('accumulate adds a multiple in place, sumScaled the same in a new vector', () => {
    const vector = Float32Array.of(0.5, -1);
    expect([...sumScaled(vector, -2, Float32Array.of(1, 1))]).toEqual([-1.5, -3]);
    expect([...vector]).toEqual([0.5, -1]);
    accumulate(vector, -2, Float32Array.of(1, 1));
    expect([...vector]).toEqual([-1.5, -3]);
  });
});
