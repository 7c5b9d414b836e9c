/** What is the matter with a run, where something is, and the button that helps. */
import { useEffect, useState } from 'react';
import type { RunDetail } from '../../../main/core/api.ts';
import type { EndReason } from '../../../main/core/metrics.ts';
import { chosenPercent, decimal, percent, plural, seconds, timestamp } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice, Notice } from '../../components/notice.tsx';
import { href, navigate } from '../../state/route.ts';
import { usePaced } from '../../charts/pace.ts';
import { ResumeButton } from './run-actions.tsx';
import { useRun } from './run-context.ts';
import type { FeedState } from './run-feed.ts';

const ENDINGS: { readonly [R in EndReason]: string } = {
  target: 'stopped at its target',
  'time-limit': 'stopped at its time limit',
  'iteration-limit': 'stopped at its limit of local iterations',
  'no-progress': 'stopped because its accuracy got no better',
  policy: 'was stopped by its policy',
  user: 'was finished by its user',
  'workers-lost': 'stopped because no worker was left',
  diverged: 'stopped because the model was no longer finite',
};

export function RunBanner({ state }: { state: FeedState }) {
  const { detail } = useRun();
  return (
    <>
      {state.kind === 'disconnected' && <Disconnected since={state.since} />}
      <OfRun detail={detail} />
    </>
  );
}

function OfRun({ detail }: { detail: RunDetail }) {
  const resume = detail.resumable ? <ResumeButton run={detail.run} /> : undefined;
  const next = detail.error?.code === 'CAD-DIVERGED' ? <ChangeSettings run={detail.run} /> : resume;
  switch (detail.status) {
    case 'running':
      if (!detail.live) {
        return (
          <Notice tone="info" title="Another process trains this run">
            It can be watched here as far as it was when this screen was opened, and is steered where it was started.
          </Notice>
        );
      }
      return detail.startedAt === null ? <WaitingForWorkers detail={detail} /> : null;
    case 'paused':
      return (
        <Notice tone="info" title="Paused">
          {detail.virtual === true
            ? 'Simulated time stands still until the run goes on.'
            : 'Workers end the local iteration they are in and then wait. Time that is paused does not count.'}
        </Notice>
      );
    case 'failed':
      return detail.error === null ? (
        <Notice tone="warn" title="Failed">
          The run failed and left no word why.
        </Notice>
      ) : (
        <ErrorNotice title="The run failed" error={detail.error} actions={next} />
      );
    case 'interrupted':
      return (
        <Notice tone="warn" title="Interrupted" actions={resume}>
          {detail.resumable
            ? 'It ended before any of its limits and kept a checkpoint: it can go on from there.'
            : detail.virtual === true
              ? 'It was stopped before any of its limits. The same settings, cluster and seed give the same run again: its report says how.'
              : 'It ended before any of its limits and kept no checkpoint to go on from.'}
        </Notice>
      );
    case 'completed':
      return <Completed detail={detail} />;
  }
}

/** Where going on with the same settings leads to the same end. */
function ChangeSettings({ run }: { run: string }) {
  return (
    <Button kind="primary" onClick={() => navigate(href('experiment', { run }))}>
      Change its settings
    </Button>
  );
}

function WaitingForWorkers({ detail }: { detail: RunDetail }) {
  const { feed } = useRun();
  usePaced(feed, 500);
  // The run's own clock stands at 0 until training starts; the details were asked for before that.
  if (feed.picture.atUs > 0) return null;
  const joined = feed.picture.workers.filter(({ now }) => now.state !== 'lost').length;
  return (
    <Notice tone="info" title="Waiting for workers">
      {plural(joined, 'worker')} joined so far. Training starts when all are there, or with those that are after{' '}
      {decimal(detail.config.joinGraceMs / 1000, 1, 0)}&nbsp;s.
    </Notice>
  );
}

function Completed({ detail: { result, config, finishedAt, timingOnly } }: { detail: RunDetail }) {
  if (result === null) return null;
  const target = config.stop.targetAccuracy;
  const isAtTarget = target !== undefined && result.endReason === 'target';
  const ending = isAtTarget ? `stopped at its target of ${chosenPercent(target)}` : ENDINGS[result.endReason];
  const goal =
    target === undefined || isAtTarget
      ? ''
      : result.secondsToTarget === null
        ? ` The target of ${chosenPercent(target)} was not reached.`
        : ` The target of ${chosenPercent(target)} was reached after ${seconds(result.secondsToTarget)}.`;
  const time = `${seconds(result.seconds)}${result.virtual ? ' of simulated time' : ''}`;
  return (
    <Notice tone={target !== undefined && result.secondsToTarget === null ? 'info' : 'good'} title="Completed">
      The run {ending} after {time};{' '}
      {timingOnly
        ? `nothing was learnt: accuracies are those of a small stand-in problem, which ended at ${percent(result.accuracy, 2)}.`
        : `the final model is right on ${percent(result.accuracy, 2)} of the test rows.`}
      {goal} <span className="muted">{timestamp(finishedAt)}</span>
    </Notice>
  );
}

function Disconnected({ since }: { since: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Notice tone="warn" title="No connection to the control plane">
      What is shown is {seconds(Math.max(0, Math.round((now - since) / 1000)))} old. Training does not depend on this
      window; the picture goes on by itself once the connection is back.
    </Notice>
  );
}
