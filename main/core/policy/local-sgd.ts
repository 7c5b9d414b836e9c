/**
 * Local SGD, also known as federated averaging; with an outer optimizer, DiLoCo.
 *
 * Rule: in each round every worker takes H steps of its own from the round's model w and pushes what
 *   it moved, d_i; when all have, `d = sum(n_i * d_i) / sum(n_i)` with n_i its rows. Without an outer
 *   optimizer `w += d`. With Nesterov's, −d is its gradient: `v = mu * v − d; w −= rate * (mu * v − d)`.
 * Units: a local iteration is H mini-batches.
 * Source: McMahan et al. 2017 (FedAvg); Douillard et al. 2023 (DiLoCo).
 * Differs: inner steps are the run's SGD, where DiLoCo has AdamW. With a participation below 1 the
 *   round's workers are drawn anew from the seed, the others wait; a joiner takes part in the round
 *   under way; a worker that leaves, or whose push is refused, does not count in the round.
 * Limits: a round is as slow as its slowest worker; a large H needs rows to be alike everywhere.
 */
import {
  arrive,
  type Barrier,
  emptyBarrier,
  isComplete,
  join,
  leave,
  open,
  sitOut,
  weighedBySamples,
} from './barrier.ts';
import { numberOption, textOption } from './options.ts';
import { type Assignment, definePolicy, type PolicyCommand, type WorkerId } from './policy.ts';
import { permutation, type PrngState } from '../prng.ts';

interface LocalSgdState {
  assignment: Assignment;
  participation: number;
  random: PrngState;
  barrier: Barrier;
}

function endRound(state: LocalSgdState): PolicyCommand[] {
  if (!isComplete(state.barrier)) return [];
  const { workers, arrivals } = open(state.barrier);
  const chosen = choose(state, workers);
  for (const worker of workers) if (!chosen.has(worker)) sitOut(state.barrier, worker);
  return [
    ...(arrivals.length > 0 ? [{ type: 'apply', pushes: weighedBySamples(arrivals) } as const] : []),
    ...workers
      .filter((worker) => chosen.has(worker))
      .map((worker) => ({ type: 'release', worker, model: true }) as const),
  ];
}

/** Who takes part in the next round: a function of the seed and of who is there. */
function choose({ participation, random }: LocalSgdState, workers: readonly WorkerId[]): Set<WorkerId> {
  const count = Math.max(1, Math.round(participation * workers.length));
  if (count === workers.length) return new Set(workers);
  const order = permutation(random, workers.length);
  return new Set(workers.filter((_, index) => (order[index] as number) < count));
}

export const localSgd = definePolicy<LocalSgdState, null>({
  name: 'local-sgd',
  title: 'Local SGD',
  summary: 'Workers take many steps of their own between barriers, where their progress is averaged.',
  options: {
    steps: {
      kind: 'integer',
      default: 20,
      min: 1,
      max: 100_000,
      unit: 'mini-batches',
      help: 'Steps that a worker takes between two barriers (H)',
    },
    participation: {
      live: true,
      kind: 'number',
      default: 1,
      min: 0,
      max: 1,
      help: 'Share of the workers that take part in a round, at least one of them (C)',
    },
    outer: {
      kind: 'choice',
      default: 'none',
      choices: ['none', 'nesterov'],
      help: 'Add the mean progress to the model, or take it for the gradient of an outer optimizer (DiLoCo)',
    },
    'outer-rate': { kind: 'number', default: 0.7, min: 0, max: 10, help: 'Learning rate of the outer optimizer' },
    'outer-momentum': {
      kind: 'number',
      default: 0.9,
      min: 0,
      max: 0.9999,
      help: 'Momentum of the outer optimizer (μ)',
    },
  },
  carry: () => 'delta',
  outerOptimizer: (options) =>
    textOption(options, 'outer') === 'nesterov'
      ? {
          learningRate: numberOption(options, 'outer-rate'),
          momentum: numberOption(options, 'outer-momentum'),
          nesterov: true,
        }
      : { learningRate: 1, momentum: 0 },
  start: ({ options, batch, random }) => ({
    assignment: { samples: numberOption(options, 'steps') * batch, batch, epochs: 1 },
    participation: numberOption(options, 'participation'),
    random,
    barrier: emptyBarrier(),
  }),
  step(state, event) {
    switch (event.type) {
      case 'joined':
        join(state.barrier, event.worker);
        return [
          { type: 'assign', worker: event.worker, assignment: state.assignment, reason: 'joined' },
          { type: 'release', worker: event.worker, model: true },
        ];
      case 'left':
        leave(state.barrier, event.worker);
        return endRound(state);
      case 'pushed':
        arrive(state.barrier, event);
        return endRound(state);
      case 'rejected':
        sitOut(state.barrier, event.worker);
        return endRound(state);
      case 'options':
        state.participation = numberOption(event.options, 'participation'); // from the next round on
        return [];
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: () => ({ verdict: 'push-and-wait' }),
});
