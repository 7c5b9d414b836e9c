/**
 * Asynchronous parallel.
 *
 * Rule: every worker pushes the mean gradient of one mini-batch; the server applies it on arrival,
 *   `w -= eta * g_i`, and answers with the new model. Nobody waits for anybody else.
 * Units: gradients are means over the worker's mini-batch.
 * Source: Hogwild!/DistBelief style asynchronous SGD; ALGORITHMS A0 and A4.
 * Differs: with `round-scaling` the step is eta / n for n active workers, so that one push of each
 *   moves the model as far as one BSP round does.
 * Limits: gradients are stale by as many versions as others pushed meanwhile.
 */
import { uniform } from '../allocation/uniform.ts';
import { flagOption } from './options.ts';
import { definePolicy } from './policy.ts';

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
    'round-scaling': {
      kind: 'flag',
      default: false,
      help: 'Divide the learning rate by the number of active workers',
    },
  },
  carry: () => 'gradient',
  start: ({ options, batch }) => ({ batch, roundScaling: flagOption(options, 'round-scaling'), workers: 0 }),
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
