/** Where each worker's time went, from its picture to the lanes of a chart. */
import type { Picture, WorkerPicture } from '../../../main/core/live/picture.ts';
import { compareNames } from '../../../main/core/display/format.ts';
import type { Lane } from '../../charts/lanes.ts';
import type { Span } from '../../charts/plot-area.ts';
import { absences, cellSums } from './cells.ts';

/** Narrower cells than this tell an eye nothing. */
export const LANE_CELLS = 220;
/** Triangles closer than this many to a lane say nothing: a policy that pushes always needs none. */
const MAX_PUSH_MARKS = 48;
const US = 1e6;

export function sortedWorkers({ workers }: Picture): WorkerPicture[] {
  return workers.toSorted((left, right) => compareNames(left.name, right.name));
}

export function laneRows(picture: Picture, axis: Span, isOpen: boolean): Lane[] {
  const workers = sortedWorkers(picture);
  const showsPushes = workers.every((worker) => pushMarks(worker).length <= MAX_PUSH_MARKS);
  const now = picture.atUs / US;
  const cellUs = ((axis.max - axis.min) / LANE_CELLS) * US;
  return workers.map((worker) => {
    const compute = shares(cellSums(worker.time, 'computeUs', axis, LANE_CELLS), cellUs);
    const transfer = shares(cellSums(worker.time, 'transferUs', axis, LANE_CELLS), cellUs);
    const wait = shares(cellSums(worker.time, 'heldUs', axis, LANE_CELLS), cellUs);
    for (let cell = 0; cell < LANE_CELLS; cell++) {
      const whole = (compute[cell] as number) + (transfer[cell] as number) + (wait[cell] as number);
      // Clocks of two machines: shares may add up to a little more than the whole.
      if (whole <= 1) continue;
      for (const kind of [compute, transfer, wait]) kind[cell] = (kind[cell] as number) / whole;
    }
    const lost = absences(worker, now);
    const underWay = isOpen ? underWayOf(worker, now) : undefined;
    const pushes = showsPushes ? pushMarks(worker) : [];
    return { name: worker.name, compute, transfer, wait, lost, pushes, ...(underWay && { underWay }) };
  });
}

function shares(sums: Float64Array, cellUs: number): Float32Array {
  const all = new Float32Array(sums.length);
  if (cellUs > 0) for (let cell = 0; cell < sums.length; cell++) all[cell] = (sums[cell] as number) / cellUs;
  return all;
}

function underWayOf({ now: { state, atUs } }: WorkerPicture, now: number): Lane['underWay'] {
  if (atUs === null || state === null || state === 'lost') return undefined;
  return { from: atUs / US, to: now, kind: state === 'waiting' ? 'wait' : 'compute' };
}

/** The middles of the stretches in which it pushed, in seconds. */
function pushMarks({ time: { widthUs, first, columns } }: WorkerPicture): number[] {
  const marks: number[] = [];
  columns.pushes.forEach((pushes, index) => {
    if (pushes > 0) marks.push(((first + index + 0.5) * widthUs) / US);
  });
  return marks;
}

/** Shares of a worker's measured time; null before any. */
export interface TimeShares {
  compute: number;
  transfer: number;
  wait: number;
}

export function timeShares({
  computeUs,
  transferUs,
  heldUs,
}: Pick<WorkerPicture['sums'], 'computeUs' | 'transferUs' | 'heldUs'>): TimeShares | null {
  const whole = computeUs + transferUs + heldUs;
  if (whole === 0) return null;
  return { compute: computeUs / whole, transfer: transferUs / whole, wait: heldUs / whole };
}
