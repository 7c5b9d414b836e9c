/** What every part of the run's screen reads. */
import { createContext, use, useCallback, useSyncExternalStore } from 'react';
import type { RunDetail } from '../../../main/core/api.ts';
import { POLICIES } from '../../../main/core/policy/registry.ts';
import { usePaced } from '../../charts/pace.ts';
import type { RunFeed } from './run-feed.ts';

export interface RunInView {
  feed: RunFeed;
  detail: RunDetail;
  /** It can still change. */
  isOpen: boolean;
  target: number | null;
  /** Beginning of the names of files. */
  about: string;
}

export const RunContext = createContext<RunInView | null>(null);

export function useRun(): RunInView {
  const run = use(RunContext);
  if (run === null) throw new Error('a part of the run’s screen is outside of it');
  return run;
}

export function isOpen({ status }: Pick<RunDetail, 'status'>): boolean {
  return status === 'running' || status === 'paused';
}

export function policyTitle(name: string): string {
  return POLICIES.find((policy) => policy.name === name)?.title ?? name;
}

/** Charts of a crowd are drawn less often: what is drawn costs more, and nobody reads single values in it. */
const FEW_WORKERS = 16;
const CHART_MS = { few: 500, many: 1000 } as const;
const CANVAS_MS = { few: 150, many: 1000 } as const;

/** Renders again in the rhythm of the charts that the library draws; answers with the version shown. */
export function useChartPace(): number {
  const { feed } = useRun();
  return usePaced(feed, feed.picture.workers.length <= FEW_WORKERS ? CHART_MS.few : CHART_MS.many);
}

/** For canvases, which are drawn without React. */
export function canvasPace(workers: number): number {
  return workers <= FEW_WORKERS ? CANVAS_MS.few : CANVAS_MS.many;
}

export function useFeedState(feed: RunFeed) {
  const state = useSyncExternalStore(feed.onState, feed.state);
  const detail = useSyncExternalStore(feed.onState, feed.detail);
  return { state, detail };
}

/** Number of workers drawn; renders again only when it changes. */
export function useWorkerCount(): number {
  const { feed } = useRun();
  const count = useCallback(() => feed.picture.workers.length, [feed]);
  return useSyncExternalStore(feed.subscribe, count);
}

/** A gate has put scores on record. */
export function useHasGate(feed: RunFeed): boolean {
  const scored = useCallback(() => feed.picture.workers.some(({ gate }) => gate.count > 0), [feed]);
  return useSyncExternalStore(feed.subscribe, scored);
}
