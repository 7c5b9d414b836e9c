/** The runs there are, newest first, kept up to date by what the control plane says of changes. */
import type { RunListItem, RunsChange } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { ask, follow } from '../../state/control-plane.ts';
import { createStore } from '../../state/store.ts';

const PAGE = 100;

export interface RunsState {
  /** Null: not asked yet. */
  runs: readonly RunListItem[] | null;
  /** There are older ones. */
  more: boolean;
  error: ErrorReport | null;
}

export const runsState = createStore<RunsState>({ runs: null, more: false, error: null });

/** For as long as somebody shows them. */
export function followRuns(): () => void {
  return follow('runs', {}, (change) => runsState.update((state) => changed(state, change)), {
    refresh: () => void load(),
  });
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
