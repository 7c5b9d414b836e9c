/**
 * What a push and the model that answers it took in a real run, as a link of the simulator.
 *
 * Rule: a worker's wait before an iteration that follows a push is the exchange, if nobody else held
 *   it up. Where pushes are stale, the server answers at once and the mean wait is the exchange; where
 *   none is, workers may have waited for one another, and only the shortest tenth of the waits count.
 * Units: milliseconds in, bits per second out, both directions alike.
 * Limits: it holds all that lies between two training steps, encoding and the server's work included;
 *   a run with few pushes says little.
 */
import { modelBytes } from '../core/accounting.ts';
import { mean, quantile } from '../core/cost.ts';
import type { RunRecord } from '../core/metrics.ts';

const MIN_WAITS = 10;
const WARM_UP_WAITS = 3;
const SHORTEST = 0.1;
/** A round trip that costs no more than this is as good as none. */
const LEAST_MS = 0.01;

/** Bits per second of each worker's link; workers with too few pushes are left out. */
export function measuredBandwidth(
  records: Iterable<RunRecord>,
  parameters: number,
  isStale: (worker: string) => boolean,
): Map<string, number> {
  const waits = new Map<string, number[]>();
  const hasPushed = new Map<string, boolean>();
  for (const record of records) {
    if (record.type !== 'iteration') continue;
    const { worker, pushed, iteration } = record;
    if (hasPushed.get(worker) === true && iteration.steps > 0) {
      const known = waits.get(worker);
      if (known === undefined) waits.set(worker, [iteration.waitMs]);
      else known.push(iteration.waitMs);
    }
    hasPushed.set(worker, pushed);
  }
  const bits = 8 * (modelBytes('f32', parameters, 'up') + modelBytes('f32', parameters, 'down'));
  const bandwidth = new Map<string, number>();
  for (const [worker, all] of waits) {
    const known = all.slice(WARM_UP_WAITS);
    if (known.length < MIN_WAITS) continue;
    const exchangeMs = isStale(worker) ? mean(known) : quantile(known, SHORTEST);
    bandwidth.set(worker, (bits * 1000) / Math.max(LEAST_MS, exchangeMs));
  }
  return bandwidth;
}
