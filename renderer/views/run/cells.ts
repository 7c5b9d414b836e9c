/** From sums over stretches of time to equal cells of a time axis. */
import type { Buckets } from '../../../main/core/live/buckets.ts';
import type { WorkerPicture } from '../../../main/core/live/picture.ts';
import type { Span } from '../../charts/plot-area.ts';

const US = 1e6;
/** A cell of which less is known shows nothing. */
const LEAST_COVERED = 0.2;

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
 * Samples per second in equal cells: what an iteration processed is spread over the time since the one before
 * it, so that waiting and transfer count as what they cost. NaN where the worker was not there, and where the
 * iteration that is under way has not ended yet.
 */
export function rateCells(worker: WorkerPicture, nowSeconds: number, axis: Span, count: number): Float32Array {
  const rates = new Float32Array(count).fill(NaN);
  const seen = firstSeen(worker);
  if (seen === null) return rates;
  const { widthUs, first, columns } = worker.time;
  const width = (axis.max - axis.min) / count;
  const rows = new Float64Array(count);
  const covered = new Float64Array(count);
  const lost = absences(worker, nowSeconds);
  let before = seen;
  columns.samples.forEach((samples, index) => {
    if (samples === 0) return;
    const to = Math.min(nowSeconds, ((first + index + 1) * widthUs) / US);
    // Not in no time, either: while a run is paused its clock stands still, and iterations end all the same.
    const spent = (columns.computeUs[index] ?? 0) + (columns.heldUs[index] ?? 0) + (columns.transferUs[index] ?? 0);
    const begun = 2 * (to - before) < spent / US ? to - spent / US : before;
    // Nobody worked while it was away.
    const from = Math.max(begun, returnBefore(lost, to));
    before = to;
    if (!(to > from)) return;
    for (let cell = Math.max(0, Math.floor((from - axis.min) / width)); cell < count; cell++) {
      const overlap = Math.min(to, axis.min + (cell + 1) * width) - Math.max(from, axis.min + cell * width);
      if (overlap <= 0) break;
      rows[cell] = (rows[cell] as number) + (samples * overlap) / (to - from);
      covered[cell] = (covered[cell] as number) + overlap;
    }
  });
  covered.forEach((seconds, cell) => {
    if (seconds > width * LEAST_COVERED) rates[cell] = (rows[cell] as number) / seconds;
  });
  blank(rates, lost, axis);
  return rates;
}

/** When the absence ended that was the last before `seconds`. */
function returnBefore(lost: readonly number[], seconds: number): number {
  let back = -Infinity;
  for (let index = 1; index < lost.length; index += 2) {
    const end = lost[index] as number;
    if (end < seconds) back = end;
  }
  return back;
}

function blank(cells: Float32Array, edges: readonly number[], { min, max }: Span): void {
  const width = (max - min) / cells.length;
  for (let index = 0; index + 1 < edges.length; index += 2) {
    const from = Math.ceil(((edges[index] as number) - min) / width);
    const to = Math.floor(((edges[index + 1] as number) - min) / width);
    for (let cell = Math.max(0, from); cell < to && cell < cells.length; cell++) cells[cell] = NaN;
  }
}
