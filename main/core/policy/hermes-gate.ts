/**
 * Hermes' gate: is the newest test loss so far below the recent ones that the gain is real?
 *
 * Rule: z = (L − mean(Q)) / sd(Q) over the last `window` losses, the newest included, sd dividing by
 *   n; push when z ≤ threshold. The threshold starts at alpha and moves toward 0 by the factor
 *   (1 − beta) while the worker does not push. After `max-silence` iterations in a row without a push the
 *   worker pushes whatever its losses are.
 * Source: Hermes (HiPC 2024) and its released worker, which has no bound on silence: a worker whose test
 *   loss only rises, as that of one that has learnt its rows by heart, is never heard of again.
 * Limits: z of the newest of n points is at least −sqrt(n − 1), so alpha = −1.3 cannot fire before the
 *   third loss after a push.
 */
import { mean, populationDeviation } from '../cost.ts';
import { flagOption, numberOption, type OptionSchema, type OptionValues, textOption } from './options.ts';
import type { GateAnswer, GateInput, PushReason } from './policy.ts';

/** Losses closer together than this are one value: a deviation of rounding errors decides nothing. */
const NO_DEVIATION = 1e-12;

export const HERMES_GATE_OPTIONS = {
  alpha: {
    live: true,
    kind: 'number',
    default: -1.3,
    min: -10,
    max: 10,
    help: 'z-score at or below which a worker pushes (α)',
  },
  beta: {
    live: true,
    kind: 'number',
    default: 0.1,
    min: 0,
    max: 1,
    help: 'Share by which the threshold decays toward 0 (β)',
  },
  lambda: {
    live: true,
    kind: 'integer',
    default: 5,
    min: 1,
    max: 1000,
    help: 'Iterations without a push before the threshold decays (λ)',
  },
  window: {
    live: true,
    kind: 'integer',
    default: 10,
    min: 3,
    max: 1000,
    help: 'Test losses that the z-score looks back on',
  },
  'min-losses': {
    live: true,
    kind: 'integer',
    default: 3,
    min: 2,
    max: 1000,
    help: 'Test losses since the last push below which nothing is pushed',
  },
  decay: {
    kind: 'choice',
    default: 'per-lambda',
    choices: ['per-lambda', 'every-iteration'],
    help: 'Decay once every λ skipped iterations, or at each one from the λ-th on (as released)',
  },
  'max-silence': {
    kind: 'integer',
    default: 10,
    min: 0,
    max: 1_000_000,
    unit: 'iterations',
    help: 'Push after so many iterations without a push, whatever the losses; 0 for no bound (as released)',
  },
  restore: { kind: 'flag', default: true, help: 'Set the threshold back to α after a push (released: never)' },
} as const satisfies OptionSchema;

export interface HermesGateState {
  alpha: number;
  beta: number;
  lambda: number;
  window: number;
  minLosses: number;
  everyIteration: boolean;
  restore: boolean;
  /** 0: no bound. */
  maxSilence: number;
  losses: number[];
  threshold: number;
  /** Iterations since the last push. */
  since: number;
}

export function startHermesGate(options: OptionValues): HermesGateState {
  const alpha = numberOption(options, 'alpha');
  return {
    alpha,
    beta: numberOption(options, 'beta'),
    lambda: numberOption(options, 'lambda'),
    window: numberOption(options, 'window'),
    minLosses: numberOption(options, 'min-losses'),
    everyIteration: textOption(options, 'decay') === 'every-iteration',
    restore: flagOption(options, 'restore'),
    maxSilence: numberOption(options, 'max-silence'),
    losses: [],
    threshold: alpha,
    since: 0,
  };
}

/** Takes new values in. A new α is a new start for the threshold; what was seen of losses stays. */
export function retuneHermesGate(state: HermesGateState, options: OptionValues): void {
  const { losses: _losses, since: _since, threshold, ...values } = startHermesGate(options);
  if (values.alpha !== state.alpha) state.threshold = threshold;
  Object.assign(state, values);
  state.losses = state.losses.slice(-values.window);
}

/** The z-score of the newest loss among all; undefined where it is not defined. */
export function zScore(losses: readonly number[]): number | undefined {
  const deviation = populationDeviation(losses);
  const newest = losses[losses.length - 1];
  if (newest === undefined || !(deviation > NO_DEVIATION)) return undefined;
  return (newest - mean(losses)) / deviation;
}

export function hermesGate(state: HermesGateState, { iteration: { probeLoss } }: GateInput): GateAnswer {
  if (probeLoss === undefined || !Number.isFinite(probeLoss)) return silent(state);
  state.losses.push(probeLoss);
  if (state.losses.length > state.window) state.losses.shift();
  const z = state.losses.length < state.minLosses ? undefined : zScore(state.losses);
  const { threshold } = state;
  const notes = { threshold, ...(z !== undefined && { z }) };
  if (z !== undefined && z <= threshold) return { ...push(state, 'significant'), notes };
  const answer = silent(state);
  if (answer.verdict !== 'continue') return { ...answer, notes };
  const decays = state.everyIteration ? state.since >= state.lambda : state.since % state.lambda === 0;
  if (decays) state.threshold = threshold * (1 - state.beta);
  return { verdict: 'continue', notes };
}

function push(state: HermesGateState, reason: PushReason): GateAnswer {
  state.losses = [];
  state.since = 0;
  if (state.restore) state.threshold = state.alpha;
  return { verdict: 'push-and-wait', reason };
}

/** One more iteration without a push, unless there have been too many. */
function silent(state: HermesGateState): GateAnswer {
  state.since += 1;
  return state.maxSilence > 0 && state.since >= state.maxSilence ? push(state, 'silence') : { verdict: 'continue' };
}
