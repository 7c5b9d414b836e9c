/**
 * ADSP's search for the number of commits in a check period.
 *
 * Rule: measure the loss for one check period at the present rate, then at the next higher one; go on
 *   up while the loss falls faster than before (`loss-curve.ts`). If the first step up is no better,
 *   go down in the same way. The best rate measured stays.
 * Source: ADSP (AAAI 2020), Algorithm 1, and its released code.
 * Differs: released, the rate only ever grows, by one, and all workers stop around each candidate; here
 *   training goes on, and a step changes the rate by a factor, since one commit more is within the
 *   noise. A step of 1 gives back the released ±1.
 * Limits: one check period for each candidate; rates above what the network carries look no better.
 */
import { describeDescent, type Descent, isBetter, type LossPoint } from './loss-curve.ts';

export const MAX_RATE = 1000;

export interface Search {
  /** The rate being measured. */
  rate: number;
  points: LossPoint[];
  /** The best so far; null while the first is measured. */
  best: { rate: number; descent: Descent } | null;
  direction: 'up' | 'down';
  /** True once a step in the present direction was better. */
  hasGained: boolean;
}

export function startSearch(rate: number): Search {
  return { rate, points: [], best: null, direction: 'up', hasGained: false };
}

/** The next rate up or down, or undefined at the end of the range. */
export function neighbour(rate: number, direction: 'up' | 'down', factor: number): number | undefined {
  const next =
    direction === 'up'
      ? Math.min(MAX_RATE, Math.max(Math.floor(rate) + 1, Math.round(rate * factor)))
      : Math.max(1, Math.min(Math.ceil(rate) - 1, Math.round(rate / factor)));
  return next === rate || (direction === 'down' && next > rate) ? undefined : next;
}

/** Ends the present candidate's period: the search goes on with another rate, or is over with the best. */
export function endCandidate(search: Search, factor: number): { done: boolean; rate: number } {
  const descent = describeDescent(search.points);
  search.points = [];
  // Without enough evaluations nothing can be told apart: all stays as it is.
  if (descent === null) return { done: true, rate: search.best?.rate ?? search.rate };
  if (search.best === null) {
    search.best = { rate: search.rate, descent };
    return tryNext(search, factor);
  }
  if (isBetter(descent, search.best.descent)) {
    search.best = { rate: search.rate, descent };
    search.hasGained = true;
    return tryNext(search, factor);
  }
  if (search.direction === 'up' && !search.hasGained) {
    search.direction = 'down';
    return tryNext(search, factor);
  }
  return { done: true, rate: search.best.rate };
}

function tryNext(search: Search, factor: number): { done: boolean; rate: number } {
  const from = search.best?.rate ?? search.rate;
  let next = neighbour(from, search.direction, factor);
  if (next === undefined && search.direction === 'up' && !search.hasGained) {
    search.direction = 'down';
    next = neighbour(from, 'down', factor);
  }
  if (next === undefined) return { done: true, rate: from };
  search.rate = next;
  return { done: false, rate: next };
}
