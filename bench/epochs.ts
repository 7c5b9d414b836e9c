/**
 * How hard is a data set? One machine, plain SGD at 0.1, mini-batches of 32: accuracy on the test rows
 * after every epoch, and the first epoch at which it reaches the target.
 *
 *     npm run bench -- epochs [--dataset digits] [--data-dir D] [--model mlp-109k] [--epochs 15] [--seed 1] [--target 0.95]
 */
import { parseArgs } from 'node:util';
import { initialParameters, modelNamed } from '../main/core/model.ts';
import type { Vector } from '../main/core/parameters.ts';
import { permutation, prng } from '../main/core/prng.ts';
import { takeRows } from '../main/learn/datasets/dataset.ts';
import { openDataset } from '../main/learn/datasets/registry.ts';
import { openEngine } from '../main/learn/engine.ts';
import { evaluateSplit } from '../main/learn/evaluate.ts';
import { createTrainer } from '../main/learn/trainer.ts';

const BATCH = 32;
const RATE = 0.1;
const { values } = parseArgs({
  options: {
    dataset: { type: 'string', default: 'digits' },
    'data-dir': { type: 'string' },
    model: { type: 'string', default: 'mlp-109k' },
    epochs: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', default: '0.95' },
  },
});
const seed = Number(values.seed);
const dataDir = values['data-dir'];
const { train, test } = await openDataset(values.dataset, { seed, ...(dataDir !== undefined && { dataDir }) });
const model = modelNamed(values.model);
const trainer = createTrainer(await openEngine('wasm'), model);
const parameters = initialParameters(model, seed);
const gradient: Vector = new Float32Array(parameters.length);
let reached: number | undefined;
for (let epoch = 1; epoch <= Number(values.epochs); epoch++) {
  const start = performance.now();
  const order = permutation(prng(seed, 'epoch', epoch), train.count);
  for (let first = 0; first + BATCH <= order.length; first += BATCH) {
    trainer.gradient(parameters, takeRows(train, order.subarray(first, first + BATCH)), gradient);
    for (let index = 0; index < parameters.length; index++) {
      parameters[index] = (parameters[index] as number) - RATE * (gradient[index] as number);
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const { accuracy, loss } = evaluateSplit(trainer, parameters, test);
  if (accuracy >= Number(values.target)) reached ??= epoch;
  const figures = `accuracy ${(100 * accuracy).toFixed(2)} %  loss ${loss.toFixed(4)}  ${seconds.toFixed(1)} s`;
  process.stdout.write(`epoch ${String(epoch).padStart(2)}  ${figures}\n`);
}
process.stdout.write(`${values.target} reached ${reached === undefined ? 'never' : `after epoch ${reached}`}\n`);
