/**
 * All that a report knows of a run: its row and its records. Whoever has them — the store, a test, a
 * simulation in memory — tells the story; everything in a report is made from it and nothing else.
 */
import type { RunRecord } from '../core/metrics.ts';
import type { RunRow, SimulatedOn } from '../core/run-row.ts';

export type RecordOf<K extends RunRecord['type']> = Extract<RunRecord, { type: K }>;

/** Decisions are for replay; reports do without them. */
export const STORY_KINDS = [
  'worker',
  'iteration',
  'push',
  'allocation',
  'evaluation',
  'traffic',
  'incident',
] as const satisfies readonly RunRecord['type'][];
export type StoryKind = (typeof STORY_KINDS)[number];

/** Records of each kind in the order of their writing. */
export interface RunStory {
  readonly run: RunRow;
  /** What it was simulated on; null for a run on real workers, and for one whose cluster was not kept. */
  readonly simulation: SimulatedOn | null;
  /** Names of devices are not those that they have, and addresses are left out. */
  readonly renamed: boolean;
  readonly workers: readonly RecordOf<'worker'>[];
  readonly iterations: readonly RecordOf<'iteration'>[];
  readonly pushes: readonly RecordOf<'push'>[];
  readonly allocations: readonly RecordOf<'allocation'>[];
  readonly evaluations: readonly RecordOf<'evaluation'>[];
  readonly traffic: readonly RecordOf<'traffic'>[];
  readonly incidents: readonly RecordOf<'incident'>[];
}

/** @param read gives the run's records of one kind; the store's `records` does. */
export function tellStory(
  run: RunRow,
  read: <K extends StoryKind>(kind: K) => Iterable<RecordOf<K>>,
  simulation: SimulatedOn | null = null,
): RunStory {
  return {
    run,
    simulation,
    renamed: false,
    workers: [...read('worker')],
    iterations: [...read('iteration')],
    pushes: [...read('push')],
    allocations: [...read('allocation')],
    evaluations: [...read('evaluation')],
    traffic: [...read('traffic')],
    incidents: [...read('incident')],
  };
}

/** The story of records in memory, all kinds mixed. */
export function storyOf(run: RunRow, records: Iterable<RunRecord>, simulation: SimulatedOn | null = null): RunStory {
  const byKind = Map.groupBy(records, ({ type }) => type);
  return tellStory(run, <K extends StoryKind>(kind: K) => (byKind.get(kind) ?? []) as RecordOf<K>[], simulation);
}

/** In simulated time. */
export function isVirtual({ run, simulation }: Pick<RunStory, 'run' | 'simulation'>): boolean {
  return simulation !== null || run.result?.virtual === true;
}
