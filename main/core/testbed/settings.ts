/** What a testbed is made from; all but the policy and the workers can be left out. */
import type { Encoding } from '../compression/encoding.ts';
import type { RunConfig } from '../config.ts';
import { type OptionValues, resolveOptions } from '../policy/options.ts';
import { PLAIN_SAMPLING, type Policy, type WorkerId } from '../policy/policy.ts';
import type { WorkerPlan } from '../protocol/messages.ts';
import { ROW_BYTES, TINY_MODEL } from './problem.ts';

export interface TestbedSettings {
  policy: Policy;
  workers: readonly WorkerId[];
  options?: OptionValues;
  seed?: number;
  trainRows?: number;
  probeRows?: number;
  validationRows?: number;
  batch?: number;
  learningRate?: number;
  momentum?: number;
  encoding?: Encoding;
  encodingDown?: Encoding;
  config?: Partial<ServerConfig>;
  /** Time that a worker says one row takes it. */
  msPerRow?: (worker: WorkerId) => number;
  /** A model is put on the wire some time after its release, as when the connection is busy. */
  deferModels?: boolean;
}

export type ServerConfig = Pick<RunConfig, 'stop' | 'evaluateEveryMs' | 'joinGraceMs' | 'lostGraceMs'>;

/** What every worker is told. */
export function planFor(settings: TestbedSettings): WorkerPlan {
  const { policy, seed = 1, trainRows = 600, probeRows = 40 } = settings;
  const options = resolveOptions(policy.name, policy.options, settings.options ?? {});
  return {
    seed,
    policy: policy.name,
    options,
    carry: policy.carry(options),
    sampling: policy.sampling?.(options) ?? PLAIN_SAMPLING,
    model: TINY_MODEL,
    learningRate: settings.learningRate ?? 0.5,
    momentum: settings.momentum ?? 0,
    gradientNorm: policy.measuresGradientNorm ?? false,
    encoding: settings.encoding ?? 'f32',
    ...(settings.encodingDown && { encodingDown: settings.encodingDown }),
    trainRows,
    probeRows,
    featureSize: ROW_BYTES - 1,
  };
}
