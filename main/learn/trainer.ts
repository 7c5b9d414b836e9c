/**
 * Gradient and evaluation of one model on one engine, over flat vectors.
 *
 * The backward pass is written out by layer instead of taken from tfjs's tape: it skips the
 * derivative by the data, saves the tape's bookkeeping, and lets the loss be computed outside.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { assert, present } from '../core/assert.ts';
import { type ModelSpec, layerShapes, modelLayout } from '../core/model.ts';
import { type ParameterLayout, type Vector, tensorView } from '../core/parameters.ts';
import { checkParameters, checkRoom, checkRows } from './call-check.ts';
import { type Rows, rowRange } from './datasets/dataset.ts';
import { createDenseTrainer, isDenseChain } from './dense/dense-trainer.ts';
import type { Engine } from './engine.ts';
import { type Layer, layerFor } from './layers/layer.ts';
import { softmaxLoss } from './softmax-loss.ts';

export type { Rows } from './datasets/dataset.ts';

export interface Trainer {
  readonly layout: ParameterLayout;
  /** Writes the mean gradient over the rows into `out`; returns the mean cross-entropy in nats. */
  gradient(parameters: Vector, rows: Rows, out: Vector): number;
  /** Sums over the rows, so that parts can be added. */
  evaluate(parameters: Vector, rows: Rows): { lossSum: number; correct: number; count: number };
  /**
   * Many plain SGD steps on one vector, which is the trainer's until `finish`. Absent where it would
   * save nothing over `gradient` and a step.
   */
  descent?(parameters: Vector, learningRate: number): Descent;
  /** The trainer holds no tensors between calls; after this it refuses to be called. */
  dispose(): void;
}

/** Nothing else may be asked of the trainer meanwhile. */
export interface Descent {
  /** The newest gradient, until the next is asked for. */
  readonly vector: Vector;
  /** Mean loss of the rows, and into `vector` its gradient. */
  gradient(rows: Rows): number;
  /** `parameters -= learningRate * vector` */
  step(): void;
  /** Writes the parameters back. */
  finish(): void;
}

/** Bytes of activations that a pass may hold at once; larger batches go through in pieces. */
const MAX_ACTIVATION_BYTES = 48 * 2 ** 20;

export function createTrainer(engine: Engine, model: ModelSpec): Trainer {
  return engine.name === 'wasm' && isDenseChain(model) ? createDenseTrainer(model) : createTensorTrainer(engine, model);
}

/** For any model, on the engine's tensors. */
function createTensorTrainer(engine: Engine, model: ModelSpec): Trainer {
  const { tf } = engine;
  const layout = modelLayout(model);
  const shapes = layerShapes(model);
  const layers = shapes.map((shape) => layerFor(tf, shape));
  const featureSize = model.input.reduce((product, extent) => product * extent, 1);
  const sizes = { parameters: layout.size, featureSize };
  const valuesPerRow = shapes.reduce((sum, { output }) => sum + output.reduce((a, b) => a * b, 1), featureSize);
  const piece = Math.max(1, Math.floor(MAX_ACTIVATION_BYTES / (8 * valuesPerRow)));
  const scale = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
  let disposed = false;

  function begin(parameters: Vector, rows: Rows): void {
    assert(!disposed, 'the trainer was disposed of');
    checkParameters(parameters, sizes);
    checkRows(rows, sizes);
    engine.use();
  }

  function upload(parameters: Vector): Tensor[][] {
    let next = 0;
    return shapes.map(({ tensors }) =>
      tensors.map(({ shape }) =>
        engine.tensor(tensorView(parameters, present(layout.tensors[next++], 'slot')), [...shape]),
      ),
    );
  }

  function input(rows: Rows): Tensor {
    const values = new Float32Array(rows.features.length);
    for (let index = 0; index < values.length; index++) values[index] = scale[rows.features[index] as number] as number;
    return engine.tensor(values, [rows.count, ...model.input]);
  }

  /** Input of every layer, and behind them the logits. */
  function forward(weights: Tensor[][], rows: Rows): Tensor[] {
    const passed = [input(rows)];
    for (const [index, layer] of layers.entries()) {
      passed.push(layer.forward(present(passed[index], 'input'), present(weights[index], 'weights')));
    }
    return passed;
  }

  function backward(weights: Tensor[][], passed: Tensor[], dLogits: Tensor, add: (gradients: Tensor[]) => void): void {
    let dy = dLogits;
    const gradients: Tensor[] = [];
    for (let index = layers.length - 1; index >= firstWithParameters; index--) {
      const step = (layers[index] as Layer).backward({
        x: present(passed[index], 'input'),
        y: present(passed[index + 1], 'output'),
        dy,
        parameters: present(weights[index], 'weights'),
        wantsInput: index > firstWithParameters,
      });
      gradients.unshift(...step.parameters);
      if (step.dx !== undefined) dy = step.dx;
    }
    add(gradients);
  }
  const firstWithParameters = shapes.findIndex(({ parameters }) => parameters > 0);

  return {
    layout,
    gradient(parameters, rows, out) {
      begin(parameters, rows);
      checkRoom(out, sizes);
      let lossSum = 0;
      tf.tidy(() => {
        const weights = upload(parameters);
        for (let start = 0; start < rows.count; start += piece) {
          const part = rowRange(rows, start, Math.min(rows.count, start + piece));
          tf.tidy(() => {
            const passed = forward(weights, part);
            const logits = present(passed.at(-1), 'logits').dataSync<'float32'>();
            const into = new Float32Array(logits.length);
            lossSum += softmaxLoss(logits, part.labels, model.classes, { into, scale: 1 / rows.count }).lossSum;
            backward(weights, passed, engine.tensor(into, [part.count, model.classes]), (gradients) => {
              for (const [index, slot] of layout.tensors.entries()) {
                const values = present(gradients[index], slot.name).dataSync<'float32'>();
                if (start === 0) out.set(values, slot.offset);
                else
                  for (let i = 0; i < slot.size; i++)
                    out[slot.offset + i] = (out[slot.offset + i] as number) + (values[i] as number);
              }
            });
          });
        }
      });
      return lossSum / rows.count;
    },

    evaluate(parameters, rows) {
      begin(parameters, rows);
      const total = { lossSum: 0, correct: 0, count: rows.count };
      tf.tidy(() => {
        const weights = upload(parameters);
        for (let start = 0; start < rows.count; start += piece) {
          const part = rowRange(rows, start, Math.min(rows.count, start + piece));
          tf.tidy(() => {
            const logits = present(forward(weights, part).at(-1), 'logits').dataSync<'float32'>();
            const { lossSum, correct } = softmaxLoss(logits, part.labels, model.classes);
            total.lossSum += lossSum;
            total.correct += correct;
          });
        }
      });
      return total;
    },

    dispose() {
      disposed = true;
    },
  };
}
