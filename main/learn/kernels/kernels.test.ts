/** Each wasm kernel of ours against the same kernel on cpu, over shapes chosen to be awkward. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { present } from '../../core/assert.ts';
import { prng, uniform } from '../../core/prng.ts';
import { expectClose } from '../engine.contract.ts';
import { type Engine, openEngine } from '../engine.ts';

let wasm: Engine;
let cpu: Engine;
beforeAll(async () => {
  [wasm, cpu] = [await openEngine('wasm'), await openEngine('cpu')];
});

interface Operand {
  shape: number[];
  values: Float32Array;
}

/** Values in −1 … 1, or in coarse steps so that equal ones occur. */
function operand(shape: number[], label: string, steps = 0): Operand {
  const chance = prng(1, label);
  const draw = (): number => 2 * uniform(chance) - 1;
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
    steps === 0 ? draw() : Math.round(steps * draw()) / steps,
  );
  return { shape, values };
}

/** Runs on both engines; checks shape, values to 1e-5 of the largest, and that nothing but the result was left. */
function compare(operands: Operand[], compute: (engine: Engine, tensors: Tensor[]) => Tensor): void {
  const [found, expected] = [wasm, cpu].map((engine) => {
    engine.use();
    const inputs = operands.map(({ values, shape }) => engine.tensor(values, shape));
    const before = engine.tf.memory();
    const buffersBefore = engine.tf.engine().backend.numDataIds();
    const output = compute(engine, inputs);
    expect(engine.tf.memory().numTensors).toBe(before.numTensors + 1);
    const values = output.dataSync<'float32'>().slice();
    const shape = output.shape;
    output.dispose();
    expect(engine.tf.engine().backend.numDataIds()).toBe(buffersBefore);
    for (const [index, input] of inputs.entries()) {
      expect(input.dataSync()).toEqual(operands[index]?.values);
      input.dispose();
    }
    return { values, shape };
  });
  expect(found?.shape).toEqual(expected?.shape);
  expectClose(found?.values ?? [], expected?.values ?? [], 1e-5);
}

describe('convolution gradients on wasm equal those on cpu', () => {
  const cases = [
    // x, filter, strides, pad
    { x: [2, 7, 6, 3], filter: [3, 3, 3, 4], strides: 1, pad: 'same' },
    { x: [2, 7, 6, 3], filter: [3, 3, 3, 4], strides: 1, pad: 'valid' },
    { x: [3, 28, 28, 1], filter: [5, 5, 1, 8], strides: 1, pad: 'same' },
    { x: [1, 5, 5, 2], filter: [1, 1, 2, 9], strides: 1, pad: 'same' },
    { x: [2, 6, 9, 2], filter: [2, 4, 2, 3], strides: 1, pad: 'same' },
    { x: [2, 8, 8, 2], filter: [3, 3, 2, 4], strides: 2, pad: 'same' },
    { x: [2, 8, 7, 2], filter: [3, 3, 2, 4], strides: 2, pad: 'valid' },
    { x: [2, 9, 9, 2], filter: [2, 2, 2, 3], strides: 3, pad: 'valid' },
    { x: [2, 9, 8, 2], filter: [3, 2, 2, 3], strides: [2, 1], pad: 'valid' },
    { x: [1, 4, 4, 1], filter: [4, 4, 1, 1], strides: 1, pad: 'valid' },
    { x: [2, 6, 6, 2], filter: [3, 3, 2, 2], strides: 1, pad: 2 },
    { x: [2, 6, 6, 2], filter: [2, 2, 2, 2], strides: 1, pad: 2 },
  ] as const;

  it.each(cases)('x $x, filter $filter, strides $strides, pad $pad', ({ x, filter, strides, pad }) => {
    const shape = cpu.tf.backend_util.computeConv2DInfo(
      [...x],
      [...filter],
      typeof strides === 'number' ? strides : [...strides],
      1,
      pad,
    ).outShape;
    const [image, weights, dy] = [operand([...x], 'x'), operand([...filter], 'filter'), operand(shape, 'dy')];
    const attributes = { strides: typeof strides === 'number' ? strides : [...strides], pad, dataFormat: 'NHWC' };
    const kernel =
      (name: string, first: string, second: string, extra: object) =>
      (engine: Engine, tensors: Tensor[]): Tensor =>
        engine.tf
          .engine()
          .runKernel(
            name,
            { [first]: present(tensors[0], 'operand'), [second]: present(tensors[1], 'operand') },
            { ...attributes, ...extra },
          );
    compare([image, dy], kernel('Conv2DBackpropFilter', 'x', 'dy', { filterShape: [...filter] }));
    compare([dy, weights], kernel('Conv2DBackpropInput', 'dy', 'filter', { inputShape: [...x] }));
  });
});

describe('max-pool gradient on wasm equals that on cpu', () => {
  const cases = [
    { x: [2, 8, 6, 3], filterSize: 2, strides: 2, pad: 'valid' },
    { x: [2, 7, 9, 3], filterSize: 2, strides: 2, pad: 'valid' },
    { x: [1, 7, 7, 2], filterSize: 3, strides: 2, pad: 'valid' },
    { x: [2, 6, 6, 2], filterSize: 3, strides: 1, pad: 'valid' },
    { x: [2, 7, 7, 2], filterSize: 3, strides: 2, pad: 'same' },
    { x: [2, 5, 5, 2], filterSize: 2, strides: 1, pad: 'same' },
    { x: [1, 4, 5, 1], filterSize: [3, 2], strides: [1, 2], pad: 'same' },
  ] as const;

  it.each(cases)(
    'x $x, window $filterSize, strides $strides, pad $pad; ties go to the first',
    ({ x, filterSize, strides, pad }) => {
      const attributes = { filterSize: filterSize as number, strides: strides as number, pad: pad as 'same' };
      const info = cpu.tf.backend_util.computePool2DInfo([...x], attributes.filterSize, attributes.strides, 1, pad);
      for (const steps of [0, 1]) {
        compare([operand([...x], 'x', steps), operand(info.outShape, 'dy')], ({ tf }, [input, dy]) =>
          tf.tidy(() => {
            const output = tf.engine().runKernel<Tensor>('MaxPool', { x: input as Tensor }, attributes);
            return tf
              .engine()
              .runKernel<Tensor>('MaxPoolGrad', { dy: dy as Tensor, input: input as Tensor, output }, attributes);
          }),
        );
      }
    },
  );
});

describe('matrix products on wasm equal those on cpu', () => {
  const flags = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;
  const shapeOf = (rows: number, columns: number, transposed: boolean) =>
    transposed ? [columns, rows] : [rows, columns];

  it.each(flags)('transposeA %s, transposeB %s', (transposeA, transposeB) => {
    for (const [m, k, n] of [
      [3, 5, 4],
      [1, 7, 1],
      [32, 20, 17],
      [6, 1, 5],
    ] as const) {
      const [a, b] = [operand(shapeOf(m, k, transposeA), 'a'), operand(shapeOf(k, n, transposeB), 'b')];
      compare([a, b], ({ tf }, [left, right]) => tf.matMul(left as Tensor, right as Tensor, transposeA, transposeB));
    }
  });

  it.each(flags)('of several pairs, transposeA %s, transposeB %s', (transposeA, transposeB) => {
    for (const [left, right] of [
      [2, 2],
      [3, 1],
      [1, 3],
      [1, 1],
    ]) {
      const a = operand([left as number, ...shapeOf(4, 5, transposeA)], 'a');
      const b = operand([right as number, ...shapeOf(5, 3, transposeB)], 'b');
      compare([a, b], ({ tf }, [first, second]) =>
        tf.matMul(first as Tensor, second as Tensor, transposeA, transposeB),
      );
    }
  });

  it.each(flags)('with bias and ReLU, transposeA %s, transposeB %s', (transposeA, transposeB) => {
    const [a, b] = [operand(shapeOf(6, 5, transposeA), 'a'), operand(shapeOf(5, 4, transposeB), 'b')];
    compare([a, b, operand([4], 'bias')], ({ tf }, [left, right, bias]) =>
      tf.fused.matMul({
        a: left as never,
        b: right as never,
        bias: bias as Tensor,
        transposeA,
        transposeB,
        activation: 'relu',
      }),
    );
  });
});
