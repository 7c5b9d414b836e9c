/** Runs as lists show them, newest first, as the control plane last told of them. */
import type { RunListItem, RunsChange } from '../../main/core/api.ts';
import { setBadge } from '../frame/rail.tsx';
import { ask, follow } from './control-plane.ts';
import { createStore } from './store.ts';

export const runs = createStore<readonly RunListItem[] | null>(null);

/** Enough for the strip and the rail; the screen of runs asks for further ones. */
const LIMIT = 50;

export function mergeRuns(known: readonly RunListItem[], { changed, removed }: RunsChange): RunListItem[] {
  const gone = new Set([...removed, ...changed.map(({ run }) => run)]);
  return [...known.filter(({ run }) => !gone.has(run)), ...changed].sort((a, b) =>
    b.createdAt.localeCompare(a.createdAt),
  );
}

/** The run that trains now, the newest of several. */
export function liveRun(known: readonly RunListItem[] | null): RunListItem | undefined {
  return known?.find(({ live, status }) => live && (status === 'running' || status === 'paused'));
}

function take(list: readonly RunListItem[]): void {
  runs.set(list);
  const live = list.filter(({ live: isLive, status }) => isLive && status === 'running').length;
  setBadge('runs', live > 0 ? { text: `${live} live`, label: `${live} live`, tone: 'live' } : undefined);
}

export function followRuns(): void {
  follow('runs', {}, (change) => take(mergeRuns(runs.get() ?? [], change)), {
    refresh: () =>
      void ask('runs.list', { limit: LIMIT }).then((answer) => {
        if (answer.ok) take(answer.value.runs);
      }),
  });
}
