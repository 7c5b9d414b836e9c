/** A run in plain words: what ran, on what, and how it came out. */
import type { EndReason } from '../core/metrics.ts';
import type { RunFigures } from './figures.ts';
import { bytes, chosenPercent, percent, plural, seconds } from '../core/display/format.ts';
import { sentBytes } from './figures.ts';
import type { RunStory } from './story.ts';

const ENDINGS: { readonly [R in EndReason]: string } = {
  target: 'It stopped at its target',
  'time-limit': 'It stopped at its time limit',
  'iteration-limit': 'It stopped at its limit of local iterations',
  'no-progress': 'It stopped because its accuracy got no better',
  policy: 'Its policy stopped it',
  user: 'Its user stopped it',
  'workers-lost': 'It stopped because no worker was left',
  diverged: 'It stopped because the model was no longer finite',
};

export function headline(story: RunStory, figures: RunFigures): string {
  return [subject(story, figures), outcome(story, figures), communication(figures), losses(figures)]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function subject({ run }: RunStory, figures: RunFigures): string {
  const { model, dataset } = run.config;
  const time = `${seconds(figures.seconds)}${figures.virtual ? ' of simulated time' : ''}`;
  const workers =
    figures.workers.length === 0 ? 'no worker having joined' : `${plural(figures.workers.length, 'worker')}`;
  const verb = run.status === 'running' || run.status === 'paused' ? 'has been training' : 'trained';
  if (figures.timingOnly) {
    return `${figures.policyTitle} went through the times of training ${model} on ${dataset.name} with ${workers} for ${time}; nothing was learnt.`;
  }
  return `${figures.policyTitle} ${verb} ${model} on ${dataset.name} with ${workers} for ${time}.`;
}

function outcome({ run }: RunStory, figures: RunFigures): string {
  const { target, secondsToTarget, accuracy, bestValidationAccuracy } = figures;
  const test =
    accuracy === null
      ? ''
      : figures.timingOnly
        ? `accuracies are those of a small stand-in problem, which ended at ${percent(accuracy, 2)}`
        : `the final model is right on ${percent(accuracy, 2)} of the test split`;
  if (run.result === null) {
    const word = {
      running: 'is still running',
      paused: 'is paused',
      interrupted: 'was interrupted',
      failed: 'failed',
      completed: 'has no result',
    };
    const best =
      bestValidationAccuracy === null
        ? ''
        : ` Its best validation accuracy until then was ${percent(bestValidationAccuracy, 2)}.`;
    return `The run ${word[run.status]}: what follows is what it recorded until then.${best}`;
  }
  const ending = ENDINGS[run.result.endReason];
  if (target === null) return `${ending}; ${test}.`;
  if (secondsToTarget !== null) {
    return `Validation accuracy reached the target of ${chosenPercent(target)} after ${seconds(secondsToTarget)}; ${test}.`;
  }
  const best =
    bestValidationAccuracy === null ? 'was never judged' : `came to ${percent(bestValidationAccuracy, 2)} at best`;
  return `${ending} before the target of ${chosenPercent(target)}: validation accuracy ${best}; ${test}.`;
}

function communication({ bytes: report, iterations }: RunFigures): string {
  if (report === null || report.counterfactual === 0) return '';
  return `Models, updates and control took ${bytes(sentBytes(report))}; BSP in float32, with one push and one pull in each of the ${plural(iterations, 'local iteration')}, would have taken ${bytes(report.counterfactual)}.`;
}

function losses({ workers }: RunFigures): string {
  const lost = workers.filter((worker) => worker.lost).map(({ name }) => name);
  if (lost.length === 0) return '';
  const names = lost.length > 3 ? `${lost.slice(0, 3).join(', ')} and ${lost.length - 3} more` : lost.join(', ');
  return `${plural(lost.length, 'worker')} ${lost.length === 1 ? 'was' : 'were'} lost on the way and did not come back: ${names}.`;
}

/** Short form: `saved 93.1 % of 6.5 GB (BSP, float32)`. */
export function savedAgainst(figures: RunFigures): string {
  const report = figures.bytes;
  if (report === null || report.savedPercent === null) return 'unknown against BSP in float32';
  const against = `${bytes(report.counterfactual)} (BSP, float32)`;
  if (Math.abs(report.savedPercent) < 0.05) return `as much as ${against}`;
  return report.savedPercent >= 0
    ? `saved ${percent(report.savedPercent / 100)} of ${against}`
    : `${percent(-report.savedPercent / 100)} more than ${against}`;
}
