/**
 * Gates that know nothing: what Hermes' gate must be better than to earn its keep.
 *
 * Rule: `random` pushes after a local iteration with the chance `gate-rate`, from the run's seed;
 *   `periodic` pushes after every (1 / gate-rate)-th. Give the rate at which Hermes' own gate pushes.
 * Source: ours; no paper has them.
 * Limits: a worker's first periodic push comes after a full period, as all others of its kind.
 */
import { uniform, type PrngState } from '../prng.ts';
import { numberOption, type OptionSchema, type OptionValues, textOption } from './options.ts';
import type { GateAnswer } from './policy.ts';

export const HERMES_CONTROL_OPTIONS = {
  gate: {
    kind: 'choice',
    default: 'z-score',
    choices: ['z-score', 'random', 'periodic'],
    help: 'What decides on a push: Hermes’ z-score, or chance or a period at the same rate (controls)',
  },
  'gate-rate': {
    live: true,
    kind: 'number',
    default: 0.125,
    min: 0.0001,
    max: 1,
    help: 'Share of local iterations after which the random and the periodic gate push',
  },
} as const satisfies OptionSchema;

export interface ControlGateState {
  rate: number;
  /** For chance; null for the periodic gate. */
  random: PrngState | null;
  /** What has come together for the next periodic push, in pushes. */
  due: number;
}

/** Null where Hermes' own gate decides. */
export function startControlGate(options: OptionValues, random: PrngState): ControlGateState | null {
  const kind = textOption(options, 'gate');
  if (kind === 'z-score') return null;
  return { rate: numberOption(options, 'gate-rate'), random: kind === 'random' ? random : null, due: 0 };
}

/** A rate of 1/3 adds up to 1 in three thirds, rounding or not. */
const ROUNDING = 1e-9;

export function controlGate(state: ControlGateState): GateAnswer {
  if (state.random) {
    return uniform(state.random) < state.rate
      ? { verdict: 'push-and-wait', reason: 'chance' }
      : { verdict: 'continue' };
  }
  state.due += state.rate;
  if (state.due < 1 - ROUNDING) return { verdict: 'continue' };
  state.due -= 1;
  return { verdict: 'push-and-wait', reason: 'period' };
}
