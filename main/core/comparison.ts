/** Runs of several policies over several seeds, as one row a policy. */
import type { EndReason, RunResult } from './metrics.ts';
import { estimate, type Estimate } from './statistics.ts';

/** One judgement of the global model on the validation split. */
export interface CurvePoint {
  seconds: number;
  /** All bytes of all workers by then. */
  bytes: number;
  accuracy: number;
  loss: number;
}

export interface ComparedRun {
  seed: number;
  result: RunResult;
  curve: CurvePoint[];
  /** Of the whole simulation: two runs with the same one are the same run. */
  fingerprint: string;
}

export interface ComparisonRow {
  /** The policy's name, `solo` or `ideal`, or a variant of a policy. */
  policy: string;
  options: Readonly<Record<string, number | string | boolean>>;
  /** As used, after tuning if there was any. */
  learningRate: number;
  seeds: number[];
  /** Runs that reached the target; the others are censored at the time limit, also where they were given up before. */
  reached: number;
  censored: number;
  /** How many runs ended for which reason. */
  ends: Partial<Record<EndReason, number>>;
  /** Over the runs that reached the target; null when none did. */
  secondsToTarget: Estimate | null;
  /** Median over all runs of the time to target, a censored run counted with its time limit, or its own time where it had none: a lower bound. */
  restrictedSeconds: number;
  /** Median time of BSP over this one's; null without both. */
  speedup: number | null;
  accuracy: Estimate | null;
  loss: number | null;
  iterations: number;
  pushes: number;
  samples: number;
  bytes: {
    up: number;
    down: number;
    data: number;
    control: number;
    counterfactual: number;
    savedPercent: number | null;
  };
  waitShare: number | null;
  curves: { seed: number; fingerprint: string; points: CurvePoint[] }[];
  /** Nothing was learnt: accuracies are those of a small stand-in problem. */
  timingOnly?: true;
}

export interface RowIdentity {
  policy: string;
  options: ComparisonRow['options'];
  learningRate: number;
}

const CURVE_POINTS = 60;

/** @param maxSeconds time limit of every run; where it is left out, a run that was censored counts with its own time. */
export function comparisonRow(identity: RowIdentity, runs: readonly ComparedRun[], maxSeconds?: number): ComparisonRow {
  const results = runs.map(({ result }) => result);
  const times = results.flatMap(({ secondsToTarget }) => (secondsToTarget === null ? [] : [secondsToTarget]));
  const middle = (of: (result: RunResult) => number | null): number | null => {
    const known = results.map(of).filter((value): value is number => value !== null && Number.isFinite(value));
    return estimate(known)?.median ?? null;
  };
  const total = (of: (result: RunResult) => number): number => middle(of) ?? 0;
  return {
    ...identity,
    seeds: runs.map(({ seed }) => seed),
    reached: times.length,
    censored: runs.length - times.length,
    secondsToTarget: estimate(times) ?? null,
    ends: counted(results.map(({ endReason }) => endReason)),
    restrictedSeconds: total(({ secondsToTarget, seconds }) => secondsToTarget ?? maxSeconds ?? seconds),
    speedup: null,
    accuracy: estimate(results.map(({ accuracy }) => accuracy).filter(Number.isFinite)) ?? null,
    loss: middle(({ loss }) => loss),
    iterations: total(({ iterations }) => iterations),
    pushes: total(({ pushes }) => pushes),
    samples: total(({ samples }) => samples),
    bytes: {
      up: total(({ bytes }) => bytes.up),
      down: total(({ bytes }) => bytes.down),
      data: total(({ bytes }) => bytes.data),
      control: total(({ bytes }) => bytes.control),
      counterfactual: total(({ bytes }) => bytes.counterfactual),
      savedPercent: middle(({ bytes }) => bytes.savedPercent),
    },
    waitShare: middle(({ waitShare }) => waitShare),
    curves: runs.map(({ seed, fingerprint, curve }) => ({ seed, fingerprint, points: thinned(curve) })),
  };
}

/**
 * Fills in the speed-ups against the row of BSP: ratios of medians over all runs, where both are those
 * of runs that reached the target.
 */
export function withSpeedups(rows: readonly ComparisonRow[], against = 'bsp'): ComparisonRow[] {
  const reference = knownMedian(rows.find(({ policy }) => policy === against));
  return rows.map((row) => {
    const own = knownMedian(row);
    const speedup = reference === undefined || own === undefined || own === 0 ? null : reference / own;
    return { ...row, speedup };
  });
}

/** The median time of all runs, when it is not a censored one. */
export function knownMedian(row: ComparisonRow | undefined): number | undefined {
  return row !== undefined && row.reached > row.censored ? row.restrictedSeconds : undefined;
}

function counted(reasons: readonly EndReason[]): Partial<Record<EndReason, number>> {
  const ends: Partial<Record<EndReason, number>> = {};
  for (const reason of reasons) ends[reason] = (ends[reason] ?? 0) + 1;
  return ends;
}

/** Evenly chosen points, the first and the last among them. */
function thinned(points: readonly CurvePoint[]): CurvePoint[] {
  if (points.length <= CURVE_POINTS) return [...points];
  const step = (points.length - 1) / (CURVE_POINTS - 1);
  return Array.from({ length: CURVE_POINTS }, (_, index) => points[Math.round(index * step)] as CurvePoint);
}
