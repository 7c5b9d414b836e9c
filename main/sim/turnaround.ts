/**
 * What lay between a real run's training steps: from the server's word to the worker's next, less the
 * training itself, as a link and as delays of the simulator.
 *
 * Rule: a turnaround runs from a release to the arrival of the worker's next iteration, by the
 *   server's clock, less the time that this work takes a device of the fitted speed: waiting for others is not
 *   in it, for it lies before the release. Turnarounds after a first model, after a later one, after a release
 *   without one, and from one iteration to the next of a worker that did not wait are kept apart. The
 *   shortest tenth of those with a model is what the link takes; what the others took longer is delay.
 * Units: milliseconds in and out, bits per second for a link, both directions alike.
 * Source: ours; method of resampling what was measured, after Efron's bootstrap.
 * Limits: delays are drawn one by one, as if those of workers that share a processor had nothing to do
 *   with one another; a run with few pushes says little.
 */
import { modelBytes } from '../core/accounting.ts';
import type { Delays } from '../core/cluster.ts';
import { mean, quantile } from '../core/cost.ts';
import type { RunRecord } from '../core/metrics.ts';
import type { IterationSummary, PolicyEvent, WorkerId } from '../core/policy/policy.ts';

export type DelayKind = keyof Delays;
export type Turnarounds = Record<DelayKind, number[]>;

/** Parts of a distribution that are told apart. */
const MAX_PARTS = 20;
/** With fewer, the shortest tenth is no link. */
const MIN_TURNAROUNDS = 10;
const SHORTEST = 0.1;
/** A round trip that costs no more than this is as good as none. */
const LEAST_MS = 0.01;

/** Of every worker; `expectedMs`: what the training of an iteration takes it. */
export function turnarounds(
  records: Iterable<RunRecord>,
  expectedMs: (worker: WorkerId, iteration: IterationSummary) => number | undefined,
): Map<WorkerId, Turnarounds> {
  const found = new Map<WorkerId, Turnarounds>();
  /** Since when, and after what, each worker has been at its next iteration. */
  const since = new Map<WorkerId, { atMs: number; kind: DelayKind } | 'waits'>();
  for (const record of records) {
    if (record.type !== 'decision') continue;
    const { atMs, event, commands } = record;
    if (event.type === 'joined' || event.type === 'left') since.set(event.worker, 'waits');
    else if (event.type === 'pushed' || event.type === 'reported' || event.type === 'flagged') {
      const { worker, iteration } = event;
      const start = since.get(worker);
      const trainingMs = expectedMs(worker, iteration);
      if (start !== undefined && start !== 'waits' && iteration.steps > 0 && trainingMs !== undefined) {
        listsOf(found, worker)[start.kind].push(atMs - start.atMs - trainingMs);
      }
      since.set(worker, waits(event) ? 'waits' : { atMs, kind: 'next' });
    }
    for (const command of commands) {
      if (command.type !== 'release' || since.get(command.worker) !== 'waits') continue;
      const kind = found.has(command.worker) ? (command.model ? 'model' : 'release') : 'start';
      listsOf(found, command.worker);
      since.set(command.worker, { atMs, kind });
    }
  }
  return found;
}

function waits(event: PolicyEvent & { type: 'pushed' | 'reported' | 'flagged' }): boolean {
  return event.type === 'flagged' || (event.type === 'pushed' && event.waits);
}

function listsOf(found: Map<WorkerId, Turnarounds>, worker: WorkerId): Turnarounds {
  const known = found.get(worker) ?? { start: [], model: [], release: [], next: [] };
  found.set(worker, known);
  return known;
}

/** Bits per second of a link that carries a model each way in the shortest tenth; undefined for too few. */
export function bandwidthOf({ model }: Turnarounds, parameters: number): number | undefined {
  if (model.length < MIN_TURNAROUNDS) return undefined;
  const bits = 8 * (modelBytes('f32', parameters, 'up') + modelBytes('f32', parameters, 'down'));
  return (bits * 1000) / Math.max(LEAST_MS, quantile(model, SHORTEST));
}

/** What is left when the link has taken `exchangeMs` for a model each way. */
export function delaysOf({ start, model, release, next }: Turnarounds, exchangeMs: number): Delays {
  const beyond = (all: readonly number[]): number[] => all.map((turnaroundMs) => turnaroundMs - exchangeMs);
  return { start: parts(beyond(start)), model: parts(beyond(model)), release: parts(release), next: parts(next) };
}

/**
 * The means of equal parts of the values in order. Negative ones — an arrival seen late makes the next
 * turnaround look short — are made up for by the others, so that the mean stays.
 */
export function parts(values: readonly number[]): number[] {
  const sorted = [...values].sort((left, right) => left - right);
  const count = Math.min(MAX_PARTS, sorted.length);
  const means = Array.from({ length: count }, (_, part) =>
    mean(sorted.slice(Math.floor((part * sorted.length) / count), Math.floor(((part + 1) * sorted.length) / count))),
  );
  const positive = means.reduce((sum, value) => sum + Math.max(0, value), 0);
  const kept = Math.max(0, mean(sorted)) * count;
  return means.map((value) => (positive === 0 ? 0 : (Math.max(0, value) * kept) / positive));
}

/**
 * Mean time that a judgement of the global model takes: from the version's making to the verdict. At most as
 * much too long as that version was current before its turn came.
 */
export function judgeMs(records: Iterable<RunRecord>): number | undefined {
  const madeMs = new Map<number, number>();
  const verdicts: { version: number; atMs: number }[] = [];
  for (const record of records) {
    if (record.type === 'push' && record.version !== undefined) {
      if (!madeMs.has(record.version)) madeMs.set(record.version, record.atMs);
    } else if (record.type === 'evaluation' && record.split === 'validation') verdicts.push(record);
  }
  const took = verdicts.flatMap(({ version, atMs }) => {
    const made = madeMs.get(version);
    return made === undefined ? [] : [atMs - made];
  });
  return took.length === 0 ? undefined : Math.max(0, mean(took));
}
