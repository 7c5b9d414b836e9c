/** Loss and accuracy of the global model against time, bytes or samples, with the target and what happened. */
import { useCallback, useMemo, useState } from 'react';
import type { Picture } from '../../../main/core/live/picture.ts';
import { type Axis, bytesAxis, niceAxis, shareAxis } from '../../../main/core/display/axis.ts';
import type { Point } from '../../../main/core/display/downsample.ts';
import { chosenPercent, clock, count, figure, percent, UNKNOWN } from '../../../main/core/display/format.ts';
import { ChartCard } from '../../charts/chart-card.tsx';
import type { Table } from '../../charts/csv-file.ts';
import { Legend, type LegendItem } from '../../charts/legend.tsx';
import { LinePlot, type PlotLine, type PlotMark } from '../../charts/line-plot.tsx';
import { MomentLayer } from '../../charts/moment-layer.tsx';
import { TIME_INSETS } from '../../charts/plot-area.ts';
import { Segmented } from '../../components/segmented.tsx';
import { runAxis } from './run-axis.ts';
import { useChartPace, useRun } from './run-context.ts';
import { runEvents } from './run-events.ts';
import { validations } from './run-figures.ts';
import { evaluationLine, type RunUnit, trainingLossLine, valueAt } from './run-lines.ts';
import { modelSummary } from './run-summaries.ts';

const HEIGHT = 226;
/** A line over the plot for the names of axes and of what happened. */
const INSETS = { ...TIME_INSETS, top: 26 };
const TITLES = { left: 'accuracy', right: 'loss' };
const US = 1e6;
const MAX_MARKS = 60;
/** More changes of allocation than these would be a smear, and of the newest alone: their own chart shows them all. */
const MAX_ALLOCATION_MARKS = 30;
/** Judgements that are so few that each is a dot, once no more come. */
const MAX_DOTS = 30;
const UNITS: readonly { value: RunUnit; label: string }[] = [
  { value: 'time', label: 'Time' },
  { value: 'bytes', label: 'Bytes' },
  { value: 'samples', label: 'Samples' },
];

export function ModelChart() {
  const { feed, isOpen, target, about } = useRun();
  const version = useChartPace();
  const [unit, setUnit] = useState<RunUnit>('time');
  const { picture } = feed;
  const drawn = useMemo(
    () => drawing(picture, unit, target, isOpen),
    // The picture grows in place: its version says that it is another.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [picture, version, unit, target, isOpen],
  );
  const { toAxis, toSeconds } = useUnit(picture, unit);
  const summary = modelSummary(picture, target);
  return (
    <ChartCard
      title="Global model"
      note={`validation rows, against ${{ time: 'time of training', bytes: 'bytes sent by all', samples: 'samples processed' }[unit]}`}
      summary={summary}
      about={about}
      controls={<Segmented label="Horizontal axis" value={unit} options={UNITS} onChange={setUnit} />}
      legend={<Legend items={drawn.legend} />}
      table={() => evaluationTable(picture)}
      empty={picture.evaluations.count === 0 ? 'The global model has not been judged yet.' : undefined}
    >
      <LinePlot
        height={HEIGHT}
        insets={INSETS}
        titles={TITLES}
        x={drawn.x}
        left={drawn.left}
        right={drawn.right}
        lines={drawn.lines}
        marks={drawn.marks}
        reference={target === null ? undefined : { value: target, label: `target ${chosenPercent(target)}` }}
        label={`Accuracy and loss of the global model. ${summary}`}
      >
        <MomentLayer
          insets={INSETS}
          axis={drawn.x}
          label="Moment shown by every chart"
          say={clock}
          toAxis={toAxis}
          toSeconds={toSeconds}
        />
      </LinePlot>
    </ChartCard>
  );
}

interface Drawn {
  x: Axis;
  left: Axis;
  right: Axis;
  lines: PlotLine[];
  marks: PlotMark[];
  legend: LegendItem[];
}

function drawing(picture: Picture, unit: RunUnit, target: number | null, isOpen: boolean): Drawn {
  const time = runAxis(picture.atUs / US, isOpen);
  // A judgement holds until the next: between pushes the global model does not change.
  const held = (of: 'accuracy' | 'loss'): readonly Point[] => {
    const points = evaluationLine(picture, of, unit);
    const last = points.at(-1);
    return unit === 'time' && isOpen && last !== undefined ? [...points, [picture.atUs / US, last[1]]] : points;
  };
  const [accuracy, loss] = [held('accuracy'), held('loss')];
  const training = unit === 'time' ? trainingLossLine(picture, { min: 0, max: picture.atUs / US }) : [];
  const farthest = Math.max(accuracy.at(-1)?.[0] ?? 0, loss.at(-1)?.[0] ?? 0);
  const dots = accuracy.length === 1 || (!isOpen && accuracy.length <= MAX_DOTS);
  const x = unit === 'time' ? time : unit === 'bytes' ? bytesAxis(farthest, 8) : niceAxis(0, farthest || 1, 8, count);
  const [low, high] = extent(accuracy);
  const lossTop = extent([...loss, ...training])[1];
  const byTime = {
    accuracy: evaluationLine(picture, 'accuracy', 'time'),
    loss: evaluationLine(picture, 'loss', 'time'),
  };
  const lines: PlotLine[] = [
    { key: 'loss', points: loss, style: 1, axis: 'right', step: true, dots },
    { key: 'accuracy', points: accuracy, style: 0, axis: 'left', step: true, dots },
  ];
  if (training.length > 1) lines.unshift({ key: 'training', points: training, style: null, axis: 'right' });
  return {
    x,
    left: shareAxis(Math.min(low, target ?? 1), Math.max(high, target ?? 0)),
    right: niceAxis(0, Number.isFinite(lossTop) ? lossTop : 1, 4),
    lines,
    marks: unit === 'time' ? marksOf(picture) : [],
    legend: [
      {
        key: 'accuracy',
        name: 'accuracy',
        swatch: { kind: 'line', style: 0 },
        at: (seconds) => percent(valueAt(byTime.accuracy, seconds), 1),
      },
      {
        key: 'loss',
        name: 'loss',
        swatch: { kind: 'line', style: 1 },
        at: (seconds) => figure(valueAt(byTime.loss, seconds)) || UNKNOWN,
      },
      ...(training.length > 1
        ? [
            {
              key: 'training',
              name: 'training loss',
              swatch: { kind: 'line' as const, style: null },
              at: (seconds: number | null) => figure(valueAt(training, seconds)),
            },
          ]
        : []),
    ],
  };
}

/** Where two words would lie on each other, what went wrong is read, and of its like the newer one. */
export function marksOf(picture: Picture): PlotMark[] {
  const marked = runEvents(picture).filter(({ isMark }) => isMark);
  const areFew = marked.filter(({ kind }) => kind === 'allocation').length <= MAX_ALLOCATION_MARKS;
  const newest = marked.filter(({ kind }) => kind !== 'allocation' || areFew).slice(0, MAX_MARKS);
  return [...newest.filter(({ tone }) => tone === 'bad'), ...newest.filter(({ tone }) => tone !== 'bad')].map(
    ({ seconds, kind, tone, short }) => ({
      x: seconds,
      tone: tone === 'bad' ? 'bad' : tone === 'warn' ? 'warn' : 'plain',
      isSmall: kind === 'allocation',
      ...(short === undefined ? {} : { label: short }),
    }),
  );
}

function extent(points: readonly Point[]): [number, number] {
  return points.reduce<[number, number]>(
    ([low, high], [, value]) => (value === null ? [low, high] : [Math.min(low, value), Math.max(high, value)]),
    [Infinity, -Infinity],
  );
}

/** From seconds to the axis' unit and back, along the judgements of the model. */
function useUnit(picture: Picture, unit: RunUnit) {
  const toAxis = useCallback(
    (seconds: number): number | null => (unit === 'time' ? seconds : between(picture, 'atUs', unit, seconds * US)),
    [picture, unit],
  );
  const toSeconds = useCallback(
    (value: number): number | null => {
      if (unit === 'time') return value;
      const at = between(picture, unit, 'atUs', value);
      return at === null ? null : at / US;
    },
    [picture, unit],
  );
  return { toAxis, toSeconds };
}

type Measure = 'atUs' | 'bytes' | 'samples';

function between(picture: Picture, from: Measure, to: Measure, value: number): number | null {
  const points = validations(picture);
  const after = points.findIndex((point) => point[from] >= value);
  const [next, before] = [points[after], points[after - 1]];
  if (next === undefined) return null;
  const [startFrom, startTo] = before === undefined ? [0, 0] : [before[from], before[to]];
  const share = next[from] === startFrom ? 1 : (value - startFrom) / (next[from] - startFrom);
  return startTo + share * (next[to] - startTo);
}

/** `training loss`: of the workers' local iterations, as the line has it at the time of the judgement. */
function evaluationTable(picture: Picture): Table {
  const training = trainingLossLine(picture, { min: 0, max: picture.atUs / US });
  return {
    columns: ['seconds', 'version', 'accuracy', 'loss', 'training loss', 'iterations', 'samples', 'bytes'],
    rows: validations(picture).map((point) => [
      point.atUs / US,
      point.version,
      point.accuracy,
      point.loss,
      valueAt(training, point.atUs / US),
      point.iterations,
      point.samples,
      point.bytes,
    ]),
  };
}
