/** Unequal speeds for workers that share this machine. */
import { assert } from '../core/assert.ts';

/** Relative speeds of local workers unless the run says otherwise; repeated for more than four. */
export const DEFAULT_SPEEDS: readonly number[] = [1, 0.6, 0.4, 0.25];

/** What workers may use of all cores together: the server and the evaluator need the rest. */
const WORKERS_SHARE = 0.75;
/** Below this a process takes minutes to start. */
const SLOWEST = 0.02;

/**
 * Each worker's share of one core. The relative speeds keep their proportions, the fastest gets at
 * most one core, and all together stay below 75 % of `cores`, as far as that leaves any speed at all.
 */
export function localSpeeds(workers: number, cores: number, relative: readonly number[] = DEFAULT_SPEEDS): number[] {
  assert(relative.length > 0 && relative.every((speed) => speed > 0), 'relative speeds are positive');
  const wanted = Array.from({ length: workers }, (_, index) => relative[index % relative.length] as number);
  const total = wanted.reduce((sum, speed) => sum + speed, 0);
  const scale = Math.min(1 / Math.max(...wanted), (WORKERS_SHARE * cores) / total);
  return wanted.map((speed) => Math.max(SLOWEST, speed * scale));
}
