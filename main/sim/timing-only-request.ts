/** What to simulate when there is no data: the settings of a run, and as many rows as it would have. */
import type { Cluster } from '../core/cluster.ts';
import { modelOf, type RunConfig } from '../core/config.ts';
import { withAllocation } from '../core/policy/allocated.ts';
import type { Policy } from '../core/policy/policy.ts';
import { policyNamed } from '../core/policy/registry.ts';
import { planOf } from '../core/run-plan.ts';
import type { SimulationRequest } from './simulation.ts';

/** As MNIST has. */
const DEFAULT_ROWS = 60_000;

/**
 * The rows are those of `config.dataset.trainRows`, or 60,000, less the validation rows.
 * @throws CAD-POLICY-UNKNOWN, CAD-POLICY-OPTION, CAD-MODEL-UNKNOWN
 */
export function timingOnlyRequest(
  config: RunConfig,
  cluster: Cluster,
  policy: Policy = withAllocation(policyNamed(config.policy), config.allocation),
): SimulationRequest {
  const rows = Math.max(1, (config.dataset.trainRows ?? DEFAULT_ROWS) - config.validationRows);
  const featureSize = modelOf(config).input.reduce((product, extent) => product * extent, 1);
  return { config, cluster, policy, plan: planOf(config, policy, { rows, featureSize }), learning: 'timing-only' };
}
