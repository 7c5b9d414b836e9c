/**
 * Asynchronous parallel.
 *
 * Rule: every worker pushes the mean gradient of one mini-batch; the server applies it on arrival,
 *   `w -= (eta / n) * g_i` for n active workers, and answers with the new model. Nobody waits for anybody
 *   else.
 * Units: gradients are means over the worker's mini-batch.
 * Source: asynchronous SGD as in Hogwild! (Niu et al. 2011) and DistBelief (Dean et al. 2012).
 * Differs: published is a step of eta for every push, `round-scaling` false; divided by n, one push of each
 *   moves the model as far as one BSP round at the same rate (`round-scaling.ts`). With one worker both are SGD.
 * Limits: gradients are stale by as many versions as others pushed meanwhile.
 */
import { uniform } from '../allocation/uniform.ts';
import { definePolicy } from './policy.ts';
import { ROUND_SCALING_OPTION, roundScaling } from './round-scaling.ts';

interface AspState {
  batch: number;
  roundScaling: boolean;
  workers: number;
}

export const asp = definePolicy<AspState, null>({
  name: 'asp',
  title: 'ASP',
  summary: 'Every worker pushes every mini-batch; the server applies it at once and nobody waits.',
  options: {
    ...ROUND_SCALING_OPTION,
  },
  carry: () => 'gradient',
  start: ({ options, batch }) => ({ batch, roundScaling: roundScaling(options), workers: 0 }),
  step(state, event) {
    switch (event.type) {
      case 'joined':
        state.workers += 1;
        return [
          { type: 'assign', worker: event.worker, assignment: uniform(state.batch), reason: 'joined' },
          { type: 'release', worker: event.worker, model: true },
        ];
      case 'left':
        state.workers -= 1;
        return [];
      case 'pushed':
        return [
          { type: 'apply', pushes: [{ push: event.push, weight: state.roundScaling ? 1 / state.workers : 1 }] },
          { type: 'release', worker: event.worker, model: true },
        ];
      case 'rejected':
        return [{ type: 'release', worker: event.worker, model: true }];
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: () => ({ verdict: 'push-and-wait' }),
});
