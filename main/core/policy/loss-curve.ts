/**
 * How fast a loss falls: ADSP's curve through a window of evaluations, and which of two is better.
 *
 * Rule: fit `l(t) = 1 / (a t + b) + c` with a = a1², b = a2, c = a3. Between two losses u > v such a
 *   curve takes the time (1/(v − c) − 1/(u − c)) / a; the reward is one over that.
 * Units: milliseconds.
 * Source: ADSP (AAAI 2020) and its released code; ALGORITHMS A3.2, B3.5.
 * Differs: the released fit goes exactly through three points, unguarded, and rewarded a rising loss
 *   the most. Here at least six points are fitted by least squares with a > 0 and c below every loss;
 *   a loss that does not fall is rejected; where a curve does not fit, straight lines are compared; and
 *   a difference within the noise of the fit is none. Both curves are compared over the same losses,
 *   from where the first began to where the second ended, whatever each window saw of them.
 */
export interface LossPoint {
  atMs: number;
  loss: number;
}

export const MIN_POINTS = 6;

export interface LossCurve {
  /** a: how steep, per millisecond and unit of loss. */
  steepness: number;
  /** c: the loss that it tends to. */
  floor: number;
}

/** One window of evaluations, summed up. */
export interface Descent {
  /** Loss per millisecond by the straight line of least squares; positive when it falls. */
  slope: number;
  /** Standard error of the slope, relative to it. */
  noise: number;
  start: number;
  end: number;
  curve: LossCurve | null;
}

/** Null with fewer points than can be trusted, or all at one time. */
export function describeDescent(points: readonly LossPoint[]): Descent | null {
  const usable = points.filter(({ loss }) => Number.isFinite(loss));
  const first = usable[0];
  if (usable.length < MIN_POINTS || first === undefined) return null;
  const times = usable.map(({ atMs }) => atMs - first.atMs);
  const losses = usable.map(({ loss }) => loss);
  const line = straightLine(times, losses);
  if (line === null) return null;
  const endMs = times.at(-1) ?? 0;
  const error = Math.sqrt(line.squares / Math.max(1, times.length - 2) / line.spread);
  return {
    slope: -line.slope,
    noise: line.slope === 0 ? Infinity : Math.abs(error / line.slope),
    start: line.at,
    end: line.at + line.slope * endMs,
    curve: line.slope < 0 ? fitCurve(times, losses) : null,
  };
}

/** True when the loss falls under `candidate`, and faster than under `present` by more than the noise. */
export function isBetter(candidate: Descent, present: Descent): boolean {
  if (!(candidate.slope > 0) || candidate.noise >= 1) return false;
  if (!(present.slope > 0)) return true;
  const noise = Math.hypot(candidate.noise, present.noise);
  const [ours, theirs] = rewards(candidate, present);
  return ours > theirs * (1 + noise);
}

function rewards(candidate: Descent, present: Descent): [number, number] {
  const { curve } = candidate;
  if (curve === null || present.curve === null) return [candidate.slope, present.slope];
  const [from, to] = [Math.max(candidate.start, present.start), Math.min(candidate.end, present.end)];
  return [rewardOf(curve, from, to), rewardOf(present.curve, from, to)];
}

/** One over the time from loss `from` down to `to`; 0 when the curve never gets there. */
export function rewardOf({ steepness, floor }: LossCurve, from: number, to: number): number {
  if (!(to > floor) || !(from > to)) return 0;
  return steepness / (1 / (to - floor) - 1 / (from - floor));
}

/** Floors are tried at these multiples of the losses' range below the lowest loss. */
const FLOORS = Array.from({ length: 25 }, (_, index) => 2 ** (index / 2 - 6));

/** For each floor the rest is a straight line in 1 / (l − c); kept is what misses the losses least. */
export function fitCurve(times: readonly number[], losses: readonly number[]): LossCurve | null {
  const lowest = Math.min(...losses);
  const range = Math.max(...losses) - lowest;
  if (!(range > 0)) return null;
  let best: LossCurve | null = null;
  let leastMiss = Infinity;
  for (const multiple of FLOORS) {
    const floor = lowest - multiple * range;
    const line = straightLine(
      times,
      losses.map((loss) => 1 / (loss - floor)),
    );
    if (line === null || !(line.slope > 0) || !(line.at > 0)) continue;
    const miss = losses.reduce((sum, loss, index) => {
      return sum + (1 / (line.at + line.slope * (times[index] as number)) + floor - loss) ** 2;
    }, 0);
    if (miss >= leastMiss) continue;
    leastMiss = miss;
    best = { steepness: line.slope, floor };
  }
  return best;
}

/** Least squares; `at` is the value at time 0, `squares` the squared misses, `spread` that of the times. */
function straightLine(
  times: readonly number[],
  values: readonly number[],
): { at: number; slope: number; squares: number; spread: number } | null {
  const count = times.length;
  const middle = times.reduce((sum, time) => sum + time, 0) / count;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  let [spread, product] = [0, 0];
  for (let index = 0; index < count; index++) {
    const offset = (times[index] as number) - middle;
    spread += offset * offset;
    product += offset * ((values[index] as number) - mean);
  }
  if (!(spread > 0)) return null;
  const slope = product / spread;
  const at = mean - slope * middle;
  let squares = 0;
  for (let index = 0; index < count; index++) {
    squares += ((values[index] as number) - at - slope * (times[index] as number)) ** 2;
  }
  return { at, slope, squares, spread };
}
