/** What a push does to the model, for everything that a push can carry. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from './assert.ts';
import { type Contribution, GlobalModel } from './global-model.ts';
import { checksum, type Vector } from './parameters.ts';
import type { Carry } from './policy/policy.ts';

const INITIAL = Float32Array.of(1, -2, 0.5);
const PLAIN = { learningRate: 0.5, momentum: 0 };
const WHOLE = { learningRate: 1, momentum: 0 };
const modelFor = (carry: Carry, settings = carry === 'gradient' ? PLAIN : WHOLE): GlobalModel =>
  new GlobalModel(carry, INITIAL, settings);
const of = (weight: number, ...values: number[]): Contribution => ({ vector: Float32Array.from(values), weight });
const near = (actual: Vector, expected: readonly number[]): void => {
  for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 4);
};

describe('a version', () => {
  it('from gradients is w − η Σ λ g', () => {
    const model = modelFor('gradient');
    model.apply([of(0.25, 4, 0, 0), of(0.75, 0, 4, 4)], 0);
    near(model.parameters, [1 - 0.5, -2 - 1.5, 0.5 - 1.5]);
  });

  it('from deltas is w + Σ λ δ', () => {
    const model = modelFor('delta');
    model.apply([of(0.5, 1, 1, 1), of(2, 0, 1, 0)], 0);
    near(model.parameters, [1.5, 0.5, 1]);
  });

  it('from parameters is keep · w + Σ λ w_i', () => {
    const model = modelFor('parameters');
    model.apply([of(0.75, 5, 2, 0.5)], 0.25);
    near(model.parameters, [4, 1, 0.5]);
    model.apply([of(1, 7, 8, 9)], 0);
    near(model.parameters, [7, 8, 9]);
  });

  it('from drifts is keep · w + Σ λ (w_0 + drift_i), measured from the first model for ever', () => {
    const model = modelFor('drift');
    model.apply([of(1, 1, 1, 1)], 0);
    near(model.parameters, [2, -1, 1.5]);
    model.apply([of(0.5, 3, 3, 3)], 0.5);
    near(model.parameters, [0.5 * 2 + 0.5 * 4, 0.5 * -1 + 0.5 * 1, 0.5 * 1.5 + 0.5 * 3.5]);
  });

  it('counts one up, whatever it was made from', () => {
    const model = modelFor('delta');
    for (let version = 1; version <= 5; version++) {
      model.apply([of(1, 1, 1, 1), of(1, 1, 1, 1)], 0);
      expect(model.version).toBe(version);
    }
    expect(() => model.apply([], 0)).toThrow(AssertionError);
  });

  it('is a new vector: whoever holds the old one may keep it', () => {
    for (const carry of ['gradient', 'delta', 'parameters', 'drift'] as const) {
      const model = modelFor(carry);
      const held = model.parameters;
      const before = checksum(held);
      model.apply([of(1, 1, 2, 3)], 0);
      expect(checksum(held)).toBe(before);
      expect(checksum(model.parameters)).not.toBe(before);
    }
    expect([...INITIAL]).toEqual([1, -2, 0.5]);
  });

  it('does not depend on who came first, when the policy has put pushes in order', () => {
    const contributions = fc.array(
      fc.tuple(
        fc.array(fc.float({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(contributions, fc.nat(), (all, rotation) => {
        const pushes = all.map(([values, weight], index) => ({ worker: `w${index}`, ...of(weight, ...values) }));
        const turned = [...pushes.slice(rotation % pushes.length), ...pushes.slice(0, rotation % pushes.length)];
        const inOrder = turned.toSorted((left, right) => (left.worker < right.worker ? -1 : 1));
        const [one, other] = [modelFor('gradient'), modelFor('gradient')];
        one.apply(pushes, 0);
        other.apply(inOrder, 0);
        expect(checksum(one.parameters)).toBe(checksum(other.parameters));
      }),
    );
  });
});

describe('Hermes’ weighted mean', () => {
  it('of gradient sums from the first model is the same mean of models', () => {
    const eta = 0.1;
    const numbers = fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 3, maxLength: 3 });
    const losses = fc.double({ min: 0.01, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(numbers, losses, losses), { minLength: 1, maxLength: 10 }), (pushes) => {
        const models = modelFor('parameters');
        let mean: number[] | undefined;
        for (const [sum, loss, modelLoss] of pushes) {
          const [w1, w2] = mean === undefined ? [0, 1] : [1 / modelLoss, 1 / loss];
          mean = sum.map((value, index) => (w1 * (mean?.[index] ?? 0) + w2 * value) / (w1 + w2));
          const implied = sum.map((value, index) => INITIAL[index]! - eta * value);
          models.apply([of(w2 / (w1 + w2), ...implied)], w1 / (w1 + w2));
          near(
            models.parameters,
            mean.map((value, index) => INITIAL[index]! - eta * value).map((one) => Math.fround(one)),
          );
        }
      }),
    );
  });
});

describe('the model that a push implies', () => {
  it('is the one that applying it alone would lead to, and leaves the model as it is', () => {
    for (const carry of ['gradient', 'delta', 'parameters', 'drift'] as const) {
      const model = modelFor(carry);
      model.apply([of(1, 3, 3, 3)], 0);
      const before = checksum(model.parameters);
      const implied = model.implied(Float32Array.of(0.25, 0.5, 1));
      expect(checksum(model.parameters)).toBe(before);
      model.apply([of(1, 0.25, 0.5, 1)], 0);
      near(implied, [...model.parameters]);
    }
  });

  it('has no part in the velocity', () => {
    const model = modelFor('gradient', { learningRate: 0.5, momentum: 0.9 });
    model.apply([of(1, 1, 1, 1)], 0);
    const velocity = [...model.velocity!];
    near(
      model.implied(Float32Array.of(2, 2, 2)),
      [...model.parameters].map((value) => value - 1),
    );
    expect([...model.velocity!]).toEqual(velocity);
  });
});

describe('a resumed model', () => {
  it('goes on to the bit, velocity included, and does not touch what it was resumed from', () => {
    const settings = { learningRate: 0.3, momentum: 0.8, nesterov: true };
    const pushes = Array.from({ length: 6 }, (_, index) => of(1, index, -index, 0.1 * index));
    const whole = new GlobalModel('gradient', INITIAL, settings);
    for (const push of pushes) whole.apply([push], 0);
    const first = new GlobalModel('gradient', INITIAL, settings);
    for (const push of pushes.slice(0, 3)) first.apply([push], 0);
    const kept = { parameters: first.parameters.slice(), velocity: first.velocity!.slice(), version: first.version };
    for (let attempt = 0; attempt < 2; attempt++) {
      const second = new GlobalModel('gradient', INITIAL, settings, kept);
      for (const push of pushes.slice(3)) second.apply([push], 0);
      expect(checksum(second.parameters)).toBe(checksum(whole.parameters));
      expect(second.version).toBe(6);
    }
  });
});
