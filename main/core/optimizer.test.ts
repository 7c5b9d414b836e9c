import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sgd } from './optimizer.ts';

const gradients = fc.array(
  fc
    .array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 })
    .map((all) => Float32Array.from(all)),
  { minLength: 1, maxLength: 20 },
);
const rate = fc.double({ min: 0.001, max: 1, noNaN: true });
const momentum = fc.double({ min: 0.01, max: 0.99, noNaN: true });

describe('SGD', () => {
  it('without momentum is w −= η g, and keeps no velocity', () => {
    fc.assert(
      fc.property(gradients, rate, (all, learningRate) => {
        const sgd = new Sgd({ learningRate, momentum: 0 });
        const parameters = new Float32Array(3);
        const expected = new Float32Array(3);
        for (const gradient of all) {
          sgd.step(parameters, gradient);
          for (let index = 0; index < 3; index++) expected[index] = expected[index]! - learningRate * gradient[index]!;
        }
        expect([...parameters]).toEqual([...expected]);
        expect(sgd.velocity).toBeUndefined();
      }),
    );
  });

  it('with momentum μ moves by η Σ μ^(t−s) g_s at step t', () => {
    fc.assert(
      fc.property(gradients, rate, momentum, (all, learningRate, mu) => {
        const sgd = new Sgd({ learningRate, momentum: mu });
        const parameters = new Float32Array(3);
        for (const [step, gradient] of all.entries()) {
          const before = parameters.slice();
          sgd.step(parameters, gradient);
          for (let index = 0; index < 3; index++) {
            const velocity = all.slice(0, step + 1).reduce((sum, past, s) => sum + mu ** (step - s) * past[index]!, 0);
            expect(parameters[index]! - before[index]!).toBeCloseTo(-learningRate * velocity, 2);
          }
        }
      }),
    );
  });

  it('with Nesterov’s momentum looks one step ahead: η (μ v + g)', () => {
    fc.assert(
      fc.property(gradients, rate, momentum, (all, learningRate, mu) => {
        const sgd = new Sgd({ learningRate, momentum: mu, nesterov: true });
        const parameters = new Float32Array(3);
        const velocity = [0, 0, 0];
        for (const gradient of all) {
          const before = parameters.slice();
          sgd.step(parameters, gradient);
          for (let index = 0; index < 3; index++) {
            velocity[index] = mu * velocity[index]! + gradient[index]!;
            const moved = -learningRate * (mu * velocity[index]! + gradient[index]!);
            expect(parameters[index]! - before[index]!).toBeCloseTo(moved, 2);
          }
        }
      }),
    );
  });

  it('goes on from a velocity to the bit', () => {
    const gradient = Float32Array.of(0.3, -0.7, 1.1);
    const settings = { learningRate: 0.1, momentum: 0.9 };
    const [whole, first] = [new Sgd(settings), new Sgd(settings)];
    const [atOnce, inParts] = [new Float32Array(3), new Float32Array(3)];
    for (let step = 0; step < 6; step++) whole.step(atOnce, gradient);
    for (let step = 0; step < 3; step++) first.step(inParts, gradient);
    const second = new Sgd(settings, first.velocity!.slice());
    for (let step = 0; step < 3; step++) second.step(inParts, gradient);
    expect([...inParts]).toEqual([...atOnce]);
  });

  it('leaves the gradient alone', () => {
    const gradient = Float32Array.of(1);
    const sgd = new Sgd({ learningRate: 0.5, momentum: 0.9, nesterov: true });
    for (let step = 0; step < 3; step++) sgd.step(new Float32Array(1), gradient);
    expect(gradient[0]).toBe(1);
  });
});
