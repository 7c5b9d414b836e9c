/**
 * Stale synchronous parallel.
 *
 * Rule: every worker counts its iterations in a clock. A worker at clock c may start its next
 *   iteration while c − min_j c_j ≤ s, on a model that holds every update of clock ≤ c − s − 1 and
 *   all of its own. Each iteration is pushed and added to the model on arrival, `w += u_i / n` for n active
 *   workers.
 * Units: an update is what one mini-batch step moved the worker's model; s counts iterations.
 * Source: Ho et al., NIPS 2013; the released code of ADSP has one as a baseline (s = 40).
 * Differs: the right to go on is a lease. A model that is sent while the slowest worker is at clock r
 *   holds all that is needed up to clock r + s, so the worker trains and pushes up to there without
 *   asking, and waits only when the lease ends. A joiner starts at the slowest worker's clock; one that
 *   leaves no longer holds the others up; a refused push counts as an empty one. Published is
 *   `w += u_i`, `round-scaling` false (`round-scaling.ts`).
 * Limits: with s = 0 as slow as its slowest worker; with a large s and `pull stale` a worker hears of
 *   others once in s + 1 iterations.
 */
import { uniform } from '../allocation/uniform.ts';
import { numberOption, textOption } from './options.ts';
import { definePolicy, type PolicyCommand, type WorkerId } from './policy.ts';
import { ROUND_SCALING_OPTION, roundScaling } from './round-scaling.ts';

interface SspWorker {
  /** The clock at which it joined; what it counts itself starts there. */
  start: number;
  clock: number;
  /** The clock at which it must ask. */
  lease: number;
  /** The slowest clock at which it may go on; null while it need not wait. */
  waitsFor: number | null;
}

interface SspState {
  batch: number;
  staleness: number;
  pullAlways: boolean;
  roundScaling: boolean;
  workers: Record<WorkerId, SspWorker>;
  size: number;
  /** The slowest clock; it never falls. */
  minimum: number;
  /** Workers at each clock. */
  population: Record<number, number>;
  /** Who waits for the slowest clock to reach a value; some may have left since. */
  waiting: Record<number, WorkerId[]>;
}

function grant(state: SspState, name: WorkerId, worker: SspWorker, reason: string): PolicyCommand[] {
  worker.lease = state.minimum + state.staleness + 1;
  worker.waitsFor = null;
  const assignment = { ...uniform(state.batch), untilClock: worker.lease - worker.start };
  return [
    { type: 'assign', worker: name, assignment, reason },
    { type: 'release', worker: name, model: true },
  ];
}

/** Moves the slowest clock up to where somebody is, and lets go on who waited for that. */
function advance(state: SspState): PolicyCommand[] {
  const woken: WorkerId[] = [];
  while (state.size > 0 && state.population[state.minimum] === undefined) {
    state.minimum += 1;
    for (const name of state.waiting[state.minimum] ?? []) {
      if (state.workers[name]?.waitsFor === state.minimum) woken.push(name);
    }
    delete state.waiting[state.minimum];
  }
  return woken.flatMap((name) => {
    const worker = state.workers[name];
    return worker ? grant(state, name, worker, 'the slowest caught up') : [];
  });
}

function populate(state: SspState, clock: number, change: 1 | -1): void {
  const count = (state.population[clock] ?? 0) + change;
  if (count === 0) delete state.population[clock];
  else state.population[clock] = count;
}

/** One more iteration of a worker is in. */
function tick(state: SspState, name: WorkerId, asks: boolean): PolicyCommand[] {
  const worker = state.workers[name];
  if (worker === undefined) return [];
  populate(state, worker.clock, -1);
  worker.clock += 1;
  populate(state, worker.clock, 1);
  const others = advance(state);
  if (!asks && !state.pullAlways && worker.clock < worker.lease) return others;
  const needed = worker.clock - state.staleness;
  if (needed <= state.minimum) return [...others, ...grant(state, name, worker, 'within the bound')];
  worker.waitsFor = needed;
  (state.waiting[needed] ??= []).push(name);
  return others;
}

/** A new bound. Who waits is looked at again; leases that were given hold until they end. */
function rebound(state: SspState, staleness: number): PolicyCommand[] {
  state.staleness = staleness;
  state.waiting = {};
  return Object.keys(state.workers)
    .sort()
    .flatMap((name) => {
      const worker = state.workers[name] as SspWorker;
      if (worker.waitsFor === null) return [];
      worker.waitsFor = worker.clock - staleness;
      if (worker.waitsFor <= state.minimum) return grant(state, name, worker, 'within the new bound');
      (state.waiting[worker.waitsFor] ??= []).push(name);
      return [];
    });
}

function leave(state: SspState, name: WorkerId): PolicyCommand[] {
  const worker = state.workers[name];
  if (worker === undefined) return [];
  delete state.workers[name];
  state.size -= 1;
  populate(state, worker.clock, -1);
  if (state.size === 0) state.waiting = {};
  return advance(state);
}

export const ssp = definePolicy<SspState, null>({
  name: 'ssp',
  title: 'SSP',
  summary: 'Workers push every mini-batch and run ahead of the slowest by a bounded number of iterations.',
  options: {
    staleness: {
      live: true,
      kind: 'integer',
      default: 3,
      min: 0,
      max: 1_000_000,
      unit: 'iterations',
      help: 'How far a worker may be ahead of the slowest (s); 0 is BSP’s schedule',
    },
    pull: {
      kind: 'choice',
      default: 'stale',
      choices: ['stale', 'always'],
      help: 'Get a new model when the cached one is too old, or after every push',
    },
    ...ROUND_SCALING_OPTION,
  },
  carry: () => 'delta',
  start: ({ options, batch }) => ({
    batch,
    staleness: numberOption(options, 'staleness'),
    pullAlways: textOption(options, 'pull') === 'always',
    roundScaling: roundScaling(options),
    workers: {},
    size: 0,
    minimum: 0,
    population: {},
    waiting: {},
  }),
  step(state, event) {
    switch (event.type) {
      case 'joined': {
        const worker = { start: state.minimum, clock: state.minimum, lease: 0, waitsFor: null };
        state.workers[event.worker] = worker;
        state.size += 1;
        populate(state, worker.clock, 1);
        return grant(state, event.worker, worker, 'joined');
      }
      case 'left':
        return leave(state, event.worker);
      case 'pushed': {
        const weight = state.roundScaling ? 1 / state.size : 1;
        return [{ type: 'apply', pushes: [{ push: event.push, weight }] }, ...tick(state, event.worker, event.waits)];
      }
      case 'rejected':
        return tick(state, event.worker, true);
      case 'options':
        return rebound(state, numberOption(event.options, 'staleness'));
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: (_state, { iteration, assignment: { untilClock = 0 } }) => ({
    verdict: iteration.clock < untilClock ? 'push-and-go-on' : 'push-and-wait',
  }),
});
