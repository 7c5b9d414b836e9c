/**
 * Bulk synchronous parallel.
 *
 * Rule: every worker pushes the mean gradient of one mini-batch and waits; when all active workers
 *   have pushed, `w -= eta * sum(lambda_i * g_i)` with `lambda_i = b_i / sum(b)`, and all go on with
 *   the new model.
 * Units: gradients are means over b_i rows, so the aggregate is the mean over the union of batches.
 * Source: Valiant 1990 for the model.
 * Differs: a worker that leaves is no longer waited for; one that joins takes part in the round under
 *   way, on the round's model; one whose push is refused sits the round out.
 * Limits: as slow as its slowest worker.
 */
import { uniform } from '../allocation/uniform.ts';
import {
  arrive,
  type Barrier,
  emptyBarrier,
  isComplete,
  join,
  leave,
  open,
  sitOut,
  weighedBySamples,
} from './barrier.ts';
import { definePolicy, type PolicyCommand } from './policy.ts';

interface BspState {
  batch: number;
  barrier: Barrier;
}

/** Ends the round if nobody is still training. */
function endRound({ barrier }: BspState): PolicyCommand[] {
  if (!isComplete(barrier)) return [];
  const { workers, arrivals } = open(barrier);
  return [
    ...(arrivals.length > 0 ? [{ type: 'apply', pushes: weighedBySamples(arrivals) } as const] : []),
    ...workers.map((worker) => ({ type: 'release', worker, model: true }) as const),
  ];
}

export const bsp = definePolicy<BspState, null>({
  name: 'bsp',
  title: 'BSP',
  summary: 'Every worker pushes every mini-batch and waits for all others.',
  options: {},
  carry: () => 'gradient',
  start: ({ batch }) => ({ batch, barrier: emptyBarrier() }),
  step(state, event) {
    switch (event.type) {
      case 'joined':
        join(state.barrier, event.worker);
        return [
          { type: 'assign', worker: event.worker, assignment: uniform(state.batch), reason: 'joined' },
          { type: 'release', worker: event.worker, model: true },
        ];
      case 'left':
        leave(state.barrier, event.worker);
        return endRound(state);
      case 'pushed':
        arrive(state.barrier, event);
        return endRound(state);
      case 'rejected':
        sitOut(state.barrier, event.worker);
        return endRound(state);
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: () => ({ verdict: 'push-and-wait' }),
});
