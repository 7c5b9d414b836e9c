/** What takes a while: under way and lately ended, newest last. */
import type { JobView } from '../../main/core/api.ts';
import { ask, follow } from './control-plane.ts';
import { createStore, useSelected } from './store.ts';

export const jobs = createStore<readonly JobView[]>([]);

/** The control plane keeps fifty; so does the window. */
const MAX_JOBS = 50;

export function mergeJobs(known: readonly JobView[], changed: readonly JobView[]): JobView[] {
  const byId = new Map(known.map((job) => [job.id, job]));
  for (const job of changed) byId.set(job.id, job);
  return [...byId.values()].slice(-MAX_JOBS);
}

export function followJobs(): void {
  follow('jobs', {}, (changed) => jobs.update((known) => mergeJobs(known, changed)), {
    refresh: () =>
      void ask('jobs.list', {}).then((answer) => {
        if (answer.ok) jobs.update((known) => mergeJobs(known, answer.value));
      }),
  });
}

export function useJob(id: string | null): JobView | undefined {
  return useSelected(jobs, (all) => all.find((job) => job.id === id));
}

/** Settles with the job once it has ended, however it ended. */
export function jobEnd(id: string): Promise<JobView> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const job = jobs.get().find((each) => each.id === id);
      if (job === undefined || job.state === 'running') return false;
      resolve(job);
      return true;
    };
    if (look()) return;
    const stop = jobs.subscribe(() => {
      if (look()) stop();
    });
  });
}
