/**
 * Softmax and cross-entropy over logits, in plain JS and double precision: a batch has a few hundred
 * logits, so an engine would spend more on calls than on sums, and every engine gets the same loss.
 */
import { assert } from '../core/assert.ts';

/**
 * Derivatives smaller than this are taken as 0. They move no weight, but what they are multiplied into
 * falls below the normal float32 numbers, with which processors are up to a hundred times slower: a
 * model that is sure of itself would train at a fraction of its speed.
 */
const SMALLEST_DERIVATIVE = 1e-24;

export interface Judgement {
  /** Sum over the rows of −ln p(label), in nats. */
  lossSum: number;
  /** Rows whose largest logit is their label's; the first of equals counts. */
  correct: number;
}

/**
 * @param logits count × classes, row by row.
 * @param derivative when given, receives (softmax − one-hot) × scale, the derivative of scale × lossSum.
 */
export function softmaxLoss(
  logits: Float32Array,
  labels: Uint8Array,
  classes: number,
  derivative?: { into: Float32Array; scale: number },
): Judgement {
  let lossSum = 0;
  let correct = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    assert(label < classes, `label ${label} of row ${row} is not below ${classes}`);
    const start = row * classes;
    let best = 0;
    for (let index = 1; index < classes; index++) {
      if ((logits[start + index] as number) > (logits[start + best] as number)) best = index;
    }
    const largest = logits[start + best] as number;
    let sum = 0;
    for (let index = 0; index < classes; index++) sum += Math.exp((logits[start + index] as number) - largest);
    lossSum += Math.log(sum) + largest - (logits[start + label] as number);
    if (best === label) correct++;
    if (derivative === undefined) continue;
    for (let index = 0; index < classes; index++) {
      const probability = Math.exp((logits[start + index] as number) - largest) / sum;
      const slope = (probability - (index === label ? 1 : 0)) * derivative.scale;
      derivative.into[start + index] = Math.abs(slope) < SMALLEST_DERIVATIVE ? 0 : slope;
    }
  }
  return { lossSum, correct };
}
