/** All runs, as a table; one of them where the address names it. */
import { useMemo, useState } from 'react';
import type { RunListItem } from '../../../main/core/api.ts';
import {
  bytes,
  chosenPercent,
  decimal,
  percent,
  plural,
  seconds,
  timestamp,
  UNKNOWN,
} from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState, Skeleton } from '../../components/empty-state.tsx';
import { TextField } from '../../components/field.tsx';
import { Menu } from '../../components/menu.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Screen } from '../../frame/screen.tsx';
import { useCommand } from '../../state/commands.ts';
import { perform } from '../../state/control-plane.ts';
import { href, navigate, route } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { showToast } from '../../state/toasts.ts';
import { ReportButton } from '../report/report-button.tsx';
import { policyTitle } from '../run/run-context.ts';
import { Run } from '../run/run.tsx';
import { RenameDialog } from './rename-dialog.tsx';
import { RunStatusDot } from './run-status.tsx';
import { loadOlder, runsState } from '../../state/runs.ts';
import './runs.css';

/** The longest list of runs that one comparison takes. */
const MAX_COMPARED = 32;

const KINDS = [
  { value: 'all', label: 'All' },
  { value: 'real', label: 'On workers' },
  { value: 'simulated', label: 'Simulated' },
] as const;
type Kind = (typeof KINDS)[number]['value'];

export default function Runs() {
  const { path } = useStore(route);
  const [, run] = path;
  return run === undefined ? <RunList /> : <Run key={run} run={run} />;
}

function RunList() {
  const { runs, more, error } = useStore(runsState);
  const [words, setWords] = useState('');
  const [kind, setKind] = useState<Kind>('all');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [renamed, setRenamed] = useState<RunListItem | null>(null);
  const shown = useMemo(() => (runs ?? []).filter((item) => matches(item, words, kind)), [runs, words, kind]);
  const columns = useMemo(() => columnsOf(setRenamed), []);
  const chosen = shown.filter(({ run }) => selected.has(run));
  // The others have no result yet: what they were stopped at says nothing beside one.
  const comparable = chosen.filter(({ status }) => status === 'completed');
  const leftOut = chosen.length - comparable.length;
  const canCompare = comparable.length >= 2 && comparable.length <= MAX_COMPARED;
  const compare = (): void => navigate(href('compare', { runs: comparable.map(({ run }) => run).join(',') }));
  useCommand(canCompare ? { title: `Compare ${comparable.length} runs`, group: 'Runs', run: compare } : null);

  if (runs === null) {
    return (
      <Screen title="Runs">
        {error === null ? (
          <Skeleton label="Looking for runs" lines={6} />
        ) : (
          <ErrorNotice error={error} title="The runs cannot be listed" />
        )}
      </Screen>
    );
  }
  if (runs.length === 0) {
    return (
      <Screen title="Runs">
        <EmptyState
          icon="runs"
          title="No run yet"
          actions={
            <>
              <Button kind="primary" onClick={() => navigate(href('experiment'))}>
                Set up an experiment
              </Button>
              <Button onClick={() => navigate(href('simulate'))}>Simulate policies</Button>
            </>
          }
        >
          Every training and every simulation is kept here with all it has recorded: its curves, what each worker did,
          what every byte was for. Runs can be watched, paused, resumed, compared and reported.
        </EmptyState>
      </Screen>
    );
  }
  return (
    <Screen
      title="Runs"
      note={
        chosen.length === 0
          ? plural(shown.length, 'run')
          : `${chosen.length} of ${plural(shown.length, 'run')} selected${leftOut === 0 ? '' : `; ${leftOut} not completed, not to be compared`}`
      }
      actions={
        <>
          <Button
            kind={comparable.length >= 2 ? 'primary' : 'plain'}
            disabled={!canCompare}
            title="Select two completed runs or more"
            onClick={compare}
          >
            {comparable.length >= 2 ? `Compare ${comparable.length} runs` : 'Compare'}
          </Button>
          {chosen.length > 0 && (
            <ReportButton runs={chosen.map(({ run }) => run)} name={chosen[0]?.name ?? undefined} />
          )}
          {chosen.length > 0 && (
            <Button kind="danger" icon="trash" onClick={() => void remove(chosen)}>
              Delete {chosen.length === 1 ? 'run' : `${chosen.length} runs`}
            </Button>
          )}
        </>
      }
    >
      <div className="runs-filter">
        <TextField
          label="Filter runs"
          quiet
          placeholder="Name, policy, data set, state…"
          value={words}
          onChange={setWords}
        />
        <Segmented label="Kind of run" value={kind} options={KINDS} onChange={setKind} />
      </div>
      {error !== null && <ErrorNotice error={error} compact />}
      <Card flush>
        <div className="runs-table">
          <DataTable
            label="Runs"
            rows={shown}
            columns={columns}
            rowKey={({ run }) => run}
            rowName={({ name, run }) => name ?? run}
            selected={selected}
            onSelect={setSelected}
            onOpen={({ run }) => navigate(href('runs', run))}
          />
        </div>
        {shown.length === 0 && <p className="runs-none">No run has these words.</p>}
      </Card>
      {more && (
        <Button kind="quiet" onClick={() => void loadOlder()}>
          Show older runs
        </Button>
      )}
      {renamed !== null && <RenameDialog item={renamed} onClose={() => setRenamed(null)} />}
    </Screen>
  );
}

export function matches(item: RunListItem, words: string, kind: Kind): boolean {
  if (kind === 'real' && item.virtual === true) return false;
  if (kind === 'simulated' && item.virtual !== true) return false;
  const { name, run, policy, dataset, model, status, seed } = item;
  const text = [name ?? '', run, policy, policyTitle(policy), dataset, model, status, `seed ${seed}`]
    .join(' ')
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

async function remove(items: readonly RunListItem[]): Promise<void> {
  const runs = items.map(({ run }) => run);
  if ((await perform('runs.remove', { runs })) === undefined) return;
  const [first] = items;
  const what = items.length === 1 && first !== undefined ? (first.name ?? first.run) : `${items.length} runs`;
  showToast(`${what} deleted`, { action: { label: 'Undo', run: () => void perform('runs.restore', { runs }) } });
}

function columnsOf(rename: (item: RunListItem) => void): Column<RunListItem>[] {
  return [
    {
      id: 'name',
      header: 'run',
      cell: (item) => (
        <span className="runs-name">
          <span className="cut">{item.name ?? item.run}</span>
          <span className="muted cut">{`${item.model} on ${item.dataset}, seed ${item.seed}`}</span>
        </span>
      ),
      sortBy: ({ name, run }) => name ?? run,
    },
    { id: 'status', header: 'state', cell: (item) => <RunStatusDot item={item} />, sortBy: ({ status }) => status },
    { id: 'policy', header: 'policy', cell: ({ policy }) => policyTitle(policy), sortBy: ({ policy }) => policy },
    {
      id: 'accuracy',
      header: 'accuracy',
      numeric: true,
      cell: ({ accuracy, targetAccuracy }) => (
        <span title={targetAccuracy === null ? 'no target set' : `target ${chosenPercent(targetAccuracy)}`}>
          {percent(accuracy)}
        </span>
      ),
      sortBy: ({ accuracy }) => accuracy,
    },
    {
      id: 'target',
      header: 'to target',
      numeric: true,
      needs: 'wide',
      cell: ({ secondsToTarget, targetAccuracy }) =>
        targetAccuracy === null ? <span className="muted">no target</span> : seconds(secondsToTarget),
      sortBy: ({ secondsToTarget }) => secondsToTarget,
    },
    {
      id: 'seconds',
      header: 'trained',
      numeric: true,
      cell: (item) => (
        <span title={item.virtual === true ? 'simulated time' : undefined}>
          {seconds(item.seconds)}
          {item.virtual === true && <span className="muted"> sim</span>}
        </span>
      ),
      sortBy: (item) => item.seconds,
    },
    {
      id: 'bytes',
      header: 'traffic',
      numeric: true,
      needs: 'medium',
      cell: (item) => <span title="All bytes of all workers, training rows included">{bytes(item.bytes)}</span>,
      sortBy: (item) => item.bytes,
    },
    {
      id: 'saved',
      header: 'saved',
      numeric: true,
      needs: 'medium',
      cell: ({ savedPercent }) => (
        <span title="Against BSP in float32, one push and one pull per local iteration">
          {savedPercent === null ? UNKNOWN : `${decimal(savedPercent, 1)} %`}
        </span>
      ),
      sortBy: ({ savedPercent }) => savedPercent,
    },
    {
      id: 'workers',
      header: 'workers',
      numeric: true,
      needs: 'wide',
      cell: ({ workers }) => decimal(workers),
      sortBy: ({ workers }) => workers,
    },
    {
      id: 'created',
      header: 'created',
      needs: 'wide',
      cell: ({ createdAt }) => (
        <span className="muted" title={timestamp(createdAt)}>
          {timestamp(createdAt).slice(5, 16)}
        </span>
      ),
      sortBy: ({ createdAt }) => createdAt,
    },
    {
      id: 'more',
      header: 'actions',
      width: '72px',
      cell: (item) => (
        <Menu
          label={`Actions for ${item.name ?? item.run}`}
          button={{ size: 'small' }}
          items={[
            { label: 'Rename', onSelect: () => rename(item) },
            {
              label: 'Use its devices in the simulator',
              disabled: item.status !== 'completed' || item.virtual === true,
              onSelect: () => navigate(href('simulate', { measured: item.run })),
            },
            null,
            {
              label: 'Delete',
              danger: true,
              icon: 'trash',
              disabled: item.status === 'running' || item.status === 'paused',
              onSelect: () => void remove([item]),
            },
          ]}
        />
      ),
    },
  ];
}
