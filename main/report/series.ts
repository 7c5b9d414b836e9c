/** From records to lines: what changes over the time of a run. Times are in seconds of training. */
import type { Point } from '../core/display/downsample.ts';
import { compareNames } from '../core/display/format.ts';
import { lastMoment, sentBytes } from './figures.ts';
import type { RecordOf, RunStory } from './story.ts';

const THROUGHPUT_BINS = 60;
/** A worker that is silent for as many of its iterations is not slow, it is not there. */
const GAP_ITERATIONS = 4;

export interface WorkerSeries {
  worker: string;
  points: readonly Point[];
}

/** Seconds that the time axis of a run spans. */
export function runSeconds(story: RunStory): number {
  return Math.max(story.run.result?.seconds ?? 0, lastMoment(story) / 1000);
}

export function evaluationSeries(story: RunStory, of: 'accuracy' | 'loss', x: 'time' | 'bytes' = 'time'): Point[] {
  return story.evaluations
    .filter(({ split }) => split === 'validation')
    .map((judged) => [x === 'time' ? judged.atMs / 1000 : judged.bytes, finite(judged[of])] as const);
}

/** Mean loss of the local iterations that ended in each of some equal stretches of time. */
export function trainingLossSeries(story: RunStory): Point[] {
  const end = runSeconds(story);
  if (end <= 0) return [];
  const width = end / THROUGHPUT_BINS;
  const bins = Array.from({ length: THROUGHPUT_BINS }, () => ({ rows: 0, loss: 0 }));
  for (const { atMs, iteration } of story.iterations) {
    const bin = bins[Math.min(THROUGHPUT_BINS - 1, Math.floor(atMs / 1000 / width))];
    if (bin === undefined || !Number.isFinite(iteration.loss)) continue;
    bin.rows += iteration.samples;
    bin.loss += iteration.loss * iteration.samples;
  }
  return bins.flatMap(({ rows, loss }, index) => (rows === 0 ? [] : [[(index + 0.5) * width, loss / rows] as const]));
}

/** When a worker was at work on one iteration, transfers included. */
interface Busy {
  from: number;
  to: number;
  samples: number;
}

/**
 * Samples per second of each worker: the rows of an iteration are spread over the time since the one
 * before it, so waiting and transfers count as what they cost. Gaps where a worker was absent.
 */
export function throughputSeries(story: RunStory): WorkerSeries[] {
  const end = runSeconds(story);
  const width = end / THROUGHPUT_BINS;
  return [...byWorker(story.iterations)].map(([worker, records]) => {
    const rows = new Float64Array(THROUGHPUT_BINS);
    const covered = new Float64Array(THROUGHPUT_BINS);
    for (const busy of busySpans(records)) spread(busy, width, rows, covered);
    const points: Point[] = [];
    rows.forEach((total, bin) => {
      const share = (covered[bin] ?? 0) / width;
      // The first and the last bin are covered in part: their rate is over that part.
      points.push([(bin + 0.5) * width, share < 0.02 ? null : total / (covered[bin] ?? width)]);
    });
    return { worker, points };
  });
}

function busySpans(records: readonly RecordOf<'iteration'>[]): Busy[] {
  let before: number | undefined;
  return records.map(({ atMs, iteration }) => {
    const own = iteration.computeMs + iteration.waitMs;
    const sinceBefore = before === undefined ? Infinity : atMs - before;
    before = atMs;
    const lasted = sinceBefore > GAP_ITERATIONS * own ? own : sinceBefore;
    return { from: Math.max(0, atMs - lasted) / 1000, to: atMs / 1000, samples: iteration.samples };
  });
}

function spread({ from, to, samples }: Busy, width: number, rows: Float64Array, covered: Float64Array): void {
  if (!(to > from)) return;
  for (let bin = Math.max(0, Math.floor(from / width)); bin < rows.length && bin * width < to; bin++) {
    const overlap = Math.min(to, (bin + 1) * width) - Math.max(from, bin * width);
    if (overlap <= 0) continue;
    rows[bin] = (rows[bin] ?? 0) + (samples * overlap) / (to - from);
    covered[bin] = (covered[bin] ?? 0) + overlap;
  }
}

/** What each worker was given, from when it was told until the next change, its loss or the end. */
export function allocationSeries(story: RunStory, of: 'samples' | 'batch'): WorkerSeries[] {
  const end = runSeconds(story);
  const absences = absencesOf(story);
  return [...byWorker(story.allocations)].map(([worker, records]) => {
    const points: Point[] = records.map(({ atMs, assignment }) => [atMs / 1000, assignment[of]]);
    const held = points.at(-1)?.[1] ?? null;
    const gone = absences.get(worker)?.find(({ to }) => to >= end);
    if (gone !== undefined && gone.from >= (points.at(-1)?.[0] ?? 0)) points.push([gone.from, held], [gone.from, null]);
    else points.push([end, held]);
    return { worker, points };
  });
}

export interface ByteSeries {
  /** Models, updates and control: what the counterfactual is about. */
  sent: Point[];
  counterfactual: Point[];
  data: Point[];
}

export function byteSeries(story: RunStory): ByteSeries {
  const series: ByteSeries = { sent: [[0, 0]], counterfactual: [[0, 0]], data: [[0, 0]] };
  for (const { atMs, traffic, counterfactual } of story.traffic) {
    const at = atMs / 1000;
    series.sent.push([at, traffic.model + traffic.update + traffic.control]);
    series.counterfactual.push([at, counterfactual]);
    series.data.push([at, traffic.data]);
  }
  const { result } = story.run;
  if (result !== null) {
    // The last word: what was still sent after the last row of traffic.
    series.sent.push([result.seconds, sentBytes(result.bytes)]);
    series.counterfactual.push([result.seconds, result.bytes.counterfactual]);
    series.data.push([result.seconds, result.bytes.data]);
  }
  return series;
}

export interface GateSeries {
  worker: string;
  /** x: the worker's local iterations, counted. */
  z: Point[];
  threshold: Point[];
  pushed: { x: number; z: number }[];
  /** Those that its bound on silence forced. */
  forced: number;
}

/** z-scores and thresholds that the gate put on record; empty where it put none. */
export function gateSeries(story: RunStory): GateSeries[] {
  return [...byWorker(story.iterations)].flatMap(([worker, records]) => {
    const z: Point[] = [];
    const threshold: Point[] = [];
    const pushed: GateSeries['pushed'] = [];
    let forced = 0;
    for (const { pushed: major, iteration } of records) {
      const { z: score, threshold: limit } = iteration.notes ?? {};
      if (iteration.pushReason === 'silence') forced += 1;
      if (limit !== undefined) threshold.push([iteration.clock, finite(limit)]);
      if (score === undefined) continue;
      z.push([iteration.clock, finite(score)]);
      if (major && Number.isFinite(score)) pushed.push({ x: iteration.clock, z: score });
    }
    return z.length === 0 ? [] : [{ worker, z, threshold, pushed, forced }];
  });
}

/** When workers were lost, until they came back or the run ended. */
export function absencesOf(story: RunStory): Map<string, { from: number; to: number }[]> {
  const end = runSeconds(story);
  const absences = new Map<string, { from: number; to: number }[]>();
  const open = new Map<string, number>();
  const close = (worker: string, to: number): void => {
    const from = open.get(worker);
    if (from === undefined) return;
    open.delete(worker);
    absences.set(worker, [...(absences.get(worker) ?? []), { from, to }]);
  };
  for (const { atMs, what, worker } of story.incidents) {
    if (worker === undefined) continue;
    if ((what === 'lost' || what === 'worker-failed') && !open.has(worker)) open.set(worker, atMs / 1000);
    if (what === 'rejoined' || what === 'joined') close(worker, atMs / 1000);
  }
  for (const worker of [...open.keys()]) close(worker, end);
  return absences;
}

export function byWorker<T extends { worker: string }>(records: readonly T[]): Map<string, T[]> {
  return new Map(
    [...Map.groupBy(records, ({ worker }) => worker)].sort(([left], [right]) => compareNames(left, right)),
  );
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
