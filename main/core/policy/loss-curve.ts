/**
 * How fast a loss falls: ADSP's curve through a window of evaluations, and which of two is better.
 *
 * Rule: fit `l(t) = 1 / (a t + b) + c` with a = a1², b = a2, c = a3. Between two losses u > v such a
 *   curve takes the time (1/(v − c) − 1/(u − c)) / a; the reward is one over that.
 * Units: milliseconds.
 * Source: ADSP (AAAI 2020) and its released code.
 * Differs: the released fit goes exactly through three points, unguarded, and rewarded a rising loss
 *   the most. Here at least six points are fitted by least squares with a > 0 and c below every loss;
 *   a loss that does not fall is rejected; where a curve does not fit, straight lines are compared; and
 *   a difference within the noise is none. Both curves are compared over the same losses,
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
  /** b: one over how far above the floor it starts. */
  offset: number;
  /** c: the loss that it tends to. */
  floor: number;
}

/** How fast a loss falls by some of its evaluations. */
interface Trend {
  /** Loss per millisecond by the straight line of least squares; positive when it falls. */
  slope: number;
  /** Losses at both ends of the window, smoothed. */
  start: number;
  end: number;
  /** Null where the loss does not fall, or no curve goes through it. */
  curve: LossCurve | null;
}

/** One window of evaluations, summed up. */
export interface Descent extends Trend {
  /** The same with one evaluation left out, each in turn: how far they differ is the noise (jackknife). */
  resampled: Trend[];
}

/** Null with fewer points than can be trusted, or all at one time. */
export function describeDescent(points: readonly LossPoint[]): Descent | null {
  const usable = points.filter(({ loss }) => Number.isFinite(loss));
  if (usable.length < MIN_POINTS) return null;
  const trend = describeTrend(usable);
  const resampled = usable.flatMap((left) => describeTrend(usable.filter((point) => point !== left)) ?? []);
  return trend && { ...trend, resampled };
}

function describeTrend(points: readonly LossPoint[]): Trend | null {
  const firstMs = points[0]?.atMs ?? 0;
  const times = points.map(({ atMs }) => atMs - firstMs);
  const losses = points.map(({ loss }) => loss);
  const line = straightLine(times, losses);
  if (line === null) return null;
  const curve = line.slope < 0 ? fitCurve(times, losses) : null;
  const smoothed = (atMs: number): number => (curve ? lossAt(curve, atMs) : line.at + line.slope * atMs);
  return { slope: -line.slope, start: smoothed(0), end: smoothed(times.at(-1) ?? 0), curve };
}

function lossAt({ steepness, offset, floor }: LossCurve, atMs: number): number {
  return 1 / (steepness * atMs + offset) + floor;
}

/** True when the loss falls under `candidate`, and faster than under `present` by more than the noise. */
export function isBetter(candidate: Descent, present: Descent): boolean {
  const slopeOf = ({ slope }: Trend): number => slope;
  if (!(candidate.slope > deviation(candidate, slopeOf))) return false;
  if (!(present.slope > 0)) return true;
  const [from, to] = [Math.max(candidate.start, present.start), Math.min(candidate.end, present.end)];
  const curved = candidate.curve !== null && present.curve !== null;
  const reward = (trend: Trend): number => (curved ? (trend.curve ? rewardOf(trend.curve, from, to) : 0) : trend.slope);
  const noise = Math.hypot(deviation(candidate, reward), deviation(present, reward));
  return reward(candidate) - reward(present) > noise;
}

/** Standard error of a figure by the jackknife. */
function deviation({ resampled }: Descent, figure: (trend: Trend) => number): number {
  const values = resampled.map(figure);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt((squares * (values.length - 1)) / values.length);
}

/** One over the time from loss `from` down to `to`; 0 when the curve never gets there. */
export function rewardOf(
  { steepness, floor }: Pick<LossCurve, 'steepness' | 'floor'>,
  from: number,
  to: number,
): number {
  if (!(to > floor) || !(from > to)) return 0;
  return steepness / (1 / (to - floor) - 1 / (from - floor));
}

/** Floors are tried at 2^k times the losses' range below the lowest loss, k in this range. */
const [DEEPEST, SHALLOWEST] = [6, -8];
const REFINEMENTS = 30;

/**
 * For each floor the rest is a straight line in 1 / (l − c); kept is what misses the losses least, on
 * a grid first and then between the best floor's neighbours.
 */
export function fitCurve(times: readonly number[], losses: readonly number[]): LossCurve | null {
  const lowest = Math.min(...losses);
  const range = Math.max(...losses) - lowest;
  if (!(range > 0)) return null;
  const tryDepth = (depth: number): Fit => fitAbove(lowest - 2 ** depth * range, times, losses);
  let best: Fit = NO_FIT;
  let center = 0;
  for (let depth = SHALLOWEST; depth <= DEEPEST; depth++) {
    const fit = tryDepth(depth);
    if (fit.miss < best.miss) [best, center] = [fit, depth];
  }
  let [low, high] = [center - 1, center + 1];
  for (let turn = 0; turn < REFINEMENTS; turn++) {
    const third = (high - low) / 3;
    const [left, right] = [tryDepth(low + third), tryDepth(high - third)];
    for (const fit of [left, right]) if (fit.miss < best.miss) best = fit;
    if (left.miss <= right.miss) high -= third;
    else low += third;
  }
  return best.curve;
}

interface Fit {
  curve: LossCurve | null;
  /** Sum of squares. */
  miss: number;
}

const NO_FIT: Fit = { curve: null, miss: Infinity };

function fitAbove(floor: number, times: readonly number[], losses: readonly number[]): Fit {
  const line = straightLine(
    times,
    losses.map((loss) => 1 / (loss - floor)),
  );
  if (line === null || !(line.slope > 0) || !(line.at > 0)) return NO_FIT;
  const curve = { steepness: line.slope, offset: line.at, floor };
  const miss = losses.reduce((sum, loss, index) => sum + (lossAt(curve, times[index] as number) - loss) ** 2, 0);
  return { curve, miss };
}

/** Least squares; `at` is the value at time 0, `spread` the sum of squares of the times around their mean. */
function straightLine(
  times: readonly number[],
  values: readonly number[],
): { at: number; slope: number; spread: number } | null {
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
  return { at: mean - slope * middle, slope, spread };
}
