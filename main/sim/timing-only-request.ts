/** What to simulate when there is no data: the settings of a run, and as many rows as it would have. */
import type { Cluster } from '../core/cluster.ts';
import { modelOf, type RunConfig } from '../core/config.ts';
import {} from '../core/model.ts';
import { resolveOptions } from '../core/policy/options.ts';
import { PLAIN_SAMPLING, type Policy } from '../core/policy/policy.ts';
import { policyNamed } from '../core/policy/registry.ts';
import type { SimulationRequest } from './simulation.ts';

/** As MNIST has. */
const DEFAULT_ROWS = 60_000;
/** As when a real run is prepared: a pool of probe rows, at most this share of all. */
const PROBE_POOL = 2;
const MAX_PROBE_SHARE = 0.25;

/**
 * The rows are those of `config.dataset.trainRows`, or 60,000, less the validation rows.
 * @throws CAD-POLICY-UNKNOWN, CAD-POLICY-OPTION, CAD-MODEL-UNKNOWN
 */
export function timingOnlyRequest(
  config: RunConfig,
  cluster: Cluster,
  policy: Policy = policyNamed(config.policy),
): SimulationRequest {
  const options = resolveOptions(policy.name, policy.options, config.options);
  const model = modelOf(config);
  const sampling = policy.sampling?.(options) ?? PLAIN_SAMPLING;
  const rows = Math.max(1, (config.dataset.trainRows ?? DEFAULT_ROWS) - config.validationRows);
  const probePool = sampling.probe === 'fixed' ? sampling.probeSize * PROBE_POOL : 0;
  const probeRows = Math.min(probePool, Math.floor(rows * MAX_PROBE_SHARE));
  return {
    config,
    cluster,
    policy,
    plan: {
      seed: config.seed,
      policy: policy.name,
      options,
      carry: policy.carry(options),
      sampling,
      model,
      learningRate: config.learningRate,
      momentum: config.momentum,
      gradientNorm: policy.measuresGradientNorm === true,
      encoding: config.encoding,
      ...(config.encodingDown !== undefined && { encodingDown: config.encodingDown }),
      trainRows: rows - probeRows,
      probeRows,
      featureSize: model.input.reduce((product, extent) => product * extent, 1),
    },
    learning: 'timing-only',
  };
}
