/** What a policy is started with, from the plan that every worker gets: the same in a run and in its replay. */
import { prng } from '../prng.ts';
import type { WorkerPlan } from '../protocol/messages.ts';
import type { PolicySetup } from './policy.ts';

export function policySetup({ options, trainRows, featureSize, seed }: WorkerPlan, batch: number): PolicySetup {
  return { options, batch, trainRows, rowBytes: featureSize + 1, random: prng(seed, 'policy') };
}
