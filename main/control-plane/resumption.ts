/** What an interrupted run left behind, put together again. */
import { CaduceusError } from '../core/errors.ts';
import type { ServerSnapshot } from '../core/parameter-server.ts';
import type { RunTotals } from '../core/totals.ts';
import { loadNewestCheckpoint } from '../store/checkpoint-directory.ts';
import type { Store } from '../store/runs.ts';

/** Joining comes before all that workers do. */
const FOLD_ORDER = ['worker', 'iteration', 'push', 'allocation', 'evaluation', 'traffic', 'incident'] as const;

/** @throws CAD-RUN-UNFINISHED without a checkpoint, CAD-CHECKPOINT-CORRUPT */
export async function loadSnapshot(store: Store, run: string, parameters: number): Promise<ServerSnapshot> {
  const checkpoint = await loadNewestCheckpoint(store.runDirectory(run));
  if (checkpoint === undefined) {
    throw new CaduceusError(
      'CAD-RUN-UNFINISHED',
      `run ${run} ended before its first checkpoint`,
      'Start it again with the same settings.',
    );
  }
  const { model, velocity } = checkpoint.vectors;
  if (model?.length !== parameters || (velocity && velocity.length !== parameters)) {
    throw new CaduceusError(
      'CAD-CHECKPOINT-CORRUPT',
      `the checkpoint of run ${run} belongs to another model`,
      'Start the run again with the same settings.',
    );
  }
  const state = checkpoint.state as ServerSnapshot['state'];
  return { state, vectors: { model, ...(velocity && { velocity }) } };
}

/** Takes back what came after the checkpoint, and counts what came before it. */
export function refold(store: Store, run: string, untilMs: number, totals: RunTotals): void {
  store.rewind(run, untilMs);
  for (const kind of FOLD_ORDER) {
    for (const record of store.records(run, kind)) totals.add(record);
  }
}
