/**
 * Hermes' choice of dataset and mini-batch size for each worker.
 *
 * Rule: when every active worker has been timed, the median time is the target; a worker whose time
 *   lies outside the quartiles of the others by 1.5 interquartile ranges gets the sizes that the dual
 *   binary search finds for the target.
 * Units: milliseconds of one local iteration; rows.
 * Source: Hermes (HiPC 2024), released `updateBinarySearch`.
 * Differs: the target follows the present median (released: frozen at the first complete set); times
 *   on the fence, or within a tenth of the target, are no outliers; sizes are bounded by what the
 *   device can hold. Each has an option that gives the released behaviour back.
 */
import { dualBinarySearch, releasedSearch } from '../allocation/dual-binary-search.ts';
import { addValue, noValues, type OrderStatistics, quantileOf, removeValue } from '../allocation/order-statistics.ts';
import { numberOption, type OptionSchema, type OptionValues, textOption } from './options.ts';
import type { Assignment, IterationSummary, PolicyCommand, WorkerId } from './policy.ts';

/** Share of a device's memory that training rows may take. */
const MEMORY_SHARE = 0.25;
const DEAD_BAND = 0.1;

export const HERMES_SIZING_OPTIONS = {
  samples: {
    kind: 'integer',
    default: 2500,
    min: 1,
    max: 10_000_000,
    unit: 'rows',
    help: 'Rows that every worker starts with',
  },
  'min-samples': {
    kind: 'integer',
    default: 64,
    min: 1,
    max: 10_000_000,
    unit: 'rows',
    help: 'Fewest rows that a worker can get',
  },
  epochs: { kind: 'integer', default: 5, min: 1, max: 1000, help: 'Passes over its rows in one local iteration (E)' },
  median: {
    kind: 'choice',
    default: 'rolling',
    choices: ['rolling', 'frozen'],
    help: 'Target time: the present median, or the first one for good (as released)',
  },
  outliers: {
    kind: 'choice',
    default: 'strict',
    choices: ['strict', 'inclusive'],
    help: 'Times on the fence are no outliers, or are (as released)',
  },
  search: {
    kind: 'choice',
    default: 'dual',
    choices: ['dual', 'released'],
    help: 'Dual binary search, or the released one, which only ever matches batch 16',
  },
} as const satisfies OptionSchema;

export interface SizingState {
  start: Assignment;
  minSamples: number;
  trainRows: number;
  rowBytes: number;
  rolling: boolean;
  strict: boolean;
  dual: boolean;
  targetMs: number | null;
  /** Mini-batches to search among; all candidates where left out. */
  batches?: readonly number[];
  workers: Record<WorkerId, { assignment: Assignment; maxSamples: number; iterationMs: number | null }>;
  /** Workers that have not been timed yet. */
  untimed: number;
  /** The times of all others. */
  times: OrderStatistics;
}

export function startSizing(
  options: OptionValues,
  setup: { batch: number; trainRows: number; rowBytes: number },
): SizingState {
  const { batch, trainRows, rowBytes } = setup;
  const samples = Math.min(numberOption(options, 'samples'), trainRows);
  return {
    start: { samples, batch, epochs: numberOption(options, 'epochs') },
    minSamples: Math.min(numberOption(options, 'min-samples'), samples),
    trainRows,
    rowBytes,
    rolling: textOption(options, 'median') === 'rolling',
    strict: textOption(options, 'outliers') === 'strict',
    dual: textOption(options, 'search') === 'dual',
    targetMs: null,
    workers: {},
    untimed: 0,
    times: noValues(),
  };
}

export function addWorker(state: SizingState, worker: WorkerId, memoryBytes: number): PolicyCommand {
  removeWorker(state, worker);
  const held = Math.floor((memoryBytes * MEMORY_SHARE) / state.rowBytes);
  const maxSamples = Math.max(state.minSamples, Math.min(state.trainRows, held));
  const assignment = { ...state.start, samples: Math.min(state.start.samples, maxSamples) };
  state.workers[worker] = { assignment, maxSamples, iterationMs: null };
  state.untimed += 1;
  return { type: 'assign', worker, assignment, reason: 'joined' };
}

export function removeWorker(state: SizingState, worker: WorkerId): void {
  const entry = state.workers[worker];
  if (entry === undefined) return;
  forgetTime(state, entry.iterationMs);
  if (entry.iterationMs === null) state.untimed -= 1;
  delete state.workers[worker];
}

function forgetTime({ times }: SizingState, iterationMs: number | null): void {
  if (iterationMs !== null) removeValue(times, iterationMs);
}

/** Takes one timed iteration; answers with a new assignment when the worker is an outlier. */
export function resize(state: SizingState, worker: WorkerId, iteration: IterationSummary): PolicyCommand[] {
  const entry = state.workers[worker];
  // An iteration begun before its worker heard of new sizes says nothing about them.
  if (entry === undefined || iteration.batch !== entry.assignment.batch || iteration.steps === 0) return [];
  const { samples, batch, epochs } = entry.assignment;
  const stepMs = iteration.computeMs / iteration.steps;
  const iterationMs = (stepMs * epochs * samples) / batch;
  forgetTime(state, entry.iterationMs);
  if (entry.iterationMs === null) state.untimed -= 1;
  entry.iterationMs = iterationMs;
  const others: Quartiles = [quantileOf(state.times, 0.25), quantileOf(state.times, 0.75)];
  addValue(state.times, iterationMs);

  if (state.untimed > 0) return [];
  if (state.rolling || state.targetMs === null) state.targetMs = quantileOf(state.times, 0.5);
  const { targetMs } = state;
  if (!isOutlier(iterationMs, others, targetMs, state.strict)) return [];

  const request = {
    targetMs,
    stepMs,
    present: entry.assignment,
    minSamples: state.minSamples,
    maxSamples: entry.maxSamples,
    ...(state.batches && { batches: state.batches }),
  };
  const found = state.dual ? dualBinarySearch(request) : releasedSearch(request);
  // The released search can answer nothing or no rows at all, and crashes: here it changes nothing.
  if (found === null || found.samples < 1 || (found.samples === samples && found.batch === batch)) return [];
  entry.assignment = found;
  entry.iterationMs = (stepMs * epochs * found.samples) / found.batch;
  removeValue(state.times, iterationMs);
  addValue(state.times, entry.iterationMs);
  const ratio = iterationMs > targetMs ? iterationMs / targetMs : targetMs / iterationMs;
  const reason = `an iteration takes ${ratio.toFixed(1)}× ${iterationMs > targetMs ? 'longer' : 'less'} than the median`;
  return [{ type: 'assign', worker, assignment: found, reason }];
}

/** Lower and upper; not numbers when there is nobody to take them from. */
type Quartiles = readonly [number, number];

function isOutlier(timeMs: number, [lower, upper]: Quartiles, targetMs: number, strict: boolean): boolean {
  const fence = 1.5 * (upper - lower);
  // Of one worker alone no comparison with a quartile holds, and it is no outlier.
  if (!strict) return timeMs >= upper + fence || timeMs <= lower - fence;
  return (timeMs > upper + fence || timeMs < lower - fence) && Math.abs(timeMs - targetMs) > DEAD_BAND * targetMs;
}
