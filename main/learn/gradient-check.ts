/**
 * Does this trainer compute what it should? Its loss is held against the plain-loop forward pass, and
 * its gradient, tensor by tensor, against the slope of its own loss along it.
 */
import type { ModelSpec } from '../core/model.ts';
import { initialParameters } from '../core/model.ts';
import type { Vector } from '../core/parameters.ts';
import { below, prng } from '../core/prng.ts';
import type { Rows } from './datasets/dataset.ts';
import { referenceLogits } from './reference.ts';
import { softmaxLoss } from './softmax-loss.ts';
import type { Trainer } from './trainer.ts';

const SEED = 20_240_607;
const CHECKED_ROWS = 2;
const LOSS_TOLERANCE = 1e-4;
/** A step along the unit gradient: far above float32 noise in the loss, short enough to stay straight. */
const STEP = 0.01;
const SLOPE_TOLERANCE = 0.03;
/** A slope below this drowns in rounding; such a tensor has nothing to say on these rows. */
const LEAST_SLOPE = 1e-2;

/** What is wrong, in words; undefined when nothing is. */
export function checkGradient(trainer: Trainer, model: ModelSpec): string | undefined {
  const rows = noiseRows(model, CHECKED_ROWS);
  const parameters = initialParameters(model, SEED);
  const gradient: Vector = new Float32Array(parameters.length);
  const loss = trainer.gradient(parameters, rows, gradient);
  const logits = Float32Array.from(referenceLogits(model, parameters, rows));
  const expected = softmaxLoss(logits, rows.labels, model.classes).lossSum / rows.count;
  if (!(Math.abs(loss - expected) <= LOSS_TOLERANCE * Math.max(1, expected))) {
    return `its loss is ${loss} where ${expected} is right`;
  }
  for (const { name, offset, size } of trainer.layout.tensors) {
    let squares = 0;
    for (let index = offset; index < offset + size; index++) squares += (gradient[index] as number) ** 2;
    const norm = Math.sqrt(squares);
    if (norm < LEAST_SLOPE) continue;
    const lossAt = (step: number): number => {
      const moved = parameters.slice();
      for (let index = offset; index < offset + size; index++) {
        moved[index] = (moved[index] as number) + (step * (gradient[index] as number)) / norm;
      }
      return trainer.evaluate(moved, rows).lossSum / rows.count;
    };
    const slope = (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
    if (!(Math.abs(slope - norm) <= SLOPE_TOLERANCE * norm)) {
      return `its gradient of ${name} has length ${norm} where the loss rises by ${slope}`;
    }
  }
  return undefined;
}

/** Seeded rows without meaning, for checks and for measuring. */
export function noiseRows(model: ModelSpec, count: number): Rows {
  const chance = prng(SEED, 'noise');
  const featureSize = model.input.reduce((product, extent) => product * extent, 1);
  const features = Uint8Array.from({ length: count * featureSize }, () => below(chance, 256));
  return { features, labels: Uint8Array.from({ length: count }, () => below(chance, model.classes)), count };
}
