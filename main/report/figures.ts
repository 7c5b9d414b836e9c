/**
 * A run in figures: from its result where it has one, else from its records. What neither says is null.
 */
import type { ByteReport, Traffic } from '../core/accounting.ts';
import type { DeviceProfile } from '../core/cost.ts';
import { POLICIES } from '../core/policy/registry.ts';
import { compareNames } from '../core/display/format.ts';
import { isVirtual, type RecordOf, type RunStory } from './story.ts';

export interface WorkerFigures {
  name: string;
  profile: DeviceProfile;
  samples: number;
  /** Over its time of computing and waiting. */
  samplesPerSecond: number | null;
  iterations: number;
  pushes: number;
  computeMs: number;
  waitMs: number;
  waitShare: number | null;
  /** Mean over applied pushes. */
  staleness: number | null;
  bytes: Traffic | null;
  lost: boolean;
}

export interface RunFigures {
  policyTitle: string;
  /** Seconds of training so far. */
  seconds: number;
  virtual: boolean;
  /** Nothing was learnt: accuracies and losses are those of a small stand-in problem. */
  timingOnly: boolean;
  target: number | null;
  secondsToTarget: number | null;
  iterations: number;
  pushes: number;
  samples: number;
  samplesPerSecond: number | null;
  bytes: ByteReport | null;
  /** Of the final model on the test split. */
  accuracy: number | null;
  loss: number | null;
  /** Newest judgement on the validation split. */
  validation: { accuracy: number; loss: number } | null;
  bestValidationAccuracy: number | null;
  waitShare: number | null;
  workers: WorkerFigures[];
}

export function figuresOf(story: RunStory): RunFigures {
  const { run, iterations, evaluations } = story;
  const { result } = run;
  const workers = workerFigures(story);
  const judged = evaluations.filter(({ split }) => split === 'validation');
  const tested = evaluations.findLast(({ split }) => split === 'test');
  const target = run.config.stop.targetAccuracy ?? null;
  const newest = judged.at(-1);
  const seconds = result?.seconds ?? lastMoment(story) / 1000;
  const samples = result?.samples ?? sum(iterations, ({ iteration }) => iteration.samples);
  const reached = target === null ? undefined : judged.find(({ accuracy }) => accuracy >= target);
  return {
    policyTitle: policyTitle(run.config.policy),
    seconds,
    virtual: isVirtual(story),
    timingOnly: story.simulation?.timingOnly === true,
    target,
    secondsToTarget: result === null ? (reached === undefined ? null : reached.atMs / 1000) : result.secondsToTarget,
    iterations: result?.iterations ?? iterations.length,
    pushes: result?.pushes ?? iterations.filter(({ pushed }) => pushed).length,
    samples,
    samplesPerSecond: seconds > 0 && samples > 0 ? samples / seconds : null,
    bytes: result?.bytes ?? bytesFromRecords(story.traffic.at(-1)),
    accuracy: result?.accuracy ?? tested?.accuracy ?? null,
    loss: result?.loss ?? tested?.loss ?? null,
    validation: result?.validation ?? (newest === undefined ? null : { accuracy: newest.accuracy, loss: newest.loss }),
    bestValidationAccuracy:
      judged.length === 0 ? null : judged.reduce((best, { accuracy }) => Math.max(best, accuracy), 0),
    waitShare:
      result?.waitShare ??
      shareOfWaiting(
        sum(workers, ({ waitMs }) => waitMs),
        sum(workers, ({ computeMs }) => computeMs),
      ),
    workers,
  };
}

/** Everything but data and control that BSP would not send is in `up` and `down`. */
export function sentBytes(bytes: ByteReport): number {
  return bytes.up + bytes.down + bytes.control;
}

export function policyTitle(name: string): string {
  return POLICIES.find((policy) => policy.name === name)?.title ?? name;
}

/** The newest moment that any record speaks of, in milliseconds of training. */
export function lastMoment(story: RunStory): number {
  const kinds = [story.iterations, story.pushes, story.allocations, story.evaluations, story.traffic, story.incidents];
  return Math.max(0, ...kinds.map((records) => records.at(-1)?.atMs ?? 0));
}

function workerFigures(story: RunStory): WorkerFigures[] {
  const profiles = new Map(story.workers.map(({ worker, profile }) => [worker, profile]));
  const iterations = Map.groupBy(story.iterations, ({ worker }) => worker);
  const pushes = Map.groupBy(story.pushes, ({ worker }) => worker);
  const results = new Map(story.run.result?.workers.map((worker) => [worker.name, worker]));
  const presence = new Map<string, boolean>();
  for (const { what, worker } of story.incidents) {
    if (worker === undefined) continue;
    if (what === 'lost' || what === 'worker-failed') presence.set(worker, false);
    if (what === 'joined' || what === 'rejoined') presence.set(worker, true);
  }
  const names = [...profiles].sort(([left], [right]) => compareNames(left, right));
  return names.map(([name, profile]) => {
    const own = iterations.get(name) ?? [];
    const applied = (pushes.get(name) ?? []).filter(({ outcome }) => outcome === 'applied');
    const result = results.get(name);
    const samples = result?.samples ?? sum(own, ({ iteration }) => iteration.samples);
    const computeMs = sum(own, ({ iteration }) => iteration.computeMs);
    const waitMs = sum(own, ({ iteration }) => iteration.waitMs);
    return {
      name,
      profile,
      samples,
      samplesPerSecond: computeMs + waitMs > 0 ? (1000 * samples) / (computeMs + waitMs) : null,
      iterations: result?.iterations ?? own.length,
      pushes: result?.pushes ?? own.filter(({ pushed }) => pushed).length,
      computeMs,
      waitMs,
      waitShare: result?.waitShare ?? shareOfWaiting(waitMs, computeMs),
      staleness:
        result?.staleness ??
        (applied.length === 0 ? null : sum(applied, ({ staleness }) => staleness) / applied.length),
      bytes: result?.bytes ?? null,
      lost: presence.get(name) === false,
    };
  });
}

function bytesFromRecords(newest: RecordOf<'traffic'> | undefined): ByteReport | null {
  if (newest === undefined) return null;
  const { traffic, counterfactual } = newest;
  const spent = traffic.update + traffic.model + traffic.control;
  return {
    up: traffic.update,
    down: traffic.model,
    data: traffic.data,
    control: traffic.control,
    counterfactual,
    savedPercent: counterfactual === 0 ? null : 100 * (1 - spent / counterfactual),
  };
}

function shareOfWaiting(waitMs: number, computeMs: number): number | null {
  return waitMs + computeMs > 0 ? waitMs / (waitMs + computeMs) : null;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
