import { describe, expect, it } from 'vitest';
import type { Vector } from '../core/parameters.ts';
import type { Work } from '../core/worker.ts';
import { LocalTraining } from './local-iteration.ts';
import type { Rows, Trainer } from './trainer.ts';

/** Gradient of (w − mean of the rows)² / 2; loss is that. One parameter, one feature. */
const trainer = {
  gradient(parameters: Vector, rows: Rows, out: Vector) {
    const mean = rows.features.reduce((sum, value) => sum + value, 0) / rows.count;
    out[0] = (parameters[0] as number) - mean;
    return out[0] ** 2 / 2;
  },
  evaluate: (parameters: Vector, rows: Rows) => ({
    lossSum: (parameters[0] as number) * rows.count,
    correct: 0,
    count: rows.count,
  }),
} as Partial<Trainer> as Trainer;

function training(afterStep: (stepMs: number) => boolean = () => true): LocalTraining {
  let nowMs = 0;
  const rowsAt = (positions: Uint32Array): Rows => ({
    features: Uint8Array.from(positions),
    labels: new Uint8Array(positions.length),
    count: positions.length,
  });
  return new LocalTraining({ trainer, rowsAt, nowMs: () => (nowMs += 10), afterStep });
}

function work(change: Partial<Work> = {}): Work {
  return {
    id: 1,
    mode: 'steps',
    parameters: new Float32Array([10]),
    order: Uint32Array.from([1, 3, 5, 7, 9]),
    batch: 2,
    epochs: 1,
    learningRate: 0.5,
    momentum: 0,
    gradientNorm: false,
    probe: new Uint32Array(0),
    ...change,
  };
}

describe('a local iteration', () => {
  it('in steps mode takes one optimizer step a mini-batch, the last one smaller', () => {
    const trained = training().run(work());
    // 10 → (2): 6 → (6): 6 → (9): 7.5
    expect(trained).toMatchObject({ id: 1, parameters: Float32Array.of(7.5), steps: 3 });
    expect(trained?.loss).toBeCloseTo((32 * 2 + 0 * 2 + 4.5) / 5);
    expect(trained).not.toHaveProperty('gradient');
  });

  it('in gradient mode leaves the parameters alone and gives the mean over all rows', () => {
    for (const batch of [2, 5, 100]) {
      const trained = training().run(work({ mode: 'gradient', batch }));
      expect(trained?.parameters).toEqual(Float32Array.of(10));
      expect(trained?.gradient?.[0]).toBeCloseTo(5);
    }
  });

  it('keeps its momentum from one iteration to the next', () => {
    const local = training();
    const first = local.run(work({ batch: 5, momentum: 0.9 }));
    const second = local.run(work({ batch: 5, momentum: 0.9 }));
    expect(first?.parameters[0]).toBeCloseTo(10 - 0.5 * 5);
    expect(second?.parameters[0]).toBeCloseTo(10 - 0.5 * (0.9 * 5 + 5));
  });

  it('judges the probe rows on the model that it ends with', () => {
    const trained = training().run(work({ probe: Uint32Array.of(1, 2) }));
    expect(trained?.probeLoss).toBe(trained?.parameters[0]);
  });

  it('reports the mean squared norm of its gradients where it is asked for', () => {
    const trained = training().run(work({ gradientNorm: true }));
    expect(trained?.gradientNormSquared).toBeCloseTo((8 ** 2 + 0 + 3 ** 2) / 3);
  });

  it('stops between two mini-batches when it is abandoned', () => {
    let steps = 0;
    const trained = training(() => ++steps < 2).run(work());
    expect(trained).toBeUndefined();
    expect(steps).toBe(2);
  });

  it('counts the time of its steps, what slows them down included', () => {
    const stepTimes: number[] = [];
    const trained = training((stepMs) => stepTimes.push(stepMs) > 0).run(work());
    expect(stepTimes).toEqual([10, 10, 10]);
    expect(trained?.computeMs).toBe(60); // and 10 behind each: the clock is read once more
  });

  it('does not mix its vectors up: the gradient of one iteration survives the next', () => {
    const local = training();
    const first = local.run(work({ mode: 'gradient', batch: 5 }));
    const kept = first?.gradient?.slice();
    local.run(work({ mode: 'gradient', batch: 5, parameters: new Float32Array([99]) }));
    expect(first?.gradient).toEqual(kept);
  });
});
