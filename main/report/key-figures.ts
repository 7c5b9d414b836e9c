/** The five figures at the head of a run, each with what it is measured against. */
import { sparkline } from './charts/line-chart.ts';
import type { Point } from '../core/display/downsample.ts';
import { type RunFigures, sentBytes } from './figures.ts';
import { bytes, chosenPercent, count, percent, plural, seconds, UNKNOWN } from '../core/display/format.ts';
import { savedAgainst } from './headline.ts';
import { markup, type Markup, type Part } from './markup.ts';
import { byteSeries, evaluationSeries } from './series.ts';
import type { RecordOf, RunStory } from './story.ts';

interface KeyFigure {
  name: string;
  value: string;
  note: Part;
  spark?: Markup | null;
}

/** @param bsp figures of BSP in the same report, to say what waiting would have been. */
export function keyFigures(story: RunStory, figures: RunFigures, bsp: RunFigures | null): Markup {
  return markup`<dl class="figures">${entries(story, figures, bsp).map(
    ({ name, value, note, spark }) =>
      markup`<div class="card"><dt>${name}</dt><dd class="value${value === UNKNOWN && ' none'}">${value === UNKNOWN ? 'unknown' : value}</dd><dd>${spark}</dd><dd class="note">${note}</dd></div>`,
  )}</dl>
`;
}

function entries(story: RunStory, figures: RunFigures, bsp: RunFigures | null): KeyFigure[] {
  const { bytes: report, validation, target } = figures;
  const judged = validation === null ? 'validation: not judged' : `validation: ${percent(validation.accuracy, 2)}`;
  const bspWait = bsp?.waitShare ?? null;
  return [
    {
      name: figures.timingOnly ? 'Stand-in accuracy' : 'Test accuracy',
      value: percent(figures.accuracy, 2),
      note: target === null ? judged : `${judged}, target ${chosenPercent(target)}`,
      spark: sparkline(evaluationSeries(story, 'accuracy'), 0, [0, 1]),
    },
    timeFigure(story, figures),
    {
      name: 'Communication',
      value: report === null ? UNKNOWN : bytes(sentBytes(report)),
      note: savedAgainst(figures),
      spark: sparkline(byteSeries(story).sent, 0),
    },
    {
      name: 'Waiting',
      value: percent(figures.waitShare),
      note: `of the workers’ time${bspWait === null ? '' : `; BSP: ${percent(bspWait)}`}`,
      spark: sparkline(waitingSeries(story.iterations), 1, [0, 1]),
    },
    {
      name: 'Pushes',
      value: count(figures.pushes),
      note: `of ${plural(figures.iterations, 'local iteration')}${figures.iterations > 0 ? ` (${percent(figures.pushes / figures.iterations)})` : ''}`,
      spark: sparkline(pushSeries(story.iterations), 3),
    },
  ];
}

function timeFigure({ run }: RunStory, figures: RunFigures): KeyFigure {
  const clock = figures.virtual ? ' (simulated)' : '';
  const trained = `trained for ${seconds(figures.seconds)}${clock}`;
  if (figures.target === null) {
    return {
      name: `Training time${clock}`,
      value: seconds(figures.seconds),
      note: `${count(figures.samples)} rows processed`,
    };
  }
  const reached = figures.secondsToTarget !== null;
  const open = run.status === 'running' || run.status === 'paused';
  return {
    name: `Time to ${chosenPercent(figures.target)}`,
    value: reached ? seconds(figures.secondsToTarget) : open ? 'not yet' : 'not reached',
    note: trained,
  };
}

/** Share of waiting in equal stretches of the run's iterations. */
function waitingSeries(iterations: readonly RecordOf<'iteration'>[]): Point[] {
  const stretch = Math.max(1, Math.ceil(iterations.length / 40));
  const points: Point[] = [];
  for (let start = 0; start < iterations.length; start += stretch) {
    const part = iterations.slice(start, start + stretch);
    const wait = part.reduce((sum, { iteration }) => sum + iteration.waitMs, 0);
    const compute = part.reduce((sum, { iteration }) => sum + iteration.computeMs, 0);
    if (wait + compute > 0) points.push([part[0]?.atMs ?? 0, wait / (wait + compute)]);
  }
  return points;
}

function pushSeries(iterations: readonly RecordOf<'iteration'>[]): Point[] {
  let pushes = 0;
  return iterations.filter(({ pushed }) => pushed).map(({ atMs }) => [atMs, ++pushes] as const);
}
