/**
 * Hermes' resizing of a worker whose iterations take too long or too little.
 *
 * Rule: a local iteration takes T = K · E · samples / batch, with K the time of one mini-batch step.
 *   For every candidate batch, bisect for the sample count whose T meets the target; keep the pair
 *   with the least |T − target|, and among equals the batch nearest the present one.
 * Units: milliseconds, rows.
 * Source: Hermes (HiPC 2024), cost model and dual binary search.
 * Differs: the released search scans linearly, moves the batch the wrong way and can answer 0 rows
 *  ; `releasedSearch` keeps that behaviour for comparison.
 * Limits: K is valid near the batch at which it was measured: measure again after a change.
 */
import type { Assignment } from '../policy/policy.ts';

export const BATCH_CANDIDATES = [2, 4, 8, 16, 32, 64] as const;

export interface ResizeRequest {
  targetMs: number;
  /** K: measured time of one mini-batch step. */
  stepMs: number;
  present: Assignment;
  minSamples: number;
  maxSamples: number;
  /** To search among; the candidates where left out. */
  batches?: readonly number[];
}

/** K from one measured iteration: `computeMs * batch / (epochs * samples)`. */
export function stepTime(computeMs: number, assignment: Assignment): number {
  return (computeMs * assignment.batch) / (assignment.epochs * assignment.samples);
}

/** T, the time that an iteration of this assignment takes. */
export function iterationTime(stepMs: number, { samples, batch, epochs }: Assignment): number {
  return (stepMs * epochs * samples) / batch;
}

/** Always an answer within [minSamples, maxSamples]; the nearest bound when the target is out of reach. */
export function dualBinarySearch({
  targetMs,
  stepMs,
  present,
  minSamples,
  maxSamples,
  batches = BATCH_CANDIDATES,
}: ResizeRequest): Assignment {
  let best = present;
  let bestMiss = Infinity;
  let bestMove = Infinity;
  for (const batch of batches) {
    const timeOf = (rows: number): number => iterationTime(stepMs, { ...present, samples: rows, batch });
    const samples = bisect(minSamples, maxSamples, timeOf, targetMs);
    const candidate = { ...present, samples, batch };
    // Differences below a thousandth of the target are rounding to whole rows, not preference.
    const miss = Math.floor((Math.abs(iterationTime(stepMs, candidate) - targetMs) / targetMs) * 1000);
    const move = Math.abs(Math.log2(batch / present.batch));
    if (miss < bestMiss || (miss === bestMiss && move < bestMove)) {
      best = candidate;
      bestMiss = miss;
      bestMove = move;
    }
  }
  return best;
}

/** The whole number in [low, high] at which a rising function comes nearest to `target`. */
function bisect(low: number, high: number, rising: (value: number) => number, target: number): number {
  let under = low;
  let over = high;
  while (over - under > 1) {
    const middle = Math.floor((under + over) / 2);
    if (rising(middle) <= target) under = middle;
    else over = middle;
  }
  return Math.abs(rising(under) - target) <= Math.abs(rising(over) - target) ? under : over;
}

/**
 * The search as released: a scan for the first sample count within ±1 s of the target, which only
 * ever matches at batch 16. The answer can be 0 rows; null where nothing matches and the released
 * code crashes.
 */
export function releasedSearch({ targetMs, stepMs, present, maxSamples }: ResizeRequest): Assignment | null {
  const toleranceMs = 1000;
  const batch = 16;
  const samples = Math.max(0, Math.ceil(((targetMs - toleranceMs) * batch) / (stepMs * present.epochs)));
  return samples <= maxSamples ? { ...present, samples, batch } : null;
}
