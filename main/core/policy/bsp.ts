/**
 * Bulk synchronous parallel.
 *
 * Rule: every worker pushes the mean gradient of one mini-batch and waits; when all active workers
 *   have pushed, `w -= eta * sum(lambda_i * g_i)` with `lambda_i = b_i / sum(b)`, and all go on with
 *   the new model.
 * Units: gradients are means over b_i rows, so the aggregate is the mean over the union of batches.
 * Source: Valiant 1990 for the model; ALGORITHMS A0 and A4 for the update.
 * Differs: a worker that leaves is no longer waited for; one that joins takes part in the round under
 *   way, on the round's model; one whose push is refused sits the round out.
 * Limits: as slow as its slowest worker.
 */
import { uniform } from '../allocation/uniform.ts';
import { definePolicy, type PolicyCommand, type PushId, type WorkerId } from './policy.ts';

interface BspState {
  batch: number;
  /** Active workers, and what the present round has of each. */
  round: Record<WorkerId, { push: PushId; samples: number } | 'training' | 'sits-out'>;
}

/** Ends the round if nobody is still training. Pushes are reduced in the order of worker names. */
function endRound(state: BspState): PolicyCommand[] {
  const workers = Object.keys(state.round).sort();
  if (workers.length === 0 || workers.some((worker) => state.round[worker] === 'training')) return [];
  const pushes = workers
    .map((worker) => state.round[worker])
    .filter((entry): entry is { push: PushId; samples: number } => typeof entry === 'object');
  const total = pushes.reduce((sum, { samples }) => sum + samples, 0);
  const commands: PolicyCommand[] = [];
  if (pushes.length > 0) {
    commands.push({ type: 'apply', pushes: pushes.map(({ push, samples }) => ({ push, weight: samples / total })) });
  }
  for (const worker of workers) {
    state.round[worker] = 'training';
    commands.push({ type: 'release', worker, model: true });
  }
  return commands;
}

export const bsp = definePolicy<BspState, null>({
  name: 'bsp',
  title: 'BSP',
  summary: 'Every worker pushes every mini-batch and waits for all others.',
  options: {},
  carry: () => 'gradient',
  start: ({ batch }) => ({ batch, round: {} }),
  step(state, event) {
    switch (event.type) {
      case 'joined':
        state.round[event.worker] = 'training';
        return [
          { type: 'assign', worker: event.worker, assignment: uniform(state.batch), reason: 'joined' },
          { type: 'release', worker: event.worker, model: true },
        ];
      case 'left':
        delete state.round[event.worker];
        return endRound(state);
      case 'pushed':
        state.round[event.worker] = { push: event.push, samples: event.iteration.samples };
        return endRound(state);
      case 'rejected':
        state.round[event.worker] = 'sits-out';
        return endRound(state);
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: () => ({ verdict: 'push-and-wait' }),
});
