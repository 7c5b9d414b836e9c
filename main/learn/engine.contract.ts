/**
 * What every engine owes us, as one suite: run it with any engine that opens. Small models, because
 * the slowest engine takes a second for what the fastest does in a millisecond.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ModelSpec, initialParameters } from '../core/model.ts';
import { type Vector, checksum } from '../core/parameters.ts';
import { type Rows, rowRange } from './datasets/dataset.ts';
import { type Engine, type EngineName, openEngine } from './engine.ts';
import { checkGradient, noiseRows } from './gradient-check.ts';
import { referenceLogits } from './reference.ts';
import { softmaxLoss } from './softmax-loss.ts';
import { type Trainer, createTrainer } from './trainer.ts';

const dense = (units: number, activation: 'relu' | 'linear') => ({ type: 'dense', units, activation }) as const;
const conv = (filters: number, kernel: number, stride: number, padding: 'same' | 'valid') =>
  ({ type: 'conv2d', filters, kernel, stride, padding, activation: 'relu' }) as const;

const MODELS: ModelSpec[] = [
  { name: 'logistic', input: [12], classes: 3, layers: [dense(3, 'linear')] },
  {
    name: 'dense',
    input: [5, 5, 1],
    classes: 4,
    layers: [{ type: 'flatten' }, dense(9, 'relu'), dense(7, 'relu'), dense(4, 'linear')],
  },
  {
    name: 'pooled',
    input: [9, 8, 2],
    classes: 4,
    layers: [
      conv(5, 3, 1, 'same'),
      { type: 'maxPool', size: 2, stride: 2 },
      conv(6, 3, 1, 'valid'),
      { type: 'flatten' },
      dense(4, 'linear'),
    ],
  },
  {
    name: 'stridden',
    input: [11, 10, 3],
    classes: 3,
    layers: [
      { type: 'maxPool', size: 3, stride: 1 },
      conv(4, 3, 2, 'same'),
      conv(3, 2, 2, 'valid'),
      { type: 'flatten' },
      dense(3, 'linear'),
    ],
  },
];

export function engineContract(name: EngineName): void {
  describe(`the engine ${name}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await openEngine(name);
    });

    it('copies what becomes a tensor', () => {
      engine.use();
      const received = Float32Array.of(1, 2, 3, 4);
      const tensor = engine.tensor(received.subarray(1), [3]);
      received.fill(9);
      expect([...tensor.dataSync()]).toEqual([2, 3, 4]);
      tensor.dispose();
    });

    describe.each(MODELS)('training $name', (model) => {
      let trainer: Trainer;
      const rows = noiseRows(model, 6);
      const parameters = initialParameters(model, 5);
      beforeAll(() => {
        trainer = createTrainer(engine, model);
      });
      afterAll(() => trainer.dispose());

      const gradientOf = (part: Rows): { loss: number; gradient: Vector } => {
        const gradient: Vector = new Float32Array(parameters.length);
        return { loss: trainer.gradient(parameters, part, gradient), gradient };
      };

      it('has the loss of the plain-loop forward pass and a gradient that is the slope of it', () => {
        expect(checkGradient(trainer, model)).toBeUndefined();
      });

      it('agrees with cpu', async () => {
        const { loss, gradient } = gradientOf(rows);
        const expected: Vector = new Float32Array(parameters.length);
        const expectedLoss = createTrainer(await openEngine('cpu'), model).gradient(parameters, rows, expected);
        expect(loss).toBeCloseTo(expectedLoss, 4);
        expectClose(gradient, expected, 1e-4);
      });

      it('takes the mean over the rows: one row at a time averages to the batch', () => {
        const { loss, gradient } = gradientOf(rows);
        const single = Array.from({ length: rows.count }, (_, row) => gradientOf(rowRange(rows, row, row + 1)));
        expect(loss).toBeCloseTo(single.reduce((sum, one) => sum + one.loss, 0) / rows.count, 5);
        expectClose(gradient, weighted(single.map((one) => [one.gradient, 1 / rows.count])), 1e-5);
      });

      it('gives for two batches together their gradients weighted by their sizes', () => {
        const [left, right] = [gradientOf(rowRange(rows, 0, 2)), gradientOf(rowRange(rows, 2, 6))];
        expectClose(
          gradientOf(rows).gradient,
          weighted([
            [left.gradient, 2 / 6],
            [right.gradient, 4 / 6],
          ]),
          1e-5,
        );
      });

      it('gives the same bits for the same inputs', () => {
        const [first, second] = [gradientOf(rows), gradientOf(rows)];
        expect(checksum(first.gradient)).toBe(checksum(second.gradient));
        expect(first.loss).toBe(second.loss);
      });

      it('judges rows as the plain-loop forward pass does', () => {
        const judged = trainer.evaluate(parameters, rows);
        const logits = Float32Array.from(referenceLogits(model, parameters, rows));
        const expected = softmaxLoss(logits, rows.labels, model.classes);
        expect(judged.lossSum).toBeCloseTo(expected.lossSum, 4);
        expect(judged.correct).toBe(expected.correct);
        expect(judged.count).toBe(6);
      });

      it('leaves no tensor behind and does not touch its inputs, even when a call fails', () => {
        engine.use();
        const before = engine.tf.memory().numTensors;
        const bits = checksum(parameters);
        gradientOf(rows);
        trainer.evaluate(parameters, rows);
        const mislabelled = { ...rows, labels: new Uint8Array(rows.count).fill(200) };
        expect(() => trainer.evaluate(parameters, mislabelled)).toThrow(/label 200/);
        expect(() => gradientOf(mislabelled)).toThrow(/label 200/);
        expect(engine.tf.memory().numTensors).toBe(before);
        expect(checksum(parameters)).toBe(bits);
      });
    });
  });
}

function weighted(parts: [Vector, number][]): Vector {
  const sum: Vector = new Float32Array(parts[0]?.[0].length ?? 0);
  return sum.map((_, index) =>
    parts.reduce((total, [vector, weight]) => total + weight * (vector[index] as number), 0),
  );
}

/** Largest difference, relative to the largest value. */
export function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  let [largest, worst] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    largest = Math.max(largest, Math.abs(expected[index] as number));
    const difference = Math.abs((found[index] as number) - (expected[index] as number));
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  expect(worst).toBeLessThanOrEqual(tolerance * Math.max(largest, 1e-6));
}
