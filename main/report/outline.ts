/**
 * A report as plain blocks — headings, sentences, tables, listings — for formats that are text: Markdown
 * and LaTeX say the same because both are made from this.
 */
import { COUNTERFACTUAL } from '../core/accounting.ts';
import { allocationFact } from '../core/policy/allocation-words.ts';
import { bspAmong, type ComparedRun, speedUp } from './comparison.ts';
import { DEVICE_COLUMNS, DEVICES_NOTE, devicesOf, networkSummary, simulatedOnText } from './devices.ts';
import { type RunFigures, sentBytes } from './figures.ts';
import {
  bytes,
  chosenPercent,
  clock,
  count,
  decimal,
  percent,
  plural,
  seconds,
  timestamp,
  UNKNOWN,
} from '../core/display/format.ts';
import { headline, savedAgainst } from './headline.ts';
import { listedText, repetitionOf, tooLongText } from './repeat.ts';
import { isVirtual, type RecordOf, type RunStory } from './story.ts';

export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'table'; caption: string; columns: readonly TableColumn[]; rows: readonly (readonly string[])[] }
  | { kind: 'listing'; text: string };

export interface TableColumn {
  head: string;
  align: 'left' | 'right';
  /** One of several columns whose words take more than one line where a page has no room. */
  wraps?: boolean;
}

/** Longer logs go to the CSV files. */
const MAX_ROWS = 40;

const left = (head: string): TableColumn => ({ head, align: 'left' });
const right = (head: string): TableColumn => ({ head, align: 'right' });

export function outline(runs: readonly ComparedRun[]): Block[] {
  const [only] = runs;
  if (runs.length === 1 && only !== undefined) return runBlocks(only, 1);
  return [
    { kind: 'heading', level: 1, text: `Comparison of ${runs.length} runs` },
    comparisonBlock(runs),
    {
      kind: 'paragraph',
      text: `To target: time until validation accuracy reached the target. Accuracy: on the test split${runs.some(({ figures }) => figures.timingOnly) ? ', of runs of timing only that of a small stand-in problem' : ''}. Sent: updates, models and control. Saved: against ${COUNTERFACTUAL}.`,
    },
    ...runs.flatMap((run) => runBlocks(run, 2)),
  ];
}

function comparisonBlock(runs: readonly ComparedRun[]): Block {
  const bsp = bspAmong(runs);
  const rows = runs.map(({ label, figures }) => [
    label,
    seconds(figures.secondsToTarget),
    speedUpText(figures, bsp),
    percent(figures.accuracy, 2),
    figures.bytes === null ? UNKNOWN : bytes(sentBytes(figures.bytes)),
    savedText(figures),
    percent(figures.waitShare),
    count(figures.pushes),
    count(figures.iterations),
    seconds(figures.seconds),
  ]);
  const heads = ['to target', 'against BSP', 'accuracy', 'sent', 'saved', 'waiting', 'pushes'];
  const columns = [left('run'), ...[...heads, 'iterations', 'trained'].map(right)];
  return { kind: 'table', caption: 'Runs side by side', columns, rows };
}

function savedText({ bytes: report }: RunFigures): string {
  return percent(report === null || report.savedPercent === null ? null : report.savedPercent / 100);
}

function speedUpText(run: RunFigures, bsp: RunFigures | null): string {
  const gain = speedUp(run, bsp);
  return gain === null ? UNKNOWN : `${gain.atLeast ? 'more than ' : ''}${decimal(gain.factor, 2)}×`;
}

function runBlocks({ story, figures, label }: ComparedRun, level: 1 | 2): Block[] {
  const { run } = story;
  const below = level === 1 ? 2 : 3;
  const title = run.name ?? `${label} · ${run.config.model} on ${run.config.dataset.name}`;
  const heading = (text: string): Block => ({ kind: 'heading', level: below, text });
  return [
    { kind: 'heading', level, text: title },
    { kind: 'paragraph', text: headline(story, figures) },
    ...(run.error === null
      ? []
      : [{ kind: 'paragraph', text: `${run.error.code}: ${run.error.message}. ${run.error.remedy}` } as const]),
    heading('Outcome'),
    outcomeBlock(figures),
    heading('Workers'),
    workersBlock(story, figures),
    heading('Devices'),
    ...deviceBlocks(story),
    heading('Changes of allocation'),
    ...allocationBlocks(story),
    heading('Incidents'),
    ...incidentBlocks(story),
    heading('What ran, and how to repeat it'),
    sourcesBlock(story, figures),
    ...repetitionBlocks(story),
  ];
}

function repetitionBlocks(story: RunStory): Block[] {
  const { command, files, notes } = repetitionOf(story);
  return [
    { kind: 'listing', text: command },
    { kind: 'paragraph', text: notes.join(' ') },
    ...files.flatMap((file): Block[] => {
      const text = listedText(file);
      if (text === null) return [{ kind: 'paragraph', text: tooLongText(file) }];
      return [
        { kind: 'paragraph', text: `${file.name}, the ${file.holds}:` },
        { kind: 'listing', text },
      ];
    }),
  ];
}

function outcomeBlock(figures: RunFigures): Block {
  const report = figures.bytes;
  const target = figures.target === null ? 'none' : chosenPercent(figures.target);
  const rows = [
    [figures.timingOnly ? 'accuracy of the stand-in problem' : 'test accuracy', percent(figures.accuracy, 2)],
    [figures.timingOnly ? 'loss of the stand-in problem' : 'test loss, nats', decimal(figures.loss, 4)],
    ['target validation accuracy', target],
    ['time to target', seconds(figures.secondsToTarget)],
    [`trained for${figures.virtual ? ' (simulated)' : ''}`, seconds(figures.seconds)],
    ['local iterations', count(figures.iterations)],
    ['pushes', count(figures.pushes)],
    ['rows processed', count(figures.samples)],
    ['waiting, of the workers’ time', percent(figures.waitShare)],
    ['updates, up', bytes(report?.up)],
    ['models, down', bytes(report?.down)],
    ['control', bytes(report?.control)],
    ['training rows', bytes(report?.data)],
    ['communication', savedAgainst(figures)],
  ];
  return { kind: 'table', caption: 'Outcome', columns: [left('figure'), right('value')], rows };
}

function workersBlock({ allocations }: RunStory, { workers }: RunFigures): Block {
  if (workers.length === 0) return { kind: 'paragraph', text: 'No worker joined this run.' };
  const newest = new Map(allocations.map(({ worker, assignment }) => [worker, assignment]));
  const rows = workers.map((worker) => [
    `${worker.name}${worker.lost ? ' (lost)' : ''}`,
    worker.profile.engine,
    decimal(worker.samplesPerSecond, 0),
    count(worker.iterations),
    count(worker.pushes),
    percent(worker.waitShare),
    decimal(worker.staleness, 1),
    count(newest.get(worker.name)?.samples),
    count(newest.get(worker.name)?.batch),
    bytes(worker.bytes && worker.bytes.model + worker.bytes.update + worker.bytes.control),
  ]);
  const heads = ['samples/s', 'iterations', 'pushes', 'waiting', 'staleness', 'rows', 'batch', 'sent'];
  return {
    kind: 'table',
    caption: 'Workers',
    columns: [left('worker'), left('engine'), ...heads.map(right)],
    rows,
  };
}

function deviceBlocks(story: RunStory): Block[] {
  const devices = devicesOf(story);
  if (devices.length === 0) return [{ kind: 'paragraph', text: 'No device joined this run.' }];
  const columns = DEVICE_COLUMNS.map(({ head, kind }) => ({
    ...(kind === 'number' ? right(head) : left(head)),
    wraps: kind === 'text',
  }));
  const rows = devices.map((device) => DEVICE_COLUMNS.map(({ of }) => of(device)));
  return [
    ...limited({ kind: 'table', caption: 'Devices', columns, rows }),
    { kind: 'paragraph', text: `Devices: ${DEVICES_NOTE}.` },
  ];
}

function allocationBlocks({ allocations }: RunStory): Block[] {
  if (allocations.length === 0) return [{ kind: 'paragraph', text: 'No allocation was recorded.' }];
  const before = new Map<string, RecordOf<'allocation'>['assignment']>();
  const rows = allocations.map(({ atMs, worker, assignment, reason }) => {
    const old = before.get(worker);
    before.set(worker, assignment);
    return [
      clock(atMs / 1000),
      worker,
      change(old?.samples, assignment.samples),
      change(old?.batch, assignment.batch),
      reason,
    ];
  });
  const columns = [right('at'), left('worker'), right('rows'), right('batch'), left('reason')];
  return limited({ kind: 'table', caption: 'Changes of allocation', columns, rows });
}

function change(before: number | undefined, after: number): string {
  return before === undefined || before === after ? count(after) : `${count(before)} → ${count(after)}`;
}

function incidentBlocks({ incidents }: RunStory): Block[] {
  if (incidents.length === 0) return [{ kind: 'paragraph', text: 'Nothing happened that is worth a line.' }];
  const rows = incidents.map(({ atMs, level, what, worker, text }) => [
    clock(atMs / 1000),
    level,
    what.replace('-', ' '),
    worker ?? UNKNOWN,
    text,
  ]);
  const columns = [right('at'), left('level'), left('what'), left('worker'), left('text')];
  return limited({ kind: 'table', caption: 'Incidents', columns, rows });
}

/** The first and the last rows of a long log, and how many are left out between. */
function limited(block: Block & { kind: 'table' }): Block[] {
  const { rows } = block;
  if (rows.length <= MAX_ROWS) return [block];
  const half = MAX_ROWS / 2;
  const note = `${plural(rows.length - MAX_ROWS, 'row')} left out in the middle; the CSV report has all.`;
  return [
    { ...block, rows: [...rows.slice(0, half), ...rows.slice(-half)] },
    { kind: 'paragraph', text: note },
  ];
}

function sourcesBlock(story: RunStory, { policyTitle }: RunFigures): Block {
  const { run, workers } = story;
  const { environment, config } = run;
  const engines = [...new Set(workers.map(({ profile }) => profile.engine))].join(', ');
  const options = Object.entries(run.options).map(([name, value]) => `${name} ${String(value)}`);
  const rows = [
    ['run', run.run],
    ['status', run.status],
    ['created', timestamp(run.createdAt)],
    ['trained', `${timestamp(run.startedAt)} to ${timestamp(run.finishedAt)}`],
    ['policy', options.length === 0 ? policyTitle : `${policyTitle}: ${options.join(', ')}`],
    ['allocation', allocationFact(config.allocation, config.policy)],
    ['seed', String(config.seed)],
    [
      'encoding',
      config.encodingDown === undefined ? config.encoding : `${config.encoding} up, ${config.encodingDown} down`,
    ],
    [
      'optimizer',
      `learning rate ${config.learningRate}, momentum ${config.momentum}, batch ${config.batch} at the start`,
    ],
    ['Caduceus', environment.caduceus],
    ['Node', environment.node],
    ['controller', `${environment.system}, ${plural(environment.cpus, 'processor')}`],
    ['engine', `${engines === '' ? UNKNOWN : engines} on workers; ${environment.engine} judged the model`],
    ['network', networkSummary(story)],
    ...(isVirtual(story) ? [['simulated on', simulatedOnText(story)]] : []),
  ];
  return { kind: 'table', caption: 'What ran', columns: [left('what'), left('value')], rows };
}
