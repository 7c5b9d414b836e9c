/**
 * OmniLearn in its asynchronous form: ASP whose workers get batches in proportion to their speed.
 *
 * Rule: as ASP, with `w -= (eta / n) * (b_k / mean(b)) * g_k` on arrival; every so many iterations of all
 *   workers the batches b_k follow the measured speeds at the same sum (`omnilearn-controller.ts`).
 * Units: gradients are means over b_k rows; the factor makes an update weigh by its rows, as in BSP.
 * Source: OmniLearn (TPDS 2025) and its released code.
 * Differs: the released code does not run, and what it describes overwrites the model with the last
 *   pusher's; here gradients are applied, models pulled at every push, and nobody waits for a decision.
 *   The learning-rate factor is the paper's claim, not in its code; `rate-scaling` false leaves it out.
 * Limits: as ASP; workers of equal times push equally often, and are then equally stale.
 */
import { flagOption } from './options.ts';
import {
  addWorker,
  CONTROLLER_OPTIONS,
  type ControllerState,
  removeWorker,
  startController,
  takeTime,
} from './omnilearn-controller.ts';
import { definePolicy } from './policy.ts';
import { ROUND_SCALING_OPTION, roundScaling } from './round-scaling.ts';

interface OmniLearnAspState {
  controller: ControllerState;
  rateScaling: boolean;
  roundScaling: boolean;
}

function weightOf({ controller, rateScaling, roundScaling }: OmniLearnAspState, batch: number): number {
  const size = rateScaling ? batch / controller.batch : 1;
  return roundScaling ? size / controller.size : size;
}

export const omnilearnAsp = definePolicy<OmniLearnAspState, null>({
  name: 'omnilearn-asp',
  title: 'OmniLearn ASP',
  allocates: 'proportional',
  summary: 'ASP in which faster workers get larger mini-batches, and updates weigh by their rows.',
  options: {
    ...CONTROLLER_OPTIONS,
    'rate-scaling': { kind: 'flag', default: true, help: 'Scale the learning rate of an update by b_k / mean(b)' },
    ...ROUND_SCALING_OPTION,
  },
  carry: () => 'gradient',
  start: (setup) => ({
    controller: startController('omnilearn-asp', setup.options, setup),
    rateScaling: flagOption(setup.options, 'rate-scaling'),
    roundScaling: roundScaling(setup.options),
  }),
  step(state, event) {
    const { controller } = state;
    switch (event.type) {
      case 'joined':
        return [...addWorker(controller, event.worker), { type: 'release', worker: event.worker, model: true }];
      case 'left':
        return removeWorker(controller, event.worker);
      case 'pushed': {
        const weight = weightOf(state, event.iteration.batch);
        return [
          { type: 'apply', pushes: [{ push: event.push, weight }] },
          ...takeTime(controller, event.worker, event.iteration),
          { type: 'release', worker: event.worker, model: true },
        ];
      }
      case 'rejected':
        return [{ type: 'release', worker: event.worker, model: true }];
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: () => ({ verdict: 'push-and-wait' }),
});
