/** Runs as lists and screens show them, from what the store and the running session know. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDetail, RunListItem } from '../../core/api.ts';
import { modelOf } from '../../core/config.ts';
import { modelLayout } from '../../core/model.ts';
import type { RunRow, SimulatedOn } from '../../core/run-row.ts';
import type { RunTotals } from '../../core/totals.ts';
import { hasCheckpoint } from '../../store/checkpoint-directory.ts';
import { MODEL_FILE } from '../model-export.ts';

/** What is known of a run that this process trains. */
export interface LiveFigures {
  virtual: boolean;
  totals: RunTotals;
}

export function listItem(row: RunRow, live: LiveFigures | undefined): RunListItem {
  const { run, name, status, createdAt, startedAt, finishedAt, config, result, error } = row;
  return {
    run,
    name,
    status,
    live: live !== undefined,
    createdAt,
    startedAt,
    finishedAt,
    policy: config.policy,
    model: config.model,
    dataset: config.dataset.name,
    seed: config.seed,
    virtual: result?.virtual ?? live?.virtual ?? null,
    targetAccuracy: config.stop.targetAccuracy ?? null,
    error,
    ...figures(row, live),
  };
}

type Figures = Pick<
  RunListItem,
  'workers' | 'seconds' | 'iterations' | 'accuracy' | 'loss' | 'secondsToTarget' | 'bytes' | 'savedPercent'
>;

function figures({ result }: RunRow, live: LiveFigures | undefined): Figures {
  if (result !== null) {
    const { seconds, iterations, accuracy, loss, secondsToTarget, bytes, workers } = result;
    const all = bytes.up + bytes.down + bytes.data + bytes.control;
    const { savedPercent } = bytes;
    return { workers: workers.length, seconds, iterations, accuracy, loss, secondsToTarget, bytes: all, savedPercent };
  }
  if (live === undefined) {
    const unknown = { seconds: null, iterations: null, accuracy: null, loss: null, secondsToTarget: null };
    return { workers: null, ...unknown, bytes: null, savedPercent: null };
  }
  const { totals } = live;
  const { model, update, data, control } = totals.traffic;
  return {
    workers: totals.activeWorkers,
    seconds: totals.atMs / 1000,
    iterations: totals.iterations,
    accuracy: totals.validation?.accuracy ?? null,
    loss: totals.validation?.loss ?? null,
    secondsToTarget: totals.secondsToTarget,
    bytes: model + update + data + control,
    savedPercent: totals.savedPercent,
  };
}

interface Kept {
  /** The run's own. */
  directory: string;
  simulation: SimulatedOn | null;
}

export function detailOf(row: RunRow, live: LiveFigures | undefined, { directory, simulation }: Kept): RunDetail {
  const { result, status, error } = row;
  const workers = result?.workers.map(({ batchHistory: _, ...worker }) => worker) ?? [];
  const isOver = live === undefined && status !== 'running' && status !== 'paused';
  return {
    ...row,
    result: result === null ? null : { ...result, workers },
    live: live !== undefined,
    virtual: result?.virtual ?? live?.virtual ?? null,
    timingOnly: simulation?.timingOnly === true,
    parameters: parametersOf(row),
    hasModel: existsSync(join(directory, MODEL_FILE)),
    // Its settings would take a diverged run there again.
    resumable: isOver && status !== 'completed' && error?.code !== 'CAD-DIVERGED' && hasCheckpoint(directory),
  };
}

function parametersOf({ config }: RunRow): number | null {
  try {
    return modelLayout(modelOf(config)).size;
  } catch {
    return null; // a model that this version does not have
  }
}
