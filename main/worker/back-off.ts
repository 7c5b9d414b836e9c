/**
 * How long to wait before connecting again: full jitter (a uniform draw up to a bound that doubles),
 * so that workers which lost the same server do not all come back at once.
 */
export const FIRST_BOUND_MS = 250;
export const LARGEST_BOUND_MS = 20_000;

/** `attempt` counts from 0; `chance` is uniform in [0, 1). */
export function backOffMs(attempt: number, chance: number): number {
  return chance * Math.min(LARGEST_BOUND_MS, FIRST_BOUND_MS * 2 ** Math.min(attempt, 30));
}
