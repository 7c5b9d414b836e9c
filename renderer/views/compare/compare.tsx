/** Kept runs side by side: which ones are in the address, so that a comparison can be come back to. */
import { useEffect, useMemo, useState } from 'react';
import type { RunComparison } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState, Skeleton } from '../../components/empty-state.tsx';
import { ErrorNotice, Notice } from '../../components/notice.tsx';
import { Screen } from '../../frame/screen.tsx';
import { ask } from '../../state/control-plane.ts';
import { href, navigate, route } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { ComparisonView } from './comparison-view.tsx';
import { ComparisonExport } from './export-menu.tsx';
import './compare.css';

const MAX_DIFFERENCES = 6;

export default function Compare() {
  const { query } = useStore(route);
  const runs = query.get('runs') ?? '';
  const names = runs.split(',').filter((name) => name !== '');
  return names.length < 2 ? <NothingChosen /> : <Chosen key={runs} runs={names} />;
}

function NothingChosen() {
  return (
    <Screen title="Compare">
      <EmptyState
        icon="compare"
        title="Choose two runs or more"
        actions={
          <>
            <Button kind="primary" onClick={() => navigate(href('runs'))}>
              Choose among the runs
            </Button>
            <Button onClick={() => navigate(href('simulate'))}>Race policies in the simulator</Button>
          </>
        }
      >
        Select runs in their list and press <b>Compare</b>: their curves in one chart, against time and against bytes; a
        table with speed-ups against the run of your choice; and what each byte bought.
      </EmptyState>
    </Screen>
  );
}

type Loaded =
  | { kind: 'loading' }
  | { kind: 'loaded'; comparison: RunComparison; target: number | null }
  | { kind: 'failed'; error: ErrorReport };

function Chosen({ runs }: { runs: readonly string[] }) {
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isWanted = true;
    void Promise.all([ask('comparisons.ofRuns', { runs: [...runs] }), commonTarget(runs)]).then(([answer, target]) => {
      if (!isWanted) return;
      setLoaded(
        answer.ok ? { kind: 'loaded', comparison: answer.value, target } : { kind: 'failed', error: answer.error },
      );
    });
    return () => {
      isWanted = false;
    };
  }, [runs, attempt]);
  const actions = (
    <>
      <Button onClick={() => navigate(href('runs'))}>Choose others</Button>
      {loaded.kind === 'loaded' && <ComparisonExport of={{ runs: [...runs] }} />}
    </>
  );
  return (
    <Screen title="Compare" note={`${runs.length} runs`} actions={actions}>
      {loaded.kind === 'loading' && <Skeleton label="Reading the runs" lines={6} />}
      {loaded.kind === 'failed' && (
        <ErrorNotice
          title="The runs cannot be compared"
          error={loaded.error}
          actions={<Button onClick={() => setAttempt(attempt + 1)}>Try again</Button>}
        />
      )}
      {loaded.kind === 'loaded' && <Shown comparison={loaded.comparison} target={loaded.target} />}
    </Screen>
  );
}

interface ShownProps {
  comparison: RunComparison;
  target: number | null;
}

function Shown({ comparison: { rows, differences }, target }: ShownProps) {
  // A row is called what tells it from the others.
  const labelled = useMemo(() => rows.map((row) => ({ ...row, policy: row.label })), [rows]);
  // That policies and their options differ is what runs are compared for.
  const unfair = differences.filter(({ path }) => path !== 'policy' && !path.startsWith('options'));
  const runOf = new Map(rows.map(({ label, run }) => [label, run]));
  return (
    <>
      {unfair.length > 0 && (
        <div className="compare-differences">
          <Notice tone="warn" title="These runs differ in more than their policy">
            <ul>
              {unfair.slice(0, MAX_DIFFERENCES).map(({ path, values }) => (
                <li key={path}>
                  {path}: {[...new Set(values.map((value) => value ?? 'not set'))].join(', ')}
                </li>
              ))}
              {unfair.length > MAX_DIFFERENCES && <li>and {unfair.length - MAX_DIFFERENCES} more settings</li>}
            </ul>
          </Notice>
        </div>
      )}
      <ComparisonView
        rows={labelled}
        target={target}
        about="comparison"
        open={({ policy }) => {
          const run = runOf.get(policy);
          if (run !== undefined) navigate(href('runs', run));
        }}
      />
    </>
  );
}

/** Times to different targets are not comparable: then there is none. */
async function commonTarget(runs: readonly string[]): Promise<number | null> {
  const answers = await Promise.all(runs.map((run) => ask('runs.find', { run })));
  const targets = new Set(
    answers.map((answer) => (answer.ok ? (answer.value.config.stop.targetAccuracy ?? null) : null)),
  );
  const [target] = targets;
  return targets.size === 1 && target !== undefined ? target : null;
}
