/** One run, from its headline to how to repeat it. */
import type { RunStatus } from '../core/control-plane-api.ts';
import { allocationFact } from '../core/policy/allocation-words.ts';
import type { RunFigures } from './figures.ts';
import { plural, timestamp, UNKNOWN } from '../core/display/format.ts';
import { networkSummary, simulatedOnText } from './devices.ts';
import { gateCard } from './gate-card.ts';
import { headline } from './headline.ts';
import { keyFigures } from './key-figures.ts';
import { markup, type Markup, type Part } from './markup.ts';
import { card } from './parts.ts';
import {
  accuracyCard,
  batchCard,
  bytesCard,
  lanesCard,
  lossCard,
  rowsCard,
  throughputCard,
  waitingCard,
  workerBytesCard,
} from './run-charts.ts';
import { allocationCard, devicesCard, incidentsCard, workersCard } from './run-tables.ts';
import { repeatCard } from './repeat-card.ts';
import { isVirtual, type RunStory } from './story.ts';

const STATUS: { readonly [S in RunStatus]: { mark: string; tone: string } } = {
  completed: { mark: '✓', tone: 'good' },
  running: { mark: '●', tone: 'good' },
  paused: { mark: '■', tone: 'warn' },
  interrupted: { mark: '■', tone: 'warn' },
  failed: { mark: '✕', tone: 'bad' },
};

export interface RunSectionRequest {
  id: string;
  story: RunStory;
  figures: RunFigures;
  bsp: RunFigures | null;
  /** `h1` where the page has one run only. */
  heading: 'h1' | 'h2';
}

export function runSection({ id, story, figures, bsp, heading }: RunSectionRequest): Markup {
  const { run } = story;
  const request = { id, story, figures };
  const { mark, tone } = STATUS[run.status];
  const title = markup`${run.name ?? `${figures.policyTitle} · ${run.config.model} on ${run.config.dataset.name}`}<small>${run.name !== null && `${figures.policyTitle} · `}seed ${run.config.seed} · run ${run.run} · <span class="${tone} state">${mark} ${run.status}</span></small>`;
  return markup`<section class="run" id="${id}">
${heading === 'h1' ? markup`<h1>${title}</h1>` : markup`<h2>${title}</h2>`}
<p class="lead">${headline(story, figures)}</p>
${keyFigures(story, figures, bsp)}${notices(story)}<div class="grid2">
${accuracyCard(request)}${lossCard(request)}${lanesCard(request)}${throughputCard(request)}${waitingCard(request)}${rowsCard(request)}${batchCard(request)}${bytesCard(request)}${workerBytesCard(request)}${gateCard(request)}${workersCard(story, figures)}${devicesCard(story)}${allocationCard(story)}${incidentsCard(story)}${sourcesCard(story)}${repeatCard(story)}</div></section>
`;
}

function notices({ run }: RunStory): Part {
  return [
    run.error !== null &&
      markup`<p class="callout bad"><b>${run.error.code}</b> ${run.error.message}. ${run.error.remedy}</p>`,
    run.lostRecords > 0 &&
      markup`<p class="callout">${plural(run.lostRecords, 'record')} of this run could not be written to disk. Charts and logs have gaps; the figures of a finished run are complete.</p>`,
  ];
}

function sourcesCard(story: RunStory): Markup {
  const { run, workers } = story;
  const { environment, config } = run;
  const engines = [...new Set(workers.map(({ profile }) => profile.engine))].join(', ');
  const facts: [string, Part][] = [
    ['Created', timestamp(run.createdAt)],
    ['Training', `${timestamp(run.startedAt)} to ${timestamp(run.finishedAt)}`],
    ['Caduceus', environment.caduceus],
    ['Node', environment.node],
    ['Controller', `${environment.system}, ${plural(environment.cpus, 'processor')}`],
    ['Engine', `${engines === '' ? UNKNOWN : engines} on workers; ${environment.engine} judged the model`],
    [
      'Encoding',
      config.encodingDown === undefined ? config.encoding : `${config.encoding} up, ${config.encodingDown} down`,
    ],
    [
      'Optimizer',
      `learning rate ${config.learningRate}, momentum ${config.momentum}, batch ${config.batch} at the start`,
    ],
    ['Policy', policyText(run.config.policy, run.options)],
    ['Allocation', allocationFact(config.allocation, config.policy)],
    ['Network', networkSummary(story)],
    ...(isVirtual(story) ? [['Simulated on', simulatedOnText(story)] as [string, Part]] : []),
  ];
  return card({
    title: 'Made with',
    wide: true,
    body: markup`<table>${facts.map(([name, value]) => markup`<tr><td class="w muted">${name}</td><td class="text">${value}</td></tr>`)}</table>`,
  });
}

function policyText(policy: string, options: Readonly<Record<string, unknown>>): string {
  const settings = Object.entries(options).map(([name, value]) => `${name} ${String(value)}`);
  return settings.length === 0 ? policy : `${policy}: ${settings.join(', ')}`;
}
