/** From sums over stretches of time to equal cells of a time axis. */
import type { Buckets } from '../../../main/core/live/buckets.ts';
import type { WorkerPicture } from '../../../main/core/live/picture.ts';
import type { Span } from '../../charts/plot-area.ts';

const US = 1e6;
/** A rate is taken over as many iterations at least, so that a slow device is not a comb of zeros and peaks. */
const ITERATIONS_PER_RATE = 2;

/** Sums of `column` in `count` equal cells of the axis (seconds). A bucket across two cells is split by length. */
export function cellSums<C extends string>(
  { widthUs, first, columns }: Buckets<C>,
  column: C,
  { min, max }: Span,
  count: number,
): Float64Array {
  const sums = new Float64Array(count);
  const values: readonly number[] = columns[column];
  const width = (max - min) / count;
  if (!(width > 0)) return sums;
  values.forEach((value, index) => {
    if (value === 0) return;
    const from = ((first + index) * widthUs) / US;
    const to = from + widthUs / US;
    for (let cell = Math.max(0, Math.floor((from - min) / width)); cell < count && min + cell * width < to; cell++) {
      const overlap = Math.min(to, min + (cell + 1) * width) - Math.max(from, min + cell * width);
      if (overlap > 0) sums[cell] = (sums[cell] as number) + (value * overlap) / (to - from);
    }
  });
  return sums;
}

/** Absences in seconds: from, to, from, to, …; one that goes on ends at `nowSeconds`. */
export function absences({ presence }: Pick<WorkerPicture, 'presence'>, nowSeconds: number): number[] {
  const edges: number[] = [];
  for (const { atUs, here } of presence.items) {
    if (!here && edges.length % 2 === 0) edges.push(atUs / US);
    if (here && edges.length % 2 === 1) edges.push(atUs / US);
  }
  if (edges.length % 2 === 1) edges.push(nowSeconds);
  return edges;
}

/** When the worker first did anything, in seconds; null before. */
export function firstSeen({ presence, time }: Pick<WorkerPicture, 'presence' | 'time'>): number | null {
  const joined = presence.items.find(({ here }) => here);
  if (joined !== undefined && presence.count === presence.items.length) return joined.atUs / US;
  return time.columns.samples.length === 0 ? null : (time.first * time.widthUs) / US;
}

/**
 * Samples per second in equal cells. NaN where the worker was not there, where nothing is known yet, and
 * beyond now.
 */
export function rateCells(worker: WorkerPicture, nowSeconds: number, axis: Span, count: number): Float32Array {
  const rates = new Float32Array(count).fill(NaN);
  const seen = firstSeen(worker);
  if (seen === null || worker.sums.iterations === 0) return rates;
  const width = (axis.max - axis.min) / count;
  const sums = cellSums(worker.time, 'samples', axis, count);
  const upTo = new Float64Array(count + 1);
  sums.forEach((sum, cell) => (upTo[cell + 1] = (upTo[cell] as number) + sum));
  const perIteration = Math.max(0, nowSeconds - seen) / worker.sums.iterations;
  const half = Math.max(0, Math.round((ITERATIONS_PER_RATE * perIteration) / width / 2 - 0.5));
  const firstCell = Math.max(0, Math.floor((seen - axis.min) / width));
  const lastCell = Math.min(count - 1, Math.ceil((nowSeconds - axis.min) / width) - 1);
  for (let cell = firstCell; cell <= lastCell; cell++) {
    const from = Math.max(firstCell, cell - half);
    const to = Math.min(lastCell, cell + half);
    // The first and the last cell are covered in part: their rate is over that part.
    const covered = Math.min(axis.min + (to + 1) * width, nowSeconds) - Math.max(axis.min + from * width, seen);
    if (covered > width / 2 || to > from) {
      rates[cell] = ((upTo[to + 1] as number) - (upTo[from] as number)) / Math.max(covered, width / 10);
    }
  }
  blank(rates, absences(worker, nowSeconds), axis);
  return rates;
}

function blank(cells: Float32Array, edges: readonly number[], { min, max }: Span): void {
  const width = (max - min) / cells.length;
  for (let index = 0; index + 1 < edges.length; index += 2) {
    const from = Math.ceil(((edges[index] as number) - min) / width);
    const to = Math.floor(((edges[index + 1] as number) - min) / width);
    for (let cell = Math.max(0, from); cell < to && cell < cells.length; cell++) cells[cell] = NaN;
  }
}
