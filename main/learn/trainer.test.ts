import { describe, expect, it } from 'vitest';
import { initialParameters, modelNamed } from '../core/model.ts';
import { type Vector, tensorView } from '../core/parameters.ts';
import { permutation, prng } from '../core/prng.ts';
import { type Rows, rowRange, takeRows } from './datasets/dataset.ts';
import { generateDigits } from './datasets/digits.ts';
import { expectClose } from './engine.contract.ts';
import { openEngine } from './engine.ts';
import { evaluateSplit } from './evaluate.ts';
import { type Trainer, createTrainer } from './trainer.ts';

const digits = generateDigits({ seed: 11, trainRows: 6400, testRows: 500 });
const wasm = await openEngine('wasm');

function train(trainer: Trainer, parameters: Vector, steps: number): number[] {
  const gradient: Vector = new Float32Array(parameters.length);
  const order = permutation(prng(1, 'order'), digits.train.count);
  return Array.from({ length: steps }, (_, step) => {
    const loss = trainer.gradient(
      parameters,
      takeRows(digits.train, order.subarray(32 * step, 32 * step + 32)),
      gradient,
    );
    for (let index = 0; index < parameters.length; index++) {
      parameters[index] = (parameters[index] as number) - 0.1 * (gradient[index] as number);
    }
    return loss;
  });
}

describe.each(['mlp-109k', 'cnn-109k'])('%s on digits', (name) => {
  const model = modelNamed(name);
  const trainer = createTrainer(wasm, model);
  const parameters = initialParameters(model, 1);

  it('learns: 120 steps of SGD bring the loss down', () => {
    const before = evaluateSplit(trainer, parameters, digits.test);
    expect(before.accuracy).toBeLessThan(0.3);
    const losses = train(trainer, parameters, 120);
    const mean = (part: number[]): number => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(-20))).toBeLessThan(0.4 * mean(losses.slice(0, 20)));
    const after = evaluateSplit(trainer, parameters, digits.test);
    expect(after.accuracy).toBeGreaterThan(0.75);
    expect(after.count).toBe(500);
  });

  it('gives the same gradient for a batch that must go through in pieces', () => {
    // Repeated, because what matters is only that it is more than one piece holds.
    const many = takeRows(
      digits.test,
      Array.from({ length: name === 'cnn-109k' ? 900 : 7000 }, (_, row) => row % 500),
    );
    const whole: Vector = new Float32Array(parameters.length);
    const loss = trainer.gradient(parameters, many, whole);
    const sum = new Float64Array(parameters.length);
    const part: Vector = new Float32Array(parameters.length);
    let lossSum = 0;
    for (let start = 0; start < many.count; start += 100) {
      const rows = rowRange(many, start, start + 100);
      lossSum += trainer.gradient(parameters, rows, part) * rows.count;
      for (let index = 0; index < part.length; index++)
        sum[index] = (sum[index] as number) + (part[index] as number) * rows.count;
    }
    expect(loss).toBeCloseTo(lossSum / many.count, 6);
    expectClose(
      whole,
      sum.map((value) => value / many.count),
      1e-5,
    );
  });
});

it('judges as an independent forward pass over the exported weights does', () => {
  const model = modelNamed('mlp-109k');
  const trainer = createTrainer(wasm, model);
  const parameters = initialParameters(model, 2);
  train(trainer, parameters, 100);
  const weights = new Map(trainer.layout.tensors.map((slot) => [slot.name, tensorView(parameters, slot)]));
  const expected = independentMlp(
    ['1.dense', '2.dense', '3.dense'].map(
      (layer) => [weights.get(`${layer}.kernel`), weights.get(`${layer}.bias`)] as [Vector, Vector],
    ),
    digits.test,
  );
  const found = evaluateSplit(trainer, parameters, digits.test);
  expect(found.accuracy).toBe(expected.accuracy);
  expect(Math.abs(found.loss - expected.loss)).toBeLessThan(1e-5);
});

/** Written apart from everything in `learn`, on purpose. */
function independentMlp(layers: [Vector, Vector][], rows: Rows): { loss: number; accuracy: number } {
  let [loss, right] = [0, 0];
  for (let row = 0; row < rows.count; row++) {
    let values = [...rows.features.slice(row * 784, row * 784 + 784)].map((byte) => byte / 255);
    layers.forEach(([kernel, bias], depth) => {
      const sums = [...bias];
      values.forEach((value, i) => {
        if (value !== 0)
          for (let unit = 0; unit < bias.length; unit++) sums[unit]! += value * kernel[i * bias.length + unit]!;
      });
      values = depth < layers.length - 1 ? sums.map((sum) => (sum > 0 ? sum : 0)) : sums;
    });
    const shares = values.map((value) => Math.exp(value));
    const label = rows.labels[row]!;
    loss -= Math.log(shares[label]! / shares.reduce((a, b) => a + b));
    if (values.indexOf(Math.max(...values)) === label) right++;
  }
  return { loss: loss / rows.count, accuracy: right / rows.count };
}

describe('a trainer refuses', () => {
  const model = modelNamed('mlp-109k');
  const trainer = createTrainer(wasm, model);
  const parameters = initialParameters(model, 1);
  const rows = rowRange(digits.test, 0, 2);

  it('inputs of the wrong size', () => {
    const out: Vector = new Float32Array(parameters.length);
    expect(() => trainer.gradient(parameters.subarray(1), rows, out)).toThrow(/109386 parameters, got 109385/);
    expect(() => trainer.gradient(parameters, rows, out.subarray(1))).toThrow(/109386 values of room/);
    expect(() => trainer.evaluate(parameters, { ...rows, count: 3 })).toThrow(/3 × 784 bytes/);
    expect(() => trainer.evaluate(parameters, { ...rows, labels: Uint8Array.of(1) })).toThrow(/2 labels/);
    expect(() => trainer.evaluate(parameters, rowRange(rows, 0, 0))).toThrow(/no rows/);
  });

  it('work after it was disposed of', () => {
    const gone = createTrainer(wasm, model);
    gone.dispose();
    expect(() => gone.evaluate(parameters, rows)).toThrow(/disposed/);
  });
});
