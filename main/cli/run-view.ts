/** A run as it is followed from a terminal: stages, incidents, progress, Ctrl-C. */
import { policyNamed, type RunHandle, type RunObserver } from '../core/control-plane-api.ts';
import type { RunRecord, RunResult } from '../core/metrics.ts';
import { CaduceusError } from '../core/errors.ts';
import type { RunTotals } from '../core/totals.ts';
import * as format from './format.ts';
import { onInterrupt } from './interrupt.ts';
import { bar, type Terminal } from './terminal.ts';

const BAR_WIDTH = 20;

/** Starts a run with `start` and follows it to its end; Ctrl-C stops it once, then the program. */
export async function followRun(
  terminal: Terminal,
  start: (observer: RunObserver) => Promise<RunHandle>,
): Promise<RunResult> {
  const observer: RunObserver = {
    onStage: (text) => {
      terminal.line(text);
    },
    onRecord: (record, totals) => {
      if (record.type === 'incident') terminal.line(incident(record));
      terminal.progress(performance.now(), () => progress(totals));
    },
  };
  let handle: RunHandle | undefined;
  let isInterrupted = false;
  const release = onInterrupt(() => {
    isInterrupted = true;
    terminal.line('Stopping; press Ctrl-C again to leave everything to stop by itself.');
    handle?.stop();
  });
  try {
    handle = await start(observer).catch((error: unknown) => {
      // Ctrl-C at a terminal also reaches the processes that a run is prepared with: they die of it.
      throw isInterrupted ? interruptedEarly(error) : error;
    });
    if (isInterrupted) handle.stop();
    return await handle.whenDone;
  } finally {
    release();
    terminal.endProgress();
  }
}

function interruptedEarly(cause: unknown): CaduceusError {
  return new CaduceusError('CAD-INTERRUPTED', 'stopped by its user before training began', 'Start it again.', cause);
}

function incident({ atMs, what, worker, text }: RunRecord & { type: 'incident' }): string {
  const who = worker === undefined ? '' : `${worker} `;
  return `${format.seconds(atMs / 1000).padStart(9)}  ${who}${what}: ${text}`;
}

/** One line: how far, how fast, at what cost. */
function progress(totals: RunTotals): string {
  const { targetAccuracy } = totals.identity;
  const accuracy = totals.validation?.accuracy ?? null;
  const seconds = totals.atMs / 1000;
  const parts = [
    policyNamed(totals.identity.policy).title,
    ...(targetAccuracy === undefined ? [] : [bar((accuracy ?? 0) / targetAccuracy, BAR_WIDTH)]),
    `${format.percent(accuracy)}${targetAccuracy === undefined ? ' accuracy' : ` of ${format.percent(targetAccuracy, 0)}`}`,
    format.seconds(seconds),
    seconds > 0 ? `${format.count(totals.samples / seconds)} samples/s` : '– samples/s',
    `${totals.activeWorkers} training${totals.lostWorkers > 0 ? `, ${totals.lostWorkers} lost` : ''}`,
    `${format.count(totals.pushes)} of ${format.count(totals.iterations)} iterations pushed`,
  ];
  return parts.join(' · ');
}

function savedAgainst({ savedPercent, counterfactual }: RunResult['bytes']): string {
  if (savedPercent === null) return 'saving unknown';
  const against = `${format.bytes(counterfactual)}: BSP, float32`;
  if (Math.abs(savedPercent) < 0.05) return `as much as ${against}`;
  return savedPercent > 0
    ? `${savedPercent.toFixed(1)} % saved of ${against}`
    : `${(-savedPercent).toFixed(1)} % more than ${against}`;
}

/** The outcome in a few lines. @param timingOnly Nothing was learnt: the accuracy is not the model's. */
export function summary(result: RunResult, timingOnly = false): string[] {
  const { bytes } = result;
  const spent = bytes.up + bytes.down + bytes.control;
  const target =
    result.reachedTarget === null
      ? ''
      : result.reachedTarget
        ? `; target reached after ${format.seconds(result.secondsToTarget)}`
        : '; target not reached';
  return [
    `Run ${result.run}: ${policyNamed(result.policy).title}, ${result.model} on ${result.dataset}, seed ${result.seed}`,
    `  ${timingOnly ? 'timing only: accuracy of a small stand-in problem' : 'test accuracy'} ${format.percent(result.accuracy, 2)}, loss ${result.loss.toFixed(4)}, ${format.seconds(result.seconds)} of training${target}`,
    `  ${format.count(result.pushes)} pushes in ${format.count(result.iterations)} local iterations; ${format.bytes(spent)} sent` +
      ` (${savedAgainst(bytes)}), ${format.bytes(bytes.data)} of rows`,
    ...format
      .table([
        ['worker', 'samples/s', 'iterations', 'pushes', 'waiting', 'batch', 'held back by'],
        ...result.workers.map((worker) => [
          worker.name,
          format.count(worker.samplesPerSecond),
          format.count(worker.iterations),
          format.count(worker.pushes),
          format.percent(worker.waitShare, 0),
          String(worker.batchHistory.at(-1)?.batch ?? '–'),
          worker.profile.throttle ?? 'nothing',
        ]),
      ])
      .map((line) => `  ${line}`),
  ];
}
