/**
 * OmniLearn in its synchronous form: BSP whose workers get batches in proportion to their speed.
 *
 * Rule: as BSP, with `lambda_k = b_k / sum(b)`; every so many rounds the batches b_k follow the
 *   measured speeds at the same global batch (`omnilearn-controller.ts`). Shards are in proportion to
 *   batches, so that every row is seen equally often.
 * Units: gradients are means over b_k rows, so the aggregate is the mean over the global batch.
 * Source: OmniLearn (TPDS 2025) and its code; Taming Resource Heterogeneity 2023.
 * Differs: a parameter server where the code all-reduces. The learning rate stays, since the global
 *   batch does. `faithful` moves each worker on its own once a pass, with the code's rounding; its
 *   emulator, its loaders and its learning-rate schedules are not part of it.
 * Limits: equal times need batches small enough to divide; a step's fixed cost is not modelled.
 */
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
import {
  addWorker,
  CONTROLLER_OPTIONS,
  type ControllerState,
  removeWorker,
  startController,
  takeTime,
} from './omnilearn-controller.ts';
import { definePolicy, type PolicyCommand } from './policy.ts';

interface OmniLearnBspState {
  controller: ControllerState;
  barrier: Barrier;
}

function endRound({ barrier }: OmniLearnBspState): PolicyCommand[] {
  if (!isComplete(barrier)) return [];
  const { workers, arrivals } = open(barrier);
  return [
    ...(arrivals.length > 0 ? [{ type: 'apply', pushes: weighedBySamples(arrivals) } as const] : []),
    ...workers.map((worker) => ({ type: 'release', worker, model: true }) as const),
  ];
}

export const omnilearnBsp = definePolicy<OmniLearnBspState, null>({
  name: 'omnilearn-bsp',
  title: 'OmniLearn BSP',
  allocates: 'proportional',
  summary: 'BSP in which faster workers get larger mini-batches, so that all finish together.',
  options: {
    ...CONTROLLER_OPTIONS,
    controller: {
      kind: 'choice',
      default: 'conserved',
      choices: ['conserved', 'released'],
      help: 'Keep the global batch exact, or move each worker on its own and round up (as released)',
    },
  },
  faithful: { controller: 'released', 'dead-band': 0.2, 'time-smoothing': 0, 'adjust-every': 0 },
  carry: () => 'gradient',
  start: (setup) => ({ controller: startController('omnilearn-bsp', setup.options, setup), barrier: emptyBarrier() }),
  step(state, event) {
    const { controller, barrier } = state;
    switch (event.type) {
      case 'joined':
        join(barrier, event.worker);
        return [...addWorker(controller, event.worker), { type: 'release', worker: event.worker, model: true }];
      case 'left': {
        leave(barrier, event.worker);
        const moved = removeWorker(controller, event.worker);
        return [...moved, ...endRound(state)];
      }
      case 'pushed': {
        arrive(barrier, event);
        const moved = takeTime(controller, event.worker, event.iteration);
        return [...moved, ...endRound(state)];
      }
      case 'rejected':
        sitOut(barrier, event.worker);
        return endRound(state);
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: () => ({ verdict: 'push-and-wait' }),
});
