/**
 * Batches in proportion to speed, with their sum kept.
 *
 * Rule: X_k = b_k / mu_k is the throughput that worker k has shown; b'_k = B · X_k / ΣX, so that all
 *   take the same time; whoever would be outside its bounds gets the bound and the others share the
 *   rest; whole rows by largest remainder, so that Σb' = B exactly.
 * Units: rows; mu in milliseconds of one iteration.
 * Source: Taming Resource Heterogeneity (Tyagi & Sharma 2023), eq. 2–5; OmniLearn.
 * Differs: the printed b_k · mean(mu) / mu_k does not keep Σb (A2.5). `releasedAdjustment` is the rule
 *   of OmniLearn's code, for comparison.
 */
import { assert } from '../assert.ts';

export interface Bounds {
  minimum: number;
  maximum: number;
}

export interface Share extends Bounds {
  /** Any unit, the same for all; not negative. */
  throughput: number;
}

/** True when batches within these bounds can add up to `total`. */
export function canHold(total: number, bounds: readonly Bounds[]): boolean {
  const low = bounds.reduce((sum, { minimum }) => sum + minimum, 0);
  const high = bounds.reduce((sum, { maximum }) => sum + maximum, 0);
  return low <= total && total <= high;
}

/** Whole batches that add up to `total`, in the order of `shares`. The bounds, whole too, must hold it. */
export function proportionalBatches(total: number, shares: readonly Share[]): number[] {
  assert(canHold(total, shares), 'the bounds hold the global batch');
  return largestRemainder(total, waterFill(total, shares));
}

/**
 * Real shares of `total` in proportion to throughput within the bounds. Of those out of bounds only
 * the side that weighs more is fixed at a time: fixing it can bring the other side back in.
 */
function waterFill(total: number, shares: readonly Share[]): number[] {
  const speed = shares.some(({ throughput }) => throughput > 0) ? (share: Share) => share.throughput : () => 1;
  const fixed = new Map<number, number>();
  for (;;) {
    let [rest, speeds] = [total, 0];
    for (const [index, share] of shares.entries()) {
      const bound = fixed.get(index);
      if (bound === undefined) speeds += speed(share);
      else rest -= bound;
    }
    const free = shares.length - fixed.size;
    const wanted = (share: Share): number => (speeds > 0 ? (rest * speed(share)) / speeds : rest / free);
    const outside = shares.flatMap((share, index) => {
      if (fixed.has(index)) return [];
      const { minimum, maximum } = share;
      const excess = wanted(share) - Math.min(maximum, Math.max(minimum, wanted(share)));
      return excess === 0 ? [] : [{ index, excess, bound: excess > 0 ? maximum : minimum }];
    });
    if (outside.length === 0) return shares.map((share, index) => fixed.get(index) ?? wanted(share));
    const balance = outside.reduce((sum, { excess }) => sum + excess, 0);
    for (const { index, excess, bound } of outside) if (balance * excess >= 0) fixed.set(index, bound);
  }
}

/** Rounds values of whole sum so that the sum stays: down, and up again where most was cut off. */
export function largestRemainder(total: number, values: readonly number[]): number[] {
  const whole = values.map(Math.floor);
  const missing = total - whole.reduce((sum, value) => sum + value, 0);
  const byRemainder = values
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((left, right) => right.remainder - left.remainder || left.index - right.index);
  for (const { index } of byRemainder.slice(0, missing)) whole[index] = (whole[index] as number) + 1;
  return whole;
}

export interface Measured extends Bounds {
  batch: number;
  /** Time of one iteration at this batch. */
  meanMs: number;
}

/** Stands in for a time too short to be measured. */
const SHORTEST_MS = 1e-6;

/** New batches with the sum of the present ones; null inside the dead-band, where nothing changes. */
export function proportionalAdjustment(workers: readonly Measured[], deadBand: number): number[] | null {
  const total = workers.reduce((sum, { batch }) => sum + batch, 0);
  const shares = workers.map(({ batch, meanMs, minimum, maximum }) => {
    return { throughput: batch / Math.max(meanMs, SHORTEST_MS), minimum, maximum };
  });
  const batches = proportionalBatches(total, shares);
  const change = Math.max(...workers.map(({ batch }, index) => Math.abs((batches[index] as number) - batch) / batch));
  return change > deadBand ? batches : null;
}

/**
 * OmniLearn's code: each worker on its own moves to b · mean(t) / t unless the change is within the
 * dead-band, relative to the new size; the overflow of those clamped and the drift of the sum are
 * spread evenly and rounded up, which can leave the bounds and `total` again.
 */
export function releasedAdjustment(workers: readonly Measured[], deadBand: number, total: number): number[] | null {
  const size = workers.length;
  const meanMs = workers.reduce((sum, worker) => sum + worker.meanMs, 0) / size;
  let overflow = 0;
  const clamped = workers.map(({ batch, meanMs: ownMs, minimum, maximum }) => {
    const candidate = batch - (batch / Math.max(ownMs, SHORTEST_MS)) * (ownMs - meanMs);
    const kept = Math.abs(candidate - batch) / candidate < deadBand ? batch : candidate;
    const bounded = Math.min(maximum, Math.max(minimum, kept));
    overflow += Math.ceil((kept - bounded) / size);
    return bounded;
  });
  const spread = clamped.map((batch) => batch + overflow);
  const drift = (spread.reduce((sum, batch) => sum + batch, 0) - total) / size;
  const batches = spread.map((batch) => Math.max(1, Math.ceil(batch - drift)));
  return batches.some((batch, index) => batch !== workers[index]?.batch) ? batches : null;
}
