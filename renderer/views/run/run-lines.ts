/** From the picture of a run to the lines of its charts. x is in seconds of training. */
import type { AllocationPoint, Picture, WorkerPicture } from '../../../main/core/live/picture.ts';
import { kept } from '../../../main/core/live/thinned.ts';
import { downsample, type Point } from '../../../main/core/display/downsample.ts';
import type { Span } from '../../charts/plot-area.ts';
import { absences, cellSums, rateCells } from './cells.ts';
import { sortedWorkers } from './lane-rows.ts';
import { sentBytes, validations } from './run-figures.ts';

const US = 1e6;
export const RATE_CELLS = 120;
/** Points that a series has in a chart at most. */
export const MAX_POINTS = 400;

export type RunUnit = 'time' | 'bytes' | 'samples';

export interface WorkerLine {
  worker: string;
  points: readonly Point[];
}

export function evaluationLine(picture: Picture, of: 'accuracy' | 'loss', unit: RunUnit): readonly Point[] {
  const points = validations(picture).map((point): Point => [
    unit === 'time' ? point.atUs / US : point[unit],
    point[of],
  ]);
  return downsample(points, MAX_POINTS);
}

/** Mean loss of the local iterations that ended in equal stretches of time. */
export function trainingLossLine(picture: Picture, axis: Span): Point[] {
  const losses = cellSums(picture.time, 'lossMicro', axis, RATE_CELLS);
  const rows = cellSums(picture.time, 'lossSamples', axis, RATE_CELLS);
  const width = (axis.max - axis.min) / RATE_CELLS;
  return [...losses].flatMap((loss, cell): Point[] =>
    (rows[cell] as number) > 0 ? [[axis.min + (cell + 0.5) * width, loss / 1e6 / (rows[cell] as number)]] : [],
  );
}

export function rateLines(picture: Picture, axis: Span): WorkerLine[] {
  const width = (axis.max - axis.min) / RATE_CELLS;
  return sortedWorkers(picture).map((worker) => {
    const rates = rateCells(worker, picture.atUs / US, axis, RATE_CELLS);
    const points = Array.from(rates, (value, cell): Point => [axis.min + (cell + 0.5) * width, known(value)]);
    return { worker: worker.name, points };
  });
}

/** Mean staleness of the pushes that were applied in each stretch of time. */
export function stalenessLines(picture: Picture, axis: Span): WorkerLine[] {
  const width = (axis.max - axis.min) / RATE_CELLS;
  return sortedWorkers(picture).map((worker) => {
    const applied = cellSums(worker.time, 'applied', axis, RATE_CELLS);
    const sums = cellSums(worker.time, 'stalenessSum', axis, RATE_CELLS);
    const points = [...applied].flatMap((pushes, cell): Point[] =>
      pushes > 0 ? [[axis.min + (cell + 0.5) * width, (sums[cell] as number) / pushes]] : [],
    );
    return { worker: worker.name, points };
  });
}

/** What each worker was given, from when it was told until the next change, its loss or now. */
export function allocationLines(picture: Picture, of: 'samples' | 'batch'): WorkerLine[] {
  const now = picture.atUs / US;
  return sortedWorkers(picture).map((worker) => {
    const points: Point[] = kept(worker.allocations).map((point) => [point.atUs / US, point[of]]);
    const held = points.at(-1)?.[1] ?? null;
    const edges = absences(worker, now);
    const gone = edges.at(-1) === now ? edges.at(-2) : undefined;
    if (held !== null && gone !== undefined && gone >= (points.at(-1)?.[0] ?? 0))
      points.push([gone, held], [gone, null]);
    else if (held !== null) points.push([now, held]);
    return { worker: worker.name, points: downsample(points, MAX_POINTS) };
  });
}

export interface AllocationChange {
  worker: string;
  seconds: number;
  samples: readonly [before: number | null, after: number];
  batch: readonly [before: number | null, after: number];
  reason: string;
}

/** Every change that is still held, oldest first; what a worker started with is not a change. */
export function allocationChanges({ workers }: Picture): AllocationChange[] {
  return workers
    .flatMap(({ name, allocations }) => changesOf(name, kept(allocations)))
    .sort((left, right) => left.seconds - right.seconds);
}

function changesOf(worker: string, points: readonly AllocationPoint[]): AllocationChange[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    if (before === undefined || (before.samples === point.samples && before.batch === point.batch)) return [];
    return [
      {
        worker,
        seconds: point.atUs / US,
        samples: [before.samples, point.samples] as const,
        batch: [before.batch, point.batch] as const,
        reason: point.reason,
      },
    ];
  });
}

export interface TrafficRow extends Record<string, number | null> {
  x: number;
  update: number;
  model: number;
  control: number;
  data: number;
  counterfactual: number;
}

export function trafficRows({ traffic }: Picture): TrafficRow[] {
  return kept(traffic).map(({ atUs, traffic: by, counterfactual }) => ({ x: atUs / US, ...by, counterfactual }));
}

/** What the newest row says of sent and saved, for a moment: the row at or before it. */
export function trafficAt(rows: readonly TrafficRow[], seconds: number | null): TrafficRow | undefined {
  return seconds === null ? rows.at(-1) : rows.findLast(({ x }) => x <= seconds);
}

/** The value that holds at a moment: of the newest point at or before it. */
export function valueAt(points: readonly Point[], seconds: number | null): number | null {
  if (seconds === null) return points.findLast(([, value]) => value !== null)?.[1] ?? null;
  return points.findLast(([at]) => at <= seconds)?.[1] ?? null;
}

export function lastSent(picture: Picture): number | null {
  return picture.traffic.last === null ? null : sentBytes(picture.traffic.last);
}

export function waitsOf({ sums }: WorkerPicture): number {
  return sums.heldUs + sums.transferUs;
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
