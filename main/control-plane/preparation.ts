/**
 * From settings to everything a run is made of, before anything is started: policy and options,
 * model, rows and their splits, the plan that every worker gets. What is wrong is said here.
 */
import { modelOf, type RunConfig } from '../core/config.ts';
import { CaduceusError } from '../core/errors.ts';
import { initialParameters, type ModelSpec, modelLayout } from '../core/model.ts';
import type { ParameterLayout, Vector } from '../core/parameters.ts';
import { resolveOptions } from '../core/policy/options.ts';
import { PLAIN_SAMPLING, type Policy } from '../core/policy/policy.ts';
import { policyNamed } from '../core/policy/registry.ts';
import { permutation, prng } from '../core/prng.ts';
import { ROWS_PER_BLOCK, type WorkerPlan } from '../core/protocol/messages.ts';
import { policySetup } from '../core/policy/setup.ts';
import { type Rows, takeRows } from '../learn/datasets/dataset.ts';
import { openDataset } from '../learn/datasets/registry.ts';
import { splitRows } from '../learn/datasets/splits.ts';

/** Held-out probe rows are drawn per worker from a pool this many times as large. */
const PROBE_POOL = 2;
/** The pool may take this share of the training rows. */
const MAX_PROBE_SHARE = 0.25;

export interface PreparedRun {
  config: RunConfig;
  policy: Policy;
  plan: WorkerPlan;
  model: ModelSpec;
  layout: ParameterLayout;
  initial: Vector;
  validation: Rows;
  test: Rows;
  datasetSource: string;
  /** Rows at positions from `block * ROWS_PER_BLOCK`; features, then labels. Undefined past the end. */
  rowsOfBlock(block: number): { count: number; payload: Uint8Array } | undefined;
}

/** @throws CaduceusError with the code of whatever part of the settings cannot be had. */
export async function prepareRun(config: RunConfig): Promise<PreparedRun> {
  const policy = policyNamed(config.policy);
  const options = resolveOptions(policy.name, policy.options, config.options);
  const model = modelOf(config);
  const { name, dataDir, trainRows, testRows } = config.dataset;
  const dataset = await openDataset(name, {
    seed: config.seed,
    ...(dataDir !== undefined && { dataDir }),
    ...(trainRows !== undefined && { trainRows }),
    ...(testRows !== undefined && { testRows }),
  });
  refuseMismatch(model, dataset, config);
  const { train, validation } = splitRows(dataset.train, { validationRows: config.validationRows, seed: config.seed });
  const sampling = policy.sampling?.(options) ?? PLAIN_SAMPLING;
  const probePool = sampling.probe === 'fixed' ? sampling.probeSize * PROBE_POOL : 0;
  const probeRows = Math.min(probePool, Math.floor(train.count * MAX_PROBE_SHARE));
  const plan: WorkerPlan = {
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
    trainRows: train.count - probeRows,
    probeRows,
    featureSize: dataset.featureSize,
  };
  // Options that contradict each other or the run's batch are refused here, before anything starts.
  policy.start(policySetup(plan, config.batch));
  const order = permutation(prng(config.seed, 'positions'), train.count);
  return {
    config,
    policy,
    plan,
    model,
    layout: modelLayout(model),
    initial: initialParameters(model, config.seed),
    validation,
    test: dataset.test,
    datasetSource: dataset.source,
    rowsOfBlock(block) {
      const positions = order.subarray(block * ROWS_PER_BLOCK, (block + 1) * ROWS_PER_BLOCK);
      if (positions.length === 0) return undefined;
      const { features, labels, count } = takeRows(train, positions);
      const payload = new Uint8Array(features.length + labels.length);
      payload.set(features);
      payload.set(labels, features.length);
      return { count, payload };
    },
  };
}

function refuseMismatch(
  model: ModelSpec,
  dataset: { name: string; shape: number[]; featureSize: number; classes: number; train: Rows },
  { validationRows }: RunConfig,
): void {
  const inputs = model.input.reduce((product, extent) => product * extent, 1);
  if (inputs !== dataset.featureSize || model.classes < dataset.classes) {
    throw new CaduceusError(
      'CAD-CONFIG',
      `the model ${model.name} takes ${model.input.join('×')} and tells ${model.classes} classes apart; ` +
        `${dataset.name} has ${dataset.shape.join('×')} and ${dataset.classes}`,
      'Choose a model for this data set.',
    );
  }
  if (validationRows >= dataset.train.count) {
    throw new CaduceusError(
      'CAD-CONFIG',
      `${validationRows} validation rows leave nothing of ${dataset.train.count} training rows`,
      'Lower --validation-rows or use more training rows.',
    );
  }
}
