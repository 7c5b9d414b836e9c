/**
 * The learning problem of a timing-only simulation: four parameters in a bowl, with gradients as noisy
 * as mini-batches make them (the noisy quadratic model, Zhang et al. 2019, arXiv:1907.04164). Small
 * enough for ten thousand workers, and still a problem: losses fall, fluctuate and differ between
 * workers, staleness and too large steps hurt, and gates have something to see.
 *
 * Rule: loss(w) = floor + ½ Σ h_j w_j²; a gradient on b rows is h_j w_j + noise / √b. Steps are taken
 *   in closed form, O(log steps): after k of them w_j = c w_j + spread · noise, with c = (1 − η h_j)^k
 *   and spread² = η² (1 − c²) / (1 − (1 − η h_j)²) / b. Momentum μ counts as η / (1 − μ).
 * Limits: no generalisation gap, no local minima, all rows alike: its accuracies are not predictions.
 */
import type { ModelSpec } from '../core/model.ts';
import type { Vector } from '../core/parameters.ts';
import { type PrngState, prng } from '../core/prng.ts';
import type { Trained, Work } from '../core/worker.ts';
import { nearlyNormal } from './cost-model.ts';
import type { Judgement, Learning } from './learning.ts';

/** The smallest model there is: one feature, two classes, four parameters. */
export const BOWL_MODEL: ModelSpec = {
  name: 'noisy-bowl',
  input: [1],
  classes: 2,
  layers: [{ type: 'dense', units: 2, activation: 'linear' }],
};

const CURVATURES = [1, 0.4, 0.15, 0.05] as const;
const START = 1.66;
const FLOOR_LOSS = 0.05;
/** Loss of one row around the mean of all, standard deviation. */
const ROW_DEVIATION = 0.5;
const WORST_ACCURACY = 0.1;

/** @param validationRows Rows that a judgement says it was made on. */
export function bowlLearning(seed: number, validationRows: number): Learning {
  const judge = (parameters: Vector): Judgement => ({ ...judged(parameters), rows: validationRows });
  return {
    initial: Float32Array.from(CURVATURES, () => START),
    trainerFor(worker) {
      const chance = prng(seed, 'bowl', worker);
      return (work) => train(work, chance);
    },
    judge: { validation: judge, test: judge },
  };
}

function train(work: Work, chance: PrngState): Trained {
  const { id, mode, parameters, order, batch } = work;
  const steps = Math.ceil(order.length / batch);
  const loss = observed(excess(parameters), order.length, chance);
  const outcome: Trained = { id, parameters, loss, steps, computeMs: 0 };
  if (work.gradientNorm) outcome.gradientNormSquared = squaredNorm(parameters) + CURVATURES.length / batch;
  if (mode === 'gradient') outcome.gradient = gradient(parameters, order.length, chance);
  else descend(work, steps, chance);
  if (work.probe.length > 0) outcome.probeLoss = observed(excess(parameters), work.probe.length, chance);
  return outcome;
}

function gradient(parameters: Vector, rows: number, chance: PrngState): Vector {
  const noise = 1 / Math.sqrt(rows);
  return Float32Array.from(CURVATURES, (h, axis) => h * (parameters[axis] as number) + noise * nearlyNormal(chance));
}

function descend({ parameters, batch, learningRate, momentum }: Work, steps: number, chance: PrngState): void {
  const rate = learningRate / (1 - momentum);
  for (const [axis, h] of CURVATURES.entries()) {
    const keep = 1 - rate * h;
    const kept = power(keep, steps);
    const terms = keep * keep === 1 ? steps : (1 - kept * kept) / (1 - keep * keep);
    const spread = rate * Math.sqrt(terms / batch);
    parameters[axis] = kept * (parameters[axis] as number) + spread * nearlyNormal(chance);
  }
}

/** By squaring: only multiplications, so the same bits everywhere. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let left = exponent, square = base; left > 0; left = Math.floor(left / 2), square *= square) {
    if (left % 2 === 1) result *= square;
  }
  return result;
}

/** Loss above the floor. */
function excess(parameters: Vector): number {
  return CURVATURES.reduce((sum, h, axis) => sum + (h * (parameters[axis] as number) ** 2) / 2, 0);
}

function squaredNorm(parameters: Vector): number {
  return CURVATURES.reduce((sum, h, axis) => sum + (h * (parameters[axis] as number)) ** 2, 0);
}

/** A mean over rows scatters around the true loss, and is never negative. */
function observed(excessLoss: number, rows: number, chance: PrngState): number {
  return Math.max(0, FLOOR_LOSS + excessLoss + (ROW_DEVIATION * nearlyNormal(chance)) / Math.sqrt(rows));
}

const START_EXCESS = excess(Float32Array.from(CURVATURES, () => START));

/** Accuracy rises from a tenth at the start to all at the bottom of the bowl. */
function judged(parameters: Vector): { loss: number; accuracy: number } {
  const share = Math.sqrt(Math.min(1, excess(parameters) / START_EXCESS));
  return { loss: FLOOR_LOSS + excess(parameters), accuracy: 1 - (1 - WORST_ACCURACY) * share };
}
