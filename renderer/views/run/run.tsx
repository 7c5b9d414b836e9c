/** One run, live or kept: the screen that people live in. */
import { useEffect, useMemo, useState } from 'react';
import type { RunDetail } from '../../../main/core/api.ts';
import { clock } from '../../../main/core/display/format.ts';
import { InSight } from '../../charts/in-sight.tsx';
import { MomentContext, Moment } from '../../charts/moment.ts';
import { Button } from '../../components/button.tsx';
import { Skeleton } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { Screen } from '../../frame/screen.tsx';
import { bridge } from '../../state/control-plane.ts';
import { href, navigate } from '../../state/route.ts';
import { fileName } from '../../charts/download.ts';
import { EventFeed } from './event-feed.tsx';
import { FiguresRow } from './figures-row.tsx';
import { GateChart } from './gate-chart.tsx';
import { LanesChart } from './lanes-chart.tsx';
import { ModelChart } from './model-chart.tsx';
import { RunActions } from './run-actions.tsx';
import { RunBanner } from './run-banner.tsx';
import { isOpen, policyTitle, RunContext, useFeedState, useHasGate, useRun, useWorkerCount } from './run-context.ts';
import { type FeedState, RunFeed } from './run-feed.ts';
import { settingsWords } from './settings-words.ts';
import { TrafficChart } from './traffic-chart.tsx';
import { AllocationChart, RateChart, StalenessChart } from './worker-charts.tsx';
import { WorkerTable } from './worker-table.tsx';
import './run.css';

export function Run({ run }: { run: string }) {
  const [feed] = useState(() => new RunFeed(bridge(), run));
  const [moment] = useState(() => new Moment());
  useEffect(() => {
    feed.open();
    return () => feed.close();
  }, [feed]);
  const { state, detail } = useFeedState(feed);
  if (state.kind === 'failed') {
    return (
      <Screen title="Run">
        <ErrorNotice
          title="The run cannot be shown"
          error={state.error}
          actions={
            <>
              <Button onClick={() => feed.open()}>Try again</Button>
              <Button onClick={() => navigate(href('runs'))}>All runs</Button>
            </>
          }
        />
      </Screen>
    );
  }
  if (detail === null) {
    return (
      <Screen title="Run">
        <Skeleton label="Opening the run" lines={6} />
      </Screen>
    );
  }
  return (
    <MomentContext value={moment}>
      <Opened feed={feed} detail={detail} state={state} />
    </MomentContext>
  );
}

function Opened({ feed, detail, state }: { feed: RunFeed; detail: RunDetail; state: FeedState }) {
  const open = isOpen(detail);
  const title = policyTitle(detail.config.policy);
  const inView = useMemo(
    () => ({
      feed,
      detail,
      isOpen: open && state.kind === 'open',
      target: detail.config.stop.targetAccuracy ?? null,
      about: fileName(detail.name ?? detail.run, title),
    }),
    [feed, detail, open, state.kind, title],
  );
  const hasGate = useHasGate(feed);
  return (
    <RunContext value={inView}>
      <Screen
        title={detail.name === null ? `${title} on ${detail.config.dataset.name}` : `${detail.name} · ${title}`}
        note={<SettingsNote />}
        actions={<RunActions detail={detail} />}
      >
        <div className="run">
          <RunBanner state={state} />
          <FiguresRow hasGate={hasGate} />
          <div className="run-main">
            <div className="run-column">
              <InSight>
                <ModelChart />
              </InSight>
              <InSight>
                <LanesChart />
              </InSight>
            </div>
            <div className="run-column">
              <InSight>
                <WorkerTable />
              </InSight>
              <InSight>
                <EventFeed />
              </InSight>
            </div>
          </div>
          <div className="run-more">
            <InSight>
              <RateChart />
            </InSight>
            <InSight>
              <AllocationChart />
            </InSight>
            <InSight>
              <TrafficChart />
            </InSight>
            {hasGate && (
              <InSight className="run-wide">
                <GateChart />
              </InSight>
            )}
            <InSight>
              <StalenessChart />
            </InSight>
          </div>
        </div>
      </Screen>
    </RunContext>
  );
}

function SettingsNote() {
  const { detail, feed } = useRun();
  const count = useWorkerCount();
  const time = detail.result === null ? '' : ` · ${clock(detail.result.seconds)}`;
  const joined = count + feed.picture.undrawnWorkers;
  // Before the start those that are awaited, where their number is known.
  const { local, devices } = detail.config.workers;
  const isListed = devices.every((name) => name !== 'all' && !name.startsWith('tag:'));
  const workers = detail.startedAt === null && isListed ? Math.max(joined, local + devices.length) : joined;
  return <>{`${settingsWords(detail, workers)}${time}`}</>;
}
