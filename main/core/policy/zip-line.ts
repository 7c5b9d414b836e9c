/**
 * ZipLine: how many iterations each worker should run so that all finish as nearly together as can be.
 *
 * Rule: predict every worker's next R finish times, t[i][r] = start_i + r · interval_i with r = 1 … R.
 *   Walk through all of them in the order of time, keeping each worker's newest; when all workers have
 *   one, the spread is newest minus oldest. The plan is the set with the least spread, the earliest
 *   among equals: iteration r_i ≥ 1 for every worker.
 * Units: milliseconds; any common origin.
 * Source: Elastic BSP (Zhao et al. 2020). The authors' code is withheld.
 * Limits: O(n R log(n R)) time; a prediction is as good as the last interval.
 */
export interface Forecast {
  /** When the worker's next iteration starts. */
  startMs: number;
  /** What one iteration takes it. */
  intervalMs: number;
}

export interface SuperstepPlan {
  /** Iterations until the barrier, by worker; each 1 … lookahead. */
  iterations: number[];
  /** When the last worker gets there. */
  endMs: number;
  /** How long the first has to wait for the last. */
  spreadMs: number;
}

export function finishTime({ startMs, intervalMs }: Forecast, iterations: number): number {
  return startMs + iterations * intervalMs;
}

/** `workers` is not empty; `lookahead` (R) is at least 1. */
export function zipLine(workers: readonly Forecast[], lookahead: number): SuperstepPlan {
  const { times, order } = stampsInOrder(workers, lookahead);
  const ownerAt = (place: number): number => Math.floor((order[place] as number) / lookahead);
  const timeAt = (place: number): number => times[order[place] as number] as number;
  /** Each worker's newest stamp so far, as a place in the order; −1 before its first. */
  const newest = new Int32Array(workers.length).fill(-1);
  let [seen, oldest, bestPlace, spreadMs] = [0, 0, 0, Infinity];
  for (let place = 0; place < order.length; place++) {
    const owner = ownerAt(place);
    if (newest[owner] === -1) seen += 1;
    newest[owner] = place;
    while (newest[ownerAt(oldest)] !== oldest) oldest += 1;
    const spread = timeAt(place) - timeAt(oldest);
    if (seen < workers.length || spread >= spreadMs) continue;
    spreadMs = spread;
    bestPlace = place;
  }
  const iterations = new Array<number>(workers.length).fill(0);
  for (let place = 0; place <= bestPlace; place++) {
    iterations[ownerAt(place)] = ((order[place] as number) % lookahead) + 1;
  }
  return { iterations, endMs: timeAt(bestPlace), spreadMs };
}

/** Stamp i·R + r − 1 is worker i's r-th finish; `order` names stamps by time, then by number. */
function stampsInOrder(workers: readonly Forecast[], lookahead: number): { times: Float64Array; order: Uint32Array } {
  const times = new Float64Array(workers.length * lookahead);
  for (const [index, worker] of workers.entries()) {
    for (let r = 1; r <= lookahead; r++) times[index * lookahead + r - 1] = finishTime(worker, r);
  }
  const order = new Uint32Array(times.length);
  for (let stamp = 0; stamp < order.length; stamp++) order[stamp] = stamp;
  order.sort((left, right) => (times[left] as number) - (times[right] as number) || left - right);
  return { times, order };
}
