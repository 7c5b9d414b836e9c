/**
 * A learning problem small enough for plain loops: softmax regression on rows of bytes. It stands in
 * for a data set, a model and an engine wherever machines are tested without any of the three.
 */
import { accumulate } from '../aggregate.ts';
import type { ModelSpec } from '../model.ts';
import { Sgd } from '../optimizer.ts';
import type { Vector } from '../parameters.ts';
import { below, normal, prng } from '../prng.ts';
import { ROWS_PER_BLOCK } from '../protocol/messages.ts';
import type { Trained, Work } from '../worker.ts';

const FEATURES = 4;
const CLASSES = 3;
export const ROW_BYTES = FEATURES + 1;

/** 15 parameters: a kernel of 4 × 3, then 3 biases. */
export const TINY_MODEL: ModelSpec = {
  name: 'tiny',
  input: [FEATURES],
  classes: CLASSES,
  layers: [{ type: 'dense', units: CLASSES, activation: 'linear' }],
};

export interface Row {
  features: Uint8Array;
  label: number;
}

/** Where a trainer finds the row at a position. */
export type RowSource = (position: number) => Row;

/** Rows of which a linear model learns most: the label is the class with the highest noisy score. */
export class Problem {
  readonly rows: readonly Row[];

  constructor(seed: number, rows: number) {
    const chance = prng(seed, 'problem');
    const scores = Array.from({ length: FEATURES * CLASSES }, () => normal(chance));
    this.rows = Array.from({ length: rows }, () => {
      const features = Uint8Array.from({ length: FEATURES }, () => below(chance, 256));
      const noisy = Array.from({ length: CLASSES }, (_, unit) =>
        features.reduce((sum, value, index) => sum + (value / 255) * (scores[index * CLASSES + unit] as number), 0),
      ).map((score) => score + 0.1 * normal(chance));
      return { features, label: noisy.indexOf(Math.max(...noisy)) };
    });
  }

  row(position: number): Row {
    const row = this.rows[position];
    if (row === undefined) throw new RangeError(`no row at position ${position}`);
    return row;
  }

  /** One block as it travels: all features, then all labels. */
  block(block: number, rows: number): { count: number; payload: Uint8Array } {
    const start = block * ROWS_PER_BLOCK;
    const count = Math.min(ROWS_PER_BLOCK, rows - start);
    const payload = new Uint8Array(count * ROW_BYTES);
    for (let index = 0; index < count; index++) {
      const { features, label } = this.row(start + index);
      payload.set(features, index * FEATURES);
      payload[count * FEATURES + index] = label;
    }
    return { count, payload };
  }
}

/** The inverse of `Problem.block`, for one row of a block that a device has stored. */
export function rowOfBlock(payload: Uint8Array, index: number): Row {
  const count = payload.length / ROW_BYTES;
  return {
    features: payload.subarray(index * FEATURES, (index + 1) * FEATURES),
    label: payload[count * FEATURES + index] as number,
  };
}

/** Class probabilities of one row. */
function softmax(parameters: Vector, { features }: Row): number[] {
  const logits = Array.from({ length: CLASSES }, (_, unit) => {
    let logit = parameters[FEATURES * CLASSES + unit] as number;
    for (let index = 0; index < FEATURES; index++) {
      logit += ((features[index] as number) / 255) * (parameters[index * CLASSES + unit] as number);
    }
    return logit;
  });
  const highest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** The mean gradient of the cross-entropy over some rows, and the mean loss. */
export function meanGradient(parameters: Vector, rows: readonly Row[]): { gradient: Vector; loss: number } {
  const sums = new Float64Array(parameters.length);
  let loss = 0;
  for (const row of rows) {
    const shares = softmax(parameters, row);
    loss -= Math.log(Math.max(shares[row.label] as number, Number.MIN_VALUE));
    for (let unit = 0; unit < CLASSES; unit++) {
      const error = (shares[unit] as number) - (unit === row.label ? 1 : 0);
      for (let index = 0; index < FEATURES; index++) {
        const place = index * CLASSES + unit;
        sums[place] = (sums[place] as number) + (error * (row.features[index] as number)) / 255;
      }
      sums[FEATURES * CLASSES + unit] = (sums[FEATURES * CLASSES + unit] as number) + error;
    }
  }
  return { gradient: new Float32Array(sums.map((sum) => sum / rows.length)), loss: loss / rows.length };
}

export function judge(parameters: Vector, rows: readonly Row[]): { loss: number; accuracy: number } {
  let [loss, correct] = [0, 0];
  for (const row of rows) {
    const shares = softmax(parameters, row);
    loss -= Math.log(Math.max(shares[row.label] as number, Number.MIN_VALUE));
    if (shares.indexOf(Math.max(...shares)) === row.label) correct += 1;
  }
  return { loss: loss / rows.length, accuracy: correct / rows.length };
}

/** Does one local iteration, as an engine would. `computeMs` is the time that it is said to take. */
export function train(work: Work, row: RowSource, computeMs: number): Trained {
  const probe = [...work.probe].map(row);
  const judged = (parameters: Vector): Partial<Trained> =>
    probe.length > 0 ? { probeLoss: judge(parameters, probe).loss } : {};
  if (work.mode === 'gradient') {
    const { gradient, loss } = meanGradient(work.parameters, [...work.order].map(row));
    const norm = work.gradientNorm ? { gradientNormSquared: squaredNorm(gradient) } : {};
    const { id, parameters } = work;
    return { id, parameters, gradient, loss, steps: 1, computeMs, ...judged(parameters), ...norm };
  }
  const { parameters } = work;
  const sgd = new Sgd(work);
  const epochRows = work.order.length / work.epochs;
  let [steps, lossSum, normSum] = [0, 0, 0];
  for (let start = 0; start < work.order.length;) {
    const epochEnd = (Math.floor(start / epochRows) + 1) * epochRows;
    const end = Math.min(start + work.batch, epochEnd);
    const { gradient, loss } = meanGradient(parameters, [...work.order.subarray(start, end)].map(row));
    sgd.step(parameters, gradient);
    lossSum += loss * (end - start);
    normSum += squaredNorm(gradient);
    steps += 1;
    start = end;
  }
  const norm = work.gradientNorm ? { gradientNormSquared: normSum / steps } : {};
  return {
    id: work.id,
    parameters,
    loss: lossSum / work.order.length,
    steps,
    computeMs,
    ...judged(parameters),
    ...norm,
  };
}

function squaredNorm(vector: Vector): number {
  return vector.reduce((sum, value) => sum + value * value, 0);
}

/** Plain SGD on one machine: the reference that a policy's degenerate case must equal. */
export function sequentialSgd(start: Vector, batches: readonly (readonly Row[])[], learningRate: number): Vector {
  const parameters = start.slice();
  for (const rows of batches) accumulate(parameters, -learningRate, meanGradient(parameters, rows).gradient);
  return parameters;
}
