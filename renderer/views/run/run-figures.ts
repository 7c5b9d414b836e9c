/** The five figures at the head of a run, each with what it is measured against. */
import { fastestAlone } from '../../../main/core/fastest-alone.ts';
import type { Buckets } from '../../../main/core/live/buckets.ts';
import type { EvaluationPoint, Picture, TrafficPoint } from '../../../main/core/live/picture.ts';
import { kept } from '../../../main/core/live/thinned.ts';
import { bytes, chosenPercent, count, decimal, percent, plural, rate } from '../../../main/core/display/format.ts';
import { cellSums, rateCells } from './cells.ts';
import { timeShares } from './lane-rows.ts';

const US = 1e6;
const SPARK_CELLS = 48;

export interface HeadFigure {
  label: string;
  /** Null: not known. */
  value: string | null;
  unit?: string;
  against: string;
  spark: ArrayLike<number>;
  /** Number of a series colour. */
  style: number;
  range?: readonly [number, number];
}

export interface FigureRequest {
  picture: Picture;
  target: number | null;
  isOpen: boolean;
  /** Its clock stands still: nothing has a rate now. */
  isPaused?: boolean;
  /** The policy decides at a gate what is pushed. */
  hasGate: boolean;
}

export function headFigures(request: FigureRequest): HeadFigure[] {
  return [accuracy(request), throughput(request), communication(request), waiting(request), pushes(request)];
}

export function validations({ evaluations }: Picture): EvaluationPoint[] {
  return kept(evaluations).filter(({ split }) => split === 'validation');
}

function accuracy({ picture, target, isOpen }: FigureRequest): HeadFigure {
  const judged = validations(picture);
  const newest = judged.findLast((point) => point.accuracy !== null);
  const goal = target === null ? 'no target set' : `target ${chosenPercent(target)}`;
  return {
    label: 'Validation accuracy',
    value: newest === undefined ? null : percent(newest.accuracy),
    against: newest === undefined ? `${goal}; not judged yet` : `${goal}${isOpen ? gain(judged, newest) : ''}`,
    spark: judged.map((point) => point.accuracy ?? NaN),
    style: 0,
    range: [0, 1],
  };
}

/** What the last minute brought while it trains, where there was one before it to compare with. */
function gain(judged: readonly EvaluationPoint[], newest: EvaluationPoint): string {
  const before = judged.findLast((point) => point.atUs <= newest.atUs - 60 * US);
  if (before === undefined || before.accuracy === null || newest.accuracy === null) return '';
  const points = 100 * (newest.accuracy - before.accuracy);
  const change = decimal(points, 1);
  // What rounds to nothing has no sign.
  if (!/[1-9]/.test(change)) return ', unchanged for a minute';
  return `, ${points > 0 ? '+' : ''}${change} points in a minute`;
}

function throughput({ picture, isOpen, isPaused = false }: FigureRequest): HeadFigure {
  const seconds = picture.atUs / US;
  const spark = new Float64Array(SPARK_CELLS);
  let newest: number | null = null;
  for (const worker of picture.workers) {
    const rates = rateCells(worker, seconds, { min: 0, max: seconds }, SPARK_CELLS);
    rates.forEach((rate, cell) => (spark[cell] = (spark[cell] as number) + (Number.isNaN(rate) ? 0 : rate)));
    // Of each worker, as in their table: an iteration may take longer than any stretch of time that is looked at.
    const own = worker.now.state === 'lost' ? undefined : rates.findLast((rate) => !Number.isNaN(rate));
    if (own !== undefined) newest = (newest ?? 0) + own;
  }
  const now = isPaused ? null : newest;
  const whole = seconds > 0 && picture.sums.samples > 0 ? picture.sums.samples / seconds : null;
  const value = isOpen ? now : whole;
  return {
    label: 'Throughput, samples',
    value: value === null ? null : decimal(value, value < 100 ? 1 : 0),
    unit: '/s',
    against: againstFastest(picture, value),
    spark: picture.sums.samples === 0 ? [] : spark,
    style: 2,
  };
}

function againstFastest({ workers }: Picture, value: number | null): string {
  const fastest = fastestAlone(
    workers.map(({ name, now, sums }) => ({
      name,
      measured: now.profile?.samplesPerSecond,
      samples: sums.samples,
      computeMs: sums.computeUs / 1000,
    })),
  );
  if (fastest === null) return 'no device has been measured alone';
  const { name, samplesPerSecond, isMeasured } = fastest;
  if (value === null) return `${name} ${isMeasured ? 'alone' : 'as it computes'}: ${rate(samplesPerSecond)}`;
  return `${decimal(value / samplesPerSecond, 1)}× the fastest ${isMeasured ? 'alone when it joined' : 'as it computes by itself'} (${name})`;
}

/** Models, updates and control: what the counterfactual is about. */
export function sentBytes({ traffic }: TrafficPoint): number {
  return traffic.model + traffic.update + traffic.control;
}

export function savedShare(point: TrafficPoint): number | null {
  return point.counterfactual === 0 ? null : 1 - sentBytes(point) / point.counterfactual;
}

function communication({ picture: { traffic } }: FigureRequest): HeadFigure {
  const { last } = traffic;
  return {
    label: 'Communication',
    value: last === null ? null : bytes(sentBytes(last)),
    against: last === null ? 'against BSP in float32: not counted yet' : savedText(last),
    spark: kept(traffic).map(sentBytes),
    style: 0,
  };
}

export function savedText(point: TrafficPoint): string {
  const saved = savedShare(point);
  if (saved === null) return 'against BSP in float32: no iteration yet';
  const whole = `${bytes(point.counterfactual)} (BSP, float32)`;
  if (Math.abs(saved) < 0.0005) return `as much as ${whole}`;
  return saved > 0 ? `saved ${percent(saved)} of ${whole}` : `${percent(-saved)} more than ${whole}`;
}

function waiting({ picture }: FigureRequest): HeadFigure {
  const shares = timeShares(picture.sums);
  const axis = { min: 0, max: picture.atUs / US };
  const cells = { computeUs: new Float64Array(SPARK_CELLS), idleUs: new Float64Array(SPARK_CELLS) };
  for (const { time } of picture.workers) {
    addTo(cells.computeUs, time, 'computeUs', axis);
    addTo(cells.idleUs, time, 'heldUs', axis);
    addTo(cells.idleUs, time, 'transferUs', axis);
  }
  return {
    label: 'Waiting',
    value: shares === null ? null : percent(shares.wait + shares.transfer),
    against:
      shares === null
        ? 'of device time'
        : `of device time: ${percent(shares.wait)} for others, ${percent(shares.transfer)} in transfer`,
    spark: cells.idleUs.map((idle, cell) => idle / (idle + (cells.computeUs[cell] as number))),
    style: 1,
    range: [0, 1],
  };
}

function addTo<C extends string>(
  sums: Float64Array,
  time: Buckets<C>,
  column: C,
  axis: { min: number; max: number },
): void {
  cellSums(time, column, axis, sums.length).forEach((sum, cell) => (sums[cell] = (sums[cell] as number) + sum));
}

function pushes({ picture, hasGate }: FigureRequest): HeadFigure {
  const { sums, time, atUs } = picture;
  const added = cellSums(time, 'pushes', { min: 0, max: atUs / US }, SPARK_CELLS);
  let total = 0;
  const share = sums.iterations === 0 ? '' : ` (${percent(sums.pushes / sums.iterations)})`;
  const dropped = sums.dropped === 0 ? '' : `; ${count(sums.dropped)} dropped`;
  return {
    label: 'Pushes',
    value: sums.iterations === 0 ? null : count(sums.pushes),
    against: `of ${plural(sums.iterations, 'iteration')}${hasGate ? ' passed the gate' : ''}${share}${dropped}`,
    spark: sums.iterations === 0 ? [] : added.map((pushed) => (total += pushed)),
    style: 3,
  };
}
