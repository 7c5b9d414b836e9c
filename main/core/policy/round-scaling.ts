/**
 * How far one push moves the model where pushes are applied one by one.
 *
 * Rule: the step of a push is eta / n for n active workers, so that one push of each moves the model as
 *   far as one BSP round at the same learning rate; without `round-scaling` each push is applied in full.
 * Source: the papers apply every push in full and tune the rate for it. At one rate for all policies,
 *   which is how they are compared here, n stale steps in full are n times a BSP round: with twelve
 *   workers that is a rate at which nothing is learnt.
 * Limits: with n workers of very unequal speeds the fast ones still weigh more, as in any asynchronous model.
 */
import { flagOption, type OptionSchema, type OptionValues } from './options.ts';

export const ROUND_SCALING_OPTION = {
  'round-scaling': {
    kind: 'flag',
    default: true,
    help: 'Divide a push’s step by the number of workers: one push of each is one BSP round; false: in full (published)',
  },
} as const satisfies OptionSchema;

export function roundScaling(options: OptionValues): boolean {
  return flagOption(options, 'round-scaling');
}
