/**
 * From settings to everything a run is made of, before anything is started: policy and options,
 * model, rows and their splits, the plan that every worker gets. What is wrong is said here.
 */
import { modelOf, type RunConfig } from '../core/config.ts';
import { CaduceusError } from '../core/errors.ts';
import { initialParameters, type ModelSpec, modelLayout } from '../core/model.ts';
import type { ParameterLayout, Vector } from '../core/parameters.ts';
import { withAllocation } from '../core/policy/allocated.ts';
import { resolveOptions } from '../core/policy/options.ts';
import type { Policy } from '../core/policy/policy.ts';
import { policyNamed } from '../core/policy/registry.ts';
import { permutation, prng } from '../core/prng.ts';
import { ROWS_PER_BLOCK, type WorkerPlan } from '../core/protocol/messages.ts';
import { policySetup } from '../core/policy/setup.ts';
import { planOf } from '../core/run-plan.ts';
import { type Rows, takeRows } from '../learn/datasets/dataset.ts';
import { datasetNamed, openDataset } from '../learn/datasets/registry.ts';
import { splitRows } from '../learn/datasets/splits.ts';
import type { OpenDataset } from './open-elsewhere.ts';

/** What a run is, its rows aside. */
export interface PlannedRun {
  config: RunConfig;
  policy: Policy;
  plan: WorkerPlan;
  model: ModelSpec;
  layout: ParameterLayout;
}

export interface PreparedRun extends PlannedRun {
  initial: Vector;
  validation: Rows;
  test: Rows;
  datasetSource: string;
  /** Rows at positions from `block * ROWS_PER_BLOCK`; features, then labels. Undefined past the end. */
  rowsOfBlock(block: number): { count: number; payload: Uint8Array } | undefined;
}

/** What planning must know of a data set: not its rows, only how many there are and how large. */
interface Sizes {
  name: string;
  shape: readonly number[];
  classes: number;
  trainRows: number;
}

/** The plan of a run whose rows nobody reads. @throws CaduceusError as `prepareRun`, but for missing files */
export function planWithoutRows(config: RunConfig): PlannedRun {
  const { name, trainRows } = config.dataset;
  const { shape, classes, rows, needsFiles } = datasetNamed(name);
  if (needsFiles && trainRows !== undefined && trainRows > rows.train) {
    throw new CaduceusError(
      'CAD-CONFIG',
      `${trainRows} training rows are asked for, but the data set has ${rows.train}`,
      `Ask for at most ${rows.train}.`,
    );
  }
  return planRun(config, { name, shape, classes, trainRows: trainRows ?? rows.train });
}

/** @throws CaduceusError with the code of whatever part of the settings cannot be had. */
export async function prepareRun(config: RunConfig, open: OpenDataset = openDataset): Promise<PreparedRun> {
  const { name, dataDir, trainRows, testRows } = config.dataset;
  refuseContradictions(config);
  const dataset = await open(name, {
    seed: config.seed,
    ...(dataDir !== undefined && { dataDir }),
    ...(trainRows !== undefined && { trainRows }),
    ...(testRows !== undefined && { testRows }),
  });
  const planned = planRun(config, { ...dataset, trainRows: dataset.train.count });
  const { train, validation } = splitRows(dataset.train, { validationRows: config.validationRows, seed: config.seed });
  const order = permutation(prng(config.seed, 'positions'), train.count);
  return {
    ...planned,
    initial: initialParameters(planned.model, config.seed),
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

/** What can be said before a data set is drawn or read is said before. */
function refuseContradictions(config: RunConfig): void {
  const policy = policyNamed(config.policy);
  resolveOptions(policy.name, policy.options, config.options);
  modelOf(config);
}

function planRun(config: RunConfig, sizes: Sizes): PlannedRun {
  const policy = withAllocation(policyNamed(config.policy), config.allocation);
  const model = modelOf(config);
  refuseMismatch(model, sizes, config);
  const rows = sizes.trainRows - config.validationRows;
  const plan = planOf(config, policy, { rows, featureSize: volume(sizes.shape) });
  // Options that contradict each other or the run's batch are refused here, before anything starts.
  policy.start(policySetup(plan, config.batch));
  return { config, policy, plan, model, layout: modelLayout(model) };
}

function refuseMismatch(model: ModelSpec, { name, shape, classes, trainRows }: Sizes, config: RunConfig): void {
  if (volume(model.input) !== volume(shape) || model.classes < classes) {
    throw new CaduceusError(
      'CAD-CONFIG',
      `the model ${model.name} takes ${model.input.join('×')} and tells ${model.classes} classes apart; ` +
        `${name} has ${shape.join('×')} and ${classes}`,
      'Choose a model for this data set.',
    );
  }
  if (config.validationRows >= trainRows) {
    throw new CaduceusError(
      'CAD-CONFIG',
      `${config.validationRows} validation rows leave nothing of ${trainRows} training rows`,
      'Lower --validation-rows or use more training rows.',
    );
  }
}

function volume(extents: readonly number[]): number {
  return extents.reduce((product, extent) => product * extent, 1);
}
