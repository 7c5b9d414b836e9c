/** Several runs side by side: the table first, then their lines in one chart. */
import { COUNTERFACTUAL } from '../core/accounting.ts';
import { lineChart, type LineSeries } from './charts/line-chart.ts';
import { bytesAxis, niceAxis, shareAxis, timeAxis } from '../core/display/axis.ts';
import { barsHeight, stackedBars } from './charts/stacked-bars.ts';
import { STYLE_COUNT } from './charts/series-style.ts';
import type { Point } from '../core/display/downsample.ts';
import { figuresOf, type RunFigures, sentBytes } from './figures.ts';
import { bytes, chosenPercent, count, decimal, percent, seconds, UNKNOWN } from '../core/display/format.ts';
import { byteBars } from './byte-bars.ts';
import { savedAgainst } from './headline.ts';
import { markup, type Markup, type Part } from './markup.ts';
import { card, emptyCard, legend, table } from './parts.ts';
import { labelRuns } from './run-labels.ts';
import { evaluationSeries, runSeconds } from './series.ts';
import type { RunStory } from './story.ts';

const HEIGHT_PX = 200;

export interface ComparedRun {
  story: RunStory;
  figures: RunFigures;
  /** Tells it from the others in the same report. */
  label: string;
  /** Element id of its section. */
  id: string;
}

export function comparedRuns(stories: readonly RunStory[]): ComparedRun[] {
  const labels = labelRuns(stories);
  return stories.map((story, index) => ({
    story,
    figures: figuresOf(story),
    label: labels[index] ?? story.run.run,
    id: `run${index + 1}`,
  }));
}

export function comparisonSection(runs: readonly ComparedRun[]): Markup {
  return markup`<section class="compare" id="compare">
<h1>Comparison<small>${runs.length} runs</small></h1>
<p class="lead">${summary(runs)}</p>
${differences(runs)}<div class="grid2">
${comparisonTable(runs)}${accuracyOverTime(runs)}${accuracyOverBytes(runs)}${lossOverTime(runs)}<div class="stack">${bytesOfRuns(runs)}${waitingOfRuns(runs)}</div></div></section>
`;
}

/**
 * How many times as fast as BSP a run was at the target accuracy. A lower bound where BSP never got there:
 * it would have taken longer than it was given. Null where the two cannot be compared.
 */
export function speedUp(run: RunFigures, bsp: RunFigures | null): { factor: number; atLeast: boolean } | null {
  if (bsp === null || run.secondsToTarget === null || run.secondsToTarget === 0) return null;
  if (run.target !== bsp.target || run.virtual !== bsp.virtual) return null;
  const atLeast = bsp.secondsToTarget === null;
  const factor = (bsp.secondsToTarget ?? bsp.seconds) / run.secondsToTarget;
  // That BSP had not got there sooner says nothing about a run that took longer.
  return atLeast && factor <= 1 ? null : { factor, atLeast };
}

function gainText({ factor, atLeast }: { factor: number; atLeast: boolean }): string {
  return atLeast
    ? `: more than ${decimal(factor, 2)}× as fast as BSP, which had not got there when it ended`
    : `: ${decimal(factor, 2)}× as fast as BSP`;
}

function speedUpText(run: RunFigures, bsp: RunFigures | null): string {
  const gain = speedUp(run, bsp);
  return gain === null ? UNKNOWN : `${gain.atLeast ? '> ' : ''}${decimal(gain.factor, 2)}×`;
}

export function bspAmong(runs: readonly ComparedRun[]): RunFigures | null {
  return runs.find(({ story }) => story.run.config.policy === 'bsp')?.figures ?? null;
}

function summary(runs: readonly ComparedRun[]): string {
  const bsp = bspAmong(runs);
  const reached = runs.filter(({ figures }) => figures.secondsToTarget !== null);
  const fastest = reached.toSorted(
    (left, right) => (left.figures.secondsToTarget ?? 0) - (right.figures.secondsToTarget ?? 0),
  )[0];
  if (fastest === undefined)
    return 'None of these runs has reached a target accuracy, so their times are not comparable.';
  const gain = speedUp(fastest.figures, bsp);
  const against = fastest.figures === bsp || gain === null ? '' : gainText(gain);
  const lean = runs
    .filter(({ figures }) => figures.bytes !== null)
    .toSorted((left, right) => sentOf(left.figures) - sentOf(right.figures))[0];
  const leanest =
    lean === undefined
      ? ''
      : ` ${lean.label} sent least: ${bytes(sentOf(lean.figures))}, ${savedAgainst(lean.figures)}.`;
  return `${fastest.label} was first at ${chosenPercent(fastest.figures.target)} validation accuracy, after ${seconds(fastest.figures.secondsToTarget)}${against}.${leanest}`;
}

/** Settings other than the policy in which the runs differ: then more than the policy is compared. */
function differences(runs: readonly ComparedRun[]): Part {
  const settings = runs.map(({ story }) => {
    const { policy: _policy, options: _options, name: _name, ...rest } = story.run.config;
    return flatten(rest);
  });
  const keys = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  const different = keys.filter((key) => new Set(settings.map((one) => one.get(key))).size > 1);
  if (new Set(runs.map(({ figures }) => figures.virtual)).size > 1) different.push('simulated time');
  if (different.length === 0) return null;
  const words = different.map((key) => `${key} (${settings.map((one) => one.get(key) ?? UNKNOWN).join('; ')})`);
  return markup`<p class="callout">These runs differ in more than their policy: ${words.join(', ')}.</p>`;
}

function flatten(value: object, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, held] of Object.entries(value) as [string, unknown][]) {
    if (typeof held === 'object' && held !== null && !Array.isArray(held)) {
      for (const [inner, text] of flatten(held, `${prefix}${key}.`)) flat.set(inner, text);
    } else flat.set(prefix + key, Array.isArray(held) ? held.join(' ') : String(held));
  }
  return flat;
}

function comparisonTable(runs: readonly ComparedRun[]): Markup {
  const bsp = bspAmong(runs);
  const best = (values: readonly (number | null)[], better: 'least' | 'most'): number | null => {
    const known = values.filter((value) => value !== null);
    if (known.length < 2) return null;
    return better === 'least' ? Math.min(...known) : Math.max(...known);
  };
  const fastest = best(
    runs.map(({ figures }) => figures.secondsToTarget),
    'least',
  );
  const leanest = best(
    runs.map(({ figures }) => (figures.bytes === null ? null : sentOf(figures))),
    'least',
  );
  const rightest = best(
    runs.map(({ figures }) => figures.accuracy),
    'most',
  );
  const mark = (isBest: boolean, text: string): Part => (isBest ? markup`<b>${text}</b>` : text);
  const rows = runs.map(({ label, id, figures }): Part[] => [
    markup`<a href="#${id}">${label}</a>`,
    mark(figures.secondsToTarget !== null && figures.secondsToTarget === fastest, seconds(figures.secondsToTarget)),
    speedUpText(figures, bsp),
    mark(figures.accuracy !== null && figures.accuracy === rightest, percent(figures.accuracy, 2)),
    figures.bytes === null ? UNKNOWN : mark(sentOf(figures) === leanest, bytes(sentOf(figures))),
    percent(savedShare(figures)),
    percent(figures.waitShare),
    count(figures.pushes),
    count(figures.iterations),
    seconds(figures.seconds),
    bytes(figures.bytes?.up),
    bytes(figures.bytes?.down),
    bytes(figures.bytes?.control),
    bytes(figures.bytes?.data),
  ]);
  const target = runs[0]?.figures.target ?? null;
  const number = (head: Part): { head: Part; kind: 'number' } => ({ head, kind: 'number' });
  return card({
    title: 'Side by side',
    sub: `bold: best of these; sent: updates, models and control; saved: against ${COUNTERFACTUAL}`,
    wide: true,
    body: table(
      [
        { head: 'run', kind: 'word' },
        number(`time to ${target === null ? 'target' : chosenPercent(target)}`),
        number('speed-up over BSP'),
        number(runs.some(({ figures }) => figures.timingOnly) ? 'test or stand-in accuracy' : 'test accuracy'),
        number('sent'),
        number('saved'),
        number('waiting'),
        number('pushes'),
        number('iterations'),
        number('trained'),
        number('updates ↑'),
        number('models ↓'),
        number('control'),
        number('training rows'),
      ],
      rows,
    ),
  });
}

function savedShare({ bytes: report }: RunFigures): number | null {
  return report === null || report.savedPercent === null ? null : report.savedPercent / 100;
}

function sentOf({ bytes: report }: RunFigures): number {
  return report === null ? Infinity : sentBytes(report);
}

function lines(runs: readonly ComparedRun[], of: (story: RunStory) => Point[]): LineSeries[] {
  return runs.map(({ label, story }, index) => ({
    label,
    points: of(story),
    style: index < STYLE_COUNT ? index : null,
    // A judgement holds until the next, as in the window.
    shape: 'held',
    labelled: index < STYLE_COUNT,
  }));
}

function accuracyOverTime(runs: readonly ComparedRun[]): Markup {
  const series = lines(runs, (story) => evaluationSeries(story, 'accuracy'));
  return accuracyCard(runs, series, {
    key: 'time',
    sub: 'against time',
    axis: timeAxis(Math.max(...runs.map(({ story }) => runSeconds(story)))),
  });
}

function accuracyOverBytes(runs: readonly ComparedRun[]): Markup {
  const series = lines(runs, (story) => evaluationSeries(story, 'accuracy', 'bytes'));
  const most = Math.max(0, ...series.flatMap(({ points }) => points.map(([x]) => x)));
  return accuracyCard(runs, series, { key: 'bytes', sub: 'against bytes exchanged so far', axis: bytesAxis(most, 4) });
}

function accuracyCard(
  runs: readonly ComparedRun[],
  series: LineSeries[],
  { key, sub, axis }: { key: string; sub: string; axis: ReturnType<typeof timeAxis> },
): Markup {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y ?? 0));
  if (values.length === 0) return emptyCard('Validation accuracy', 'No model was judged while it trained.');
  const targets = [...new Set(runs.map(({ figures }) => figures.target))];
  const target = targets.length === 1 ? (targets[0] ?? null) : null;
  return card({
    title: 'Validation accuracy',
    sub,
    body: lineChart({
      id: `compare-accuracy-${key}`,
      title: `Validation accuracy of ${runs.length} runs ${sub}`,
      description: runs
        .map(({ label, figures }) => `${label}: ${percent(figures.bestValidationAccuracy, 2)} at best`)
        .join('; '),
      heightPx: HEIGHT_PX,
      x: axis,
      y: shareAxis(Math.min(...values), Math.max(...values, target ?? 0)),
      series,
      ...(target !== null && { reference: { y: target, label: `target ${chosenPercent(target)}` } }),
    }),
  });
}

function lossOverTime(runs: readonly ComparedRun[]): Markup {
  const series = lines(runs, (story) => evaluationSeries(story, 'loss'));
  const values = series.flatMap(({ points }) => points.map(([, y]) => y ?? 0));
  if (values.length === 0) return emptyCard('Validation loss', 'No model was judged while it trained.');
  return card({
    title: 'Validation loss',
    sub: 'mean cross-entropy against time',
    body: lineChart({
      id: 'compare-loss',
      title: `Validation loss of ${runs.length} runs against time`,
      description: runs
        .map(({ label, figures }) => `${label}: ${decimal(figures.validation?.loss, 3)} last`)
        .join('; '),
      // As high as the two charts of bars beside it.
      heightPx: 132 + 2 * barsHeight(runs.length),
      x: timeAxis(Math.max(...runs.map(({ story }) => runSeconds(story)))),
      y: niceAxis(0, Math.max(...values)),
      series,
    }),
  });
}

function bytesOfRuns(runs: readonly ComparedRun[]): Markup {
  return byteBars({
    id: 'compare-bytes',
    title: 'Bytes by category',
    sub: 'up: to the server, down: to the workers',
    rows: runs.map(({ label, figures: { bytes: report } }) => ({
      name: label,
      traffic: report && { update: report.up, model: report.down, control: report.control, data: report.data },
    })),
  });
}

function waitingOfRuns(runs: readonly ComparedRun[]): Markup {
  const known = runs.flatMap(({ label, figures }) =>
    figures.waitShare === null ? [] : [{ label, share: figures.waitShare }],
  );
  if (known.length === 0) return emptyCard('Waiting', 'No local iteration was finished.');
  return card({
    title: 'Waiting',
    sub: 'share of all workers’ computing and waiting time',
    body: [
      legend([
        { fill: 'wait', text: 'waiting for a model' },
        { fill: 'compute', text: 'computing' },
      ]),
      stackedBars({
        id: 'compare-waiting',
        title: 'Waiting share of each run',
        description: known.map(({ label, share }) => `${label}: ${percent(share)}`).join('; '),
        axis: shareAxis(0, 1),
        rows: known.map(({ label, share }) => ({
          name: label,
          text: percent(share),
          parts: [
            { value: share, fill: 'wait', label: `waiting ${percent(share)}` },
            { value: 1 - share, fill: 'compute', label: `computing ${percent(1 - share)}` },
          ],
        })),
      }),
    ],
  });
}
