/** What every worker of a run is told, from the run's settings and the size of its data: how rows are shared out included. */
import { modelOf, type RunConfig } from './config.ts';
import { resolveOptions } from './policy/options.ts';
import { PLAIN_SAMPLING, type Policy } from './policy/policy.ts';
import type { WorkerPlan } from './protocol/messages.ts';

/** Held-out probe rows are drawn per worker from a pool this many times as large. */
const PROBE_POOL = 2;
/** The pool may take this share of the training rows. */
const MAX_PROBE_SHARE = 0.25;

/**
 * @param rows Training rows, the validation rows taken off.
 * @throws CAD-POLICY-OPTION, CAD-MODEL-UNKNOWN
 */
export function planOf(
  config: RunConfig,
  policy: Policy,
  { rows, featureSize }: { rows: number; featureSize: number },
): WorkerPlan {
  const options = resolveOptions(policy.name, policy.options, config.options);
  const sampling = policy.sampling?.(options) ?? PLAIN_SAMPLING;
  const probePool = sampling.probe === 'fixed' ? sampling.probeSize * PROBE_POOL : 0;
  const probeRows = Math.min(probePool, Math.floor(rows * MAX_PROBE_SHARE));
  return {
    seed: config.seed,
    policy: policy.name,
    options,
    carry: policy.carry(options),
    sampling,
    model: modelOf(config),
    learningRate: config.learningRate,
    momentum: config.momentum,
    gradientNorm: policy.measuresGradientNorm === true,
    encoding: config.encoding,
    ...(config.encodingDown !== undefined && { encodingDown: config.encodingDown }),
    trainRows: rows - probeRows,
    probeRows,
    featureSize,
  };
}
