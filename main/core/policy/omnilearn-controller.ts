/**
 * OmniLearn's control of mini-batches: equal times for unequal devices, at the same global batch.
 *
 * Rule: mu_k is the exponentially weighted mean of worker k's iteration times since its last change.
 *   When all have been timed often enough, batches move to b'_k = B · X_k / ΣX with X_k = b_k / mu_k,
 *   if the largest relative change is outside the dead-band; else none moves
 *   (`allocation/proportional.ts`). B is the run's batch times the number of workers.
 * Units: rows; milliseconds of computing, the network not counted.
 * Source: Taming Resource Heterogeneity 2023; OmniLearn (TPDS 2025) and its code.
 * Differs: B stays exact, when workers come and go as well; decisions wait for no rendezvous. The
 *   printed rule that caps a worker whose throughput fell after it grew is off by default: it takes a
 *   device that slows down for any other reason for one that is full.
 */
import { CaduceusError } from '../errors.ts';
import {
  canHold,
  type Measured,
  proportionalAdjustment,
  proportionalBatches,
  releasedAdjustment,
} from '../allocation/proportional.ts';
import { uniform } from '../allocation/uniform.ts';
import { flagOption, numberOption, type OptionSchema, type OptionValues, textOption } from './options.ts';
import type { IterationSummary, PolicyCommand, PolicySetup, WorkerId } from './policy.ts';

export const CONTROLLER_OPTIONS = {
  'dead-band': {
    kind: 'number',
    default: 0.2,
    min: 0,
    max: 10,
    help: 'Relative change of a batch below which none is changed (Taming: 0.05, OmniLearn: 0.2)',
  },
  'time-smoothing': {
    kind: 'number',
    default: 0.3,
    min: 0,
    max: 1,
    help: 'Weight of the newest time in the smoothed one (EWMA); 0 for the plain mean since the last change',
  },
  'adjust-every': {
    kind: 'integer',
    default: 10,
    min: 0,
    max: 1_000_000,
    unit: 'iterations',
    help: 'Iterations of every worker from one decision to the next; 0 for one pass over the training set',
  },
  'min-batch': {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 65_536,
    unit: 'rows',
    help: 'Smallest mini-batch of a worker (b_min); 0 for a quarter of the run’s batch',
  },
  'max-batch': {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 65_536,
    unit: 'rows',
    help: 'Largest mini-batch of a worker (b_max); 0 for four times the run’s batch',
  },
  'learn-limits': {
    kind: 'flag',
    default: false,
    help: 'Cap a worker at its old batch when its throughput fell after it grew (Taming)',
  },
} as const satisfies OptionSchema;

interface ControlledWorker extends Measured {
  /** Iterations timed since the last decision, and since the last change. */
  timed: number;
  samples: number;
  /** What it was like before it last grew, until the next decision. */
  before: { batch: number; throughput: number } | null;
}

export interface ControllerState {
  batch: number;
  bounds: { minimum: number; maximum: number };
  deadBand: number;
  smoothing: number;
  adjustEvery: number;
  trainRows: number;
  /** Timings of a worker that make it ready for the next decision. */
  needed: number;
  learnLimits: boolean;
  released: boolean;
  workers: Record<WorkerId, ControlledWorker>;
  size: number;
  /** Workers timed often enough for the next decision. */
  ready: number;
}

/** @throws CAD-POLICY-OPTION when the bounds leave no room for the run's own batch. */
export function startController(policy: string, options: OptionValues, setup: PolicySetup): ControllerState {
  const { batch, trainRows } = setup;
  const minimum = numberOption(options, 'min-batch') || Math.max(1, Math.floor(batch / 4));
  const maximum = numberOption(options, 'max-batch') || batch * 4;
  if (minimum > batch) throw outOfRange(policy, 'min-batch', minimum, batch, `from 1 to ${batch}`);
  if (maximum < batch) throw outOfRange(policy, 'max-batch', maximum, batch, `from ${batch} to 65536`);
  return {
    batch,
    bounds: { minimum, maximum },
    deadBand: numberOption(options, 'dead-band'),
    smoothing: numberOption(options, 'time-smoothing'),
    adjustEvery: numberOption(options, 'adjust-every'),
    trainRows,
    needed: Math.max(1, numberOption(options, 'adjust-every')),
    learnLimits: flagOption(options, 'learn-limits'),
    released: 'controller' in options && textOption(options, 'controller') === 'released',
    workers: {},
    size: 0,
    ready: 0,
  };
}

function outOfRange(policy: string, option: string, value: number, batch: number, range: string): CaduceusError {
  return new CaduceusError(
    'CAD-POLICY-OPTION',
    `option ${option} of policy ${policy} cannot be ${value} where every worker starts with a batch of ${batch}: ` +
      'the bounds could not hold the global batch',
    `Give a whole number ${range}, or change the batch.`,
  );
}

export function addWorker(state: ControllerState, worker: WorkerId): PolicyCommand[] {
  const moved = removeWorker(state, worker);
  const { batch, bounds } = state;
  state.workers[worker] = { batch, ...bounds, meanMs: 0, timed: 0, samples: 0, before: null };
  state.size += 1;
  setNeeded(state);
  return [...moved, { type: 'assign', worker, assignment: uniform(batch), reason: 'joined' }];
}

/** The others take over what the worker leaves of the global batch, or give back what it had spared them. */
export function removeWorker(state: ControllerState, worker: WorkerId): PolicyCommand[] {
  const entry = state.workers[worker];
  if (entry === undefined) return [];
  delete state.workers[worker];
  state.size -= 1;
  if (isReady(state, entry)) state.ready -= 1;
  setNeeded(state);
  if (state.size === 0 || entry.batch === state.batch) return [];
  const total = state.batch * state.size;
  const names = Object.keys(state.workers).sort();
  const others = names.map((name) => state.workers[name] as ControlledWorker);
  if (!canHold(total, others)) for (const other of others) Object.assign(other, state.bounds);
  const shares = others.map(({ batch, minimum, maximum }) => ({ throughput: batch, minimum, maximum }));
  return change(state, names, proportionalBatches(total, shares), `${worker} left`);
}

/** One pass over the training set is fewer rounds the more workers there are. */
function setNeeded(state: ControllerState): void {
  if (state.adjustEvery > 0 || state.size === 0) return;
  const needed = Math.max(1, Math.ceil(state.trainRows / (state.batch * state.size)));
  if (needed === state.needed) return;
  state.needed = needed;
  state.ready = Object.values(state.workers).filter((worker) => isReady(state, worker)).length;
}

/** Takes the time of one iteration; new assignments when it was the last that a decision waited for. */
export function takeTime(state: ControllerState, worker: WorkerId, iteration: IterationSummary): PolicyCommand[] {
  const entry = state.workers[worker];
  // An iteration begun before its worker heard of a new batch says nothing about it.
  if (entry === undefined || iteration.batch !== entry.batch || iteration.steps === 0) return [];
  const wasReady = isReady(state, entry);
  entry.timed += 1;
  entry.samples += 1;
  const weight = entry.samples === 1 ? 1 : state.smoothing || 1 / entry.samples;
  entry.meanMs += weight * (iteration.computeMs - entry.meanMs);
  if (!wasReady && isReady(state, entry)) state.ready += 1;
  return state.ready === state.size ? decide(state) : [];
}

function isReady({ needed }: ControllerState, { timed }: ControlledWorker): boolean {
  return timed >= needed;
}

function decide(state: ControllerState): PolicyCommand[] {
  const names = Object.keys(state.workers).sort();
  const workers = names.map((name) => state.workers[name] as ControlledWorker);
  if (state.learnLimits) learnLimits(state, workers);
  const total = state.batch * state.size;
  const batches = state.released
    ? releasedAdjustment(workers, state.deadBand, total)
    : proportionalAdjustment(workers, state.deadBand);
  for (const worker of workers) worker.timed = 0;
  state.ready = 0;
  return batches === null ? [] : change(state, names, batches, 'batches follow speeds');
}

/** A worker that grew and does fewer rows a second than before has found its largest batch. */
function learnLimits(state: ControllerState, workers: readonly ControlledWorker[]): void {
  for (const worker of workers) {
    const { before, batch, meanMs, maximum } = worker;
    worker.before = null;
    if (before === null || batch / meanMs >= before.throughput) continue;
    worker.maximum = Math.max(before.batch, worker.minimum);
    if (!canHold(state.batch * state.size, workers)) worker.maximum = maximum;
  }
}

function change(
  state: ControllerState,
  names: readonly WorkerId[],
  batches: readonly number[],
  reason: string,
): PolicyCommand[] {
  return names.flatMap((name, index) => {
    const worker = state.workers[name] as ControlledWorker;
    const batch = batches[index] as number;
    if (batch === worker.batch) return [];
    if (batch > worker.batch && worker.meanMs > 0) {
      worker.before = { batch: worker.batch, throughput: worker.batch / worker.meanMs };
    }
    if (isReady(state, worker)) state.ready -= 1;
    worker.batch = batch;
    worker.meanMs = 0;
    worker.timed = 0;
    worker.samples = 0;
    return [{ type: 'assign' as const, worker: name, assignment: uniform(batch), reason }];
  });
}
