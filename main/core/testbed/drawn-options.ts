/** Options for random schedules: each policy's in the corners where its rules differ, and small enough to get somewhere. */
import { hermes } from '../policy/hermes.ts';
import { omnilearnBsp } from '../policy/omnilearn-bsp.ts';
import type { OptionValues } from '../policy/options.ts';
import { below, type PrngState } from '../prng.ts';

const flip = (chance: PrngState): boolean => below(chance, 2) === 0;

function controllerOptions(chance: PrngState): OptionValues {
  return {
    'adjust-every': below(chance, 4),
    'dead-band': below(chance, 2) * 0.2,
    'learn-limits': flip(chance),
  };
}

const DRAWS: Readonly<Record<string, (chance: PrngState) => OptionValues>> = {
  bsp: () => ({}),
  asp: (chance) => ({ 'round-scaling': flip(chance) }),
  ssp: (chance) => ({
    staleness: below(chance, 4),
    pull: flip(chance) ? 'stale' : 'always',
    'round-scaling': flip(chance),
  }),
  ebsp: (chance) => ({ lookahead: 1 + below(chance, 6), 'round-scaling': flip(chance) }),
  selsync: (chance) => ({ delta: below(chance, 3) * 0.05, 'warm-up': below(chance, 3) * 3 }),
  'local-sgd': (chance) => ({
    steps: 1 + below(chance, 4),
    participation: 1 / (1 + below(chance, 3)),
    outer: flip(chance) ? 'none' : 'nesterov',
  }),
  adacomm: (chance) => ({ tau: 1 + below(chance, 8), 'check-period': 0.02 }),
  adsp: (chance) => ({
    'check-period': 0.02 + below(chance, 3) * 0.05,
    rate: 1 + below(chance, 20),
    'rate-search': flip(chance),
    'search-every': 0.1,
  }),
  'omnilearn-bsp': (chance) => ({
    ...controllerOptions(chance),
    ...(below(chance, 4) === 0 && omnilearnBsp.faithful),
  }),
  'omnilearn-asp': controllerOptions,
  hermes: (chance) => ({
    ...(below(chance, 3) === 0 && { ...hermes.faithful, patience: 0 }),
    samples: 2 + below(chance, 80), // an iteration of one row has no tail to test on, and never pushes
    'min-samples': 1 + below(chance, 20),
    epochs: 1 + below(chance, 2),
    'probe-samples': 1 + below(chance, 30),
    alpha: -below(chance, 2),
    lambda: 1 + below(chance, 3),
  }),
};

/** Undefined for a policy that nobody has thought of yet. */
export function drawnOptions(policy: string, chance: PrngState): OptionValues | undefined {
  return DRAWS[policy]?.(chance);
}
