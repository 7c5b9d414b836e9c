/** The charts of one run. */
import { COUNTERFACTUAL } from '../core/accounting.ts';
import { fastestAlone } from '../core/fastest-alone.ts';
import { byteBars } from './byte-bars.ts';
import { lineChart, type LineSeries } from './charts/line-chart.ts';
import { laneChart } from './charts/lanes.ts';
import type { EventMark } from './charts/plot.ts';
import { bytesAxis, niceAxis, shareAxis, timeAxis } from '../core/display/axis.ts';
import { stackedBars } from './charts/stacked-bars.ts';
import type { Point } from '../core/display/downsample.ts';
import type { RunFigures } from './figures.ts';
import { chosenPercent, count, percent, plural, rate, seconds } from '../core/display/format.ts';
import type { Markup } from './markup.ts';
import { nameWorkers, type NamedWorkers } from './named-workers.ts';
import { card, emptyCard, legend } from './parts.ts';
import {
  allocationSeries,
  byteSeries,
  evaluationSeries,
  runSeconds,
  throughputSeries,
  trainingLossSeries,
  type WorkerSeries,
} from './series.ts';
import type { RunStory } from './story.ts';
import { timeLanes } from './time-lanes.ts';

const HEIGHT_PX = 176;
const MAX_LANES = 64;
const MAX_EVENT_MARKS = 24;

export interface ChartRequest {
  /** Prefix of element ids, unique in the page. */
  id: string;
  story: RunStory;
  figures: RunFigures;
}

export function accuracyCard({ id, story, figures }: ChartRequest): Markup {
  const points = evaluationSeries(story, 'accuracy');
  const title = 'Validation accuracy';
  if (points.length === 0) return emptyCard(title, 'The model was not judged while it trained.');
  const { target } = figures;
  return card({
    title,
    sub: `of the global model, ${count(story.evaluations[0]?.rows)} held-out rows, against time`,
    body: lineChart({
      id: `${id}-accuracy`,
      title: 'Validation accuracy against time',
      description: `${extent(points, (value) => percent(value, 2))} over ${seconds(runSeconds(story))}.`,
      heightPx: HEIGHT_PX,
      x: timeAxis(runSeconds(story)),
      y: shareAxis(lowest(points), Math.max(highest(points), target ?? 0)),
      series: [{ label: percent(points.at(-1)?.[1], 2), points, style: 0, shape: 'held', labelled: true }],
      ...(target !== null && { reference: { y: target, label: `target ${chosenPercent(target)}` } }),
      marks: eventMarks(story),
    }),
  });
}

export function lossCard({ id, story }: ChartRequest): Markup {
  const validation = evaluationSeries(story, 'loss');
  const training = trainingLossSeries(story);
  const all = [...validation, ...training];
  if (all.length === 0) return emptyCard('Loss', 'No loss was recorded.');
  return card({
    title: 'Loss',
    sub: 'mean cross-entropy; training: of the workers’ local iterations',
    body: lineChart({
      id: `${id}-loss`,
      title: 'Loss against time',
      description: `Validation loss: ${extent(validation, (value) => (value ?? NaN).toFixed(3))}.`,
      heightPx: HEIGHT_PX,
      x: timeAxis(runSeconds(story)),
      y: niceAxis(0, highest(all)),
      series: [
        // A judgement holds until the next, as in the window.
        { label: 'validation', points: validation, style: 0, shape: 'held', labelled: true },
        { label: 'training', points: training, style: 1, shape: 'line', labelled: true },
      ],
      marks: eventMarks(story),
    }),
  });
}

export function lanesCard({ id, story, figures }: ChartRequest): Markup {
  const names = figures.workers.map(({ name }) => name);
  if (story.iterations.length === 0) return emptyCard('Where the time went', 'No local iteration was finished.');
  const shown = names.slice(0, MAX_LANES);
  const lanes = timeLanes(story, shown);
  const pushes = lanes.some((lane) => lane.pushes.length > 0);
  const lost = lanes.some(({ absent }) => absent.length > 0);
  const shares = lanes.some(({ time }) => time.kind === 'shares');
  return card({
    title: 'Where the time went',
    sub: `${names.length > shown.length ? `${shown.length} of ${names.length} workers` : 'a lane per worker'}${shares ? '; where iterations are too short to draw, heights are shares of time' : ''}`,
    wide: true,
    body: [
      legend([
        { fill: 'compute', text: 'computing' },
        { fill: 'wait', shape: shares ? 'block' : 'thin', text: 'waiting for a model' },
        { fill: 'lane', text: 'neither: transfer, or not there yet' },
        ...(lost ? [{ fill: 'absent', shape: 'outline' as const, text: 'lost' }] : []),
        ...(pushes ? [{ fill: 'push', shape: 'triangle' as const, text: 'push' }] : []),
      ]),
      laneChart({
        id: `${id}-lanes`,
        title: 'Computing and waiting of each worker over time',
        description: 'The waiting share of every worker is in the chart of waiting and in the table of workers.',
        axis: timeAxis(runSeconds(story), 10),
        lanes,
        marks: eventMarks(story),
      }),
    ],
  });
}

export function throughputCard(request: ChartRequest): Markup {
  const { story, figures } = request;
  const fastest = fastestAlone(
    figures.workers.map(({ name, profile, samples, computeMs }) => ({
      name,
      measured: profile.samplesPerSecond,
      samples,
      computeMs,
    })),
  );
  const together = figures.samplesPerSecond;
  const against =
    fastest === null || together === null
      ? ''
      : `, ${(together / fastest.samplesPerSecond).toFixed(1)}× the fastest alone (${fastest.name}, ${rate(fastest.samplesPerSecond)} ${fastest.isMeasured ? 'when it joined' : 'while it computes'})`;
  return workerLines(request, throughputSeries(story), {
    key: 'throughput',
    title: 'Samples per second',
    sub: `by worker; together ${rate(together)}${against}`,
    shape: 'line',
    empty: 'No local iteration was finished.',
  });
}

export function rowsCard(request: ChartRequest): Markup {
  return workerLines(request, allocationSeries(request.story, 'samples'), {
    key: 'rows',
    title: 'Data set allocation',
    sub: 'rows of one local iteration, by worker',
    shape: 'step',
    empty: 'No allocation was recorded.',
  });
}

export function batchCard(request: ChartRequest): Markup {
  return workerLines(request, allocationSeries(request.story, 'batch'), {
    key: 'batch',
    title: 'Mini-batch allocation',
    sub: 'rows of one optimizer step, by worker',
    shape: 'step',
    empty: 'No allocation was recorded.',
  });
}

interface WorkerLines {
  key: string;
  title: string;
  sub: string;
  shape: LineSeries['shape'];
  empty: string;
}

function workerLines({ id, story, figures }: ChartRequest, series: WorkerSeries[], lines: WorkerLines): Markup {
  if (series.length === 0) return emptyCard(lines.title, lines.empty);
  const named: NamedWorkers = nameWorkers(figures.workers);
  const values = series.flatMap(({ points }) => points);
  return card({
    title: lines.title,
    sub: `${lines.sub}${named.note === '' ? '' : `; ${named.note}`}`,
    body: lineChart({
      id: `${id}-${lines.key}`,
      title: `${lines.title} of each worker over time`,
      description: `${plural(series.length, 'worker')}; values ${extent(values, count)}.`,
      heightPx: HEIGHT_PX,
      x: timeAxis(runSeconds(story)),
      y: niceAxis(0, highest(values), 5, count),
      series: series.map(({ worker, points }) => {
        const style = named.styleOf(worker);
        return { label: worker, points, style, shape: lines.shape, labelled: style !== null };
      }),
    }),
  });
}

export function bytesCard({ id, story }: ChartRequest): Markup {
  const { sent, counterfactual, data } = byteSeries(story);
  if (sent.length < 2) return emptyCard('Bytes', 'No traffic was recorded.');
  const series: LineSeries[] = [
    { label: 'BSP, float32', points: counterfactual, style: 1, shape: 'line', labelled: true },
    { label: 'sent', points: sent, style: 0, shape: 'line', labelled: true },
  ];
  if ((data.at(-1)?.[1] ?? 0) > 0) {
    series.push({ label: 'training rows', points: data, style: 2, shape: 'line', labelled: true });
  }
  return card({
    title: 'Bytes',
    sub: `sent (models, updates, control) against ${COUNTERFACTUAL}`,
    body: lineChart({
      id: `${id}-bytes`,
      title: 'Bytes sent against the counterfactual over time',
      description: `The counterfactual is ${COUNTERFACTUAL}.`,
      heightPx: HEIGHT_PX,
      x: timeAxis(runSeconds(story)),
      y: bytesAxis(highest([...sent, ...counterfactual, ...data])),
      series,
    }),
  });
}

export function workerBytesCard({ id, figures }: ChartRequest): Markup {
  return byteBars({
    id: `${id}-worker-bytes`,
    title: 'Bytes by worker',
    sub: 'up: to the server, down: to the worker',
    rows: figures.workers.map(({ name, bytes: traffic }) => ({ name, traffic })),
  });
}

export function waitingCard({ id, figures }: ChartRequest): Markup {
  const workers = figures.workers.filter(({ waitShare }) => waitShare !== null).slice(0, MAX_LANES);
  if (workers.length === 0) return emptyCard('Waiting', 'No local iteration was finished.');
  return card({
    title: 'Waiting',
    sub: 'share of a worker’s computing and waiting time',
    body: [
      legend([
        { fill: 'wait', text: 'waiting for a model' },
        { fill: 'compute', text: 'computing' },
      ]),
      stackedBars({
        id: `${id}-waiting`,
        title: 'Waiting share of each worker',
        description: workers.map(({ name, waitShare }) => `${name} ${percent(waitShare)}`).join(', '),
        axis: shareAxis(0, 1),
        rows: workers.map(({ name, waitShare }) => ({
          name,
          text: percent(waitShare),
          parts: [
            { value: waitShare ?? 0, fill: 'wait', label: `waiting ${percent(waitShare)}` },
            { value: 1 - (waitShare ?? 0), fill: 'compute', label: `computing ${percent(1 - (waitShare ?? 0))}` },
          ],
        })),
      }),
    ],
  });
}

function eventMarks({ incidents }: RunStory): EventMark[] {
  const telling = {
    lost: 'lost',
    rejoined: 'back',
    paused: 'paused',
    resumed: 'resumed',
    'worker-failed': 'failed',
  } as const;
  return incidents
    .flatMap(({ atMs, what, worker }) =>
      what in telling
        ? [
            {
              x: atMs / 1000,
              text: `${worker === undefined ? '' : `${worker} `}${telling[what as keyof typeof telling]}`,
            },
          ]
        : [],
    )
    .slice(0, MAX_EVENT_MARKS);
}

function lowest(points: readonly Point[]): number {
  return points.reduce((low, [, y]) => (y !== null && y < low ? y : low), Infinity);
}

function highest(points: readonly Point[]): number {
  return points.reduce((high, [, y]) => (y !== null && y > high ? y : high), -Infinity);
}

function extent(points: readonly Point[], text: (value: number | null) => string): string {
  const [low, high] = [lowest(points), highest(points)];
  return Number.isFinite(low) ? `from ${text(low)} to ${text(high)}` : 'not recorded';
}
