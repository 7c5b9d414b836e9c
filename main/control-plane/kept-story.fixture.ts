/** Invented runs in a data directory, as if they had been trained. */
import type { RunStory } from '../report/story.ts';
import { openStore } from '../store/runs.ts';

/** @returns the run's identifier. */
export function keepStory(home: string, { run: row, simulation, renamed: _, ...records }: RunStory): string {
  const store = openStore(home);
  try {
    const { config, options, environment, result, error, status, name } = row;
    const run = store.createRun({
      config,
      options,
      environment,
      ...(name !== null && { name }),
      ...(simulation && { simulation }),
    });
    const recorder = store.recorder(run);
    const all = Object.values(records).flat();
    for (const record of all.sort((one, other) => one.atMs - other.atMs)) recorder.record(record);
    if (status === 'running' || status === 'paused') throw new RangeError('nobody trains a run that is kept');
    store.finish(run, { status, ...(result && { result: { ...result, run } }), ...(error && { error }) });
    return run;
  } finally {
    store.close();
  }
}
