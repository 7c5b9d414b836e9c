/** The runs there are, newest first, kept up to date by what the control plane says of changes. */
import type { RunListItem, RunsChange } from '../../main/core/api.ts';
import type { ErrorReport } from '../../main/core/errors.ts';
import { setBadge } from '../frame/rail.tsx';
import { ask, follow } from './control-plane.ts';
import { createStore } from './store.ts';

const PAGE = 100;

export interface RunsState {
  /** Null: not asked yet. */
  runs: readonly RunListItem[] | null;
  /** There are older ones. */
  more: boolean;
  error: ErrorReport | null;
}

export const runsState = createStore<RunsState>({ runs: null, more: false, error: null });

/** The run that trains now, the newest of several. */
export function liveRun({ runs }: Pick<RunsState, 'runs'>): RunListItem | undefined {
  return runs?.find(({ live, status }) => live && (status === 'running' || status === 'paused'));
}

export function followRuns(): void {
  runsState.subscribe(showBadge);
  follow('runs', {}, (change) => runsState.update((state) => changed(state, change)), {
    refresh: () => void load(),
  });
}

function showBadge(): void {
  const live = runsState.get().runs?.filter(({ live: isLive, status }) => isLive && status === 'running').length ?? 0;
  setBadge('runs', live > 0 ? { text: `${live} live`, label: `${live} live`, tone: 'live' } : undefined);
}

async function load(): Promise<void> {
  const answer = await ask('runs.list', { limit: PAGE });
  runsState.update((state) =>
    answer.ok ? { runs: answer.value.runs, more: answer.value.more, error: null } : { ...state, error: answer.error },
  );
}

export async function loadOlder(): Promise<void> {
  const before = runsState.get().runs?.at(-1)?.run;
  if (before === undefined) return;
  const answer = await ask('runs.list', { limit: PAGE, before });
  runsState.update((state) => {
    if (!answer.ok) return { ...state, error: answer.error };
    const known = new Set(state.runs?.map(({ run }) => run));
    const added = answer.value.runs.filter(({ run }) => !known.has(run));
    return { runs: [...(state.runs ?? []), ...added], more: answer.value.more, error: null };
  });
}

export function changed(state: RunsState, change: RunsChange): RunsState {
  if (state.runs === null) return state;
  const removed = new Set(change.removed);
  const newer = new Map(change.changed.map((item) => [item.run, item]));
  const kept = state.runs.filter(({ run }) => !removed.has(run)).map((item) => newer.get(item.run) ?? item);
  const known = new Set(kept.map(({ run }) => run));
  const oldest = state.runs.at(-1)?.createdAt ?? '';
  // Older ones than those that were asked for stay on their page.
  const added = change.changed.filter(({ run, createdAt }) => !known.has(run) && (!state.more || createdAt >= oldest));
  const runs = [...added, ...kept].sort((left, right) => (left.createdAt < right.createdAt ? 1 : -1));
  return { ...state, runs };
}
