/** One simulated run as a piece of work: plain data in, plain data out, the same bits on any host. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Cluster } from '../core/cluster.ts';
import type { ComparedRun, CurvePoint } from '../core/comparison.ts';
import type { RunConfig } from '../core/config.ts';
import type { RunRecord } from '../core/metrics.ts';
import type { RunTotals } from '../core/totals.ts';
import { type EngineName, openEngine } from '../learn/engine.ts';
import { createTrainer, type Trainer } from '../learn/trainer.ts';
import { type Learning, realLearning, rowsByPosition } from '../sim/learning.ts';
import { Simulation } from '../sim/simulation.ts';
import { type PlannedRun, planWithoutRows, prepareRun } from './preparation.ts';

export interface SimulationJob {
  config: RunConfig;
  cluster: Cluster;
  timingOnly: boolean;
}

const EVENTS_AT_ONCE = 1000;

/** WebAssembly arithmetic is the same everywhere; a native library's is not. */
const ENGINE: EngineName = 'wasm';
const trainers = new Map<string, Trainer>();

async function trainerFor({ model }: PlannedRun): Promise<Trainer> {
  // Two models that somebody built may have one name.
  const key = JSON.stringify(model);
  const known = trainers.get(key);
  if (known) return known;
  const trainer = createTrainer(await openEngine(ENGINE), model);
  trainers.set(key, trainer);
  return trainer;
}

/** Timing only, no row is drawn or read. @throws CaduceusError for settings that cannot be had. */
export async function openSimulation(
  { config, cluster, timingOnly }: SimulationJob,
  onRecord: (record: RunRecord, totals: RunTotals) => void,
  run = 'simulation',
): Promise<{ simulation: Simulation; planned: PlannedRun }> {
  const { planned, learning } = timingOnly
    ? { planned: planWithoutRows(config), learning: 'timing-only' as const }
    : await withTrueGradients(config);
  const { policy, plan } = planned;
  return { simulation: new Simulation({ run, config, cluster, policy, plan, learning, onRecord }), planned };
}

async function withTrueGradients(config: RunConfig): Promise<{ planned: PlannedRun; learning: Learning }> {
  const prepared = await prepareRun(config);
  const { plan, initial, validation, test } = prepared;
  const rows = rowsByPosition(plan, (block) => prepared.rowsOfBlock(block));
  const learning = realLearning({ trainer: await trainerFor(prepared), initial, rows, validation, test });
  return { planned: prepared, learning };
}

export async function runSimulation(job: SimulationJob): Promise<ComparedRun> {
  const curve: CurvePoint[] = [];
  const { simulation } = await openSimulation(job, (record) => {
    if (record.type !== 'evaluation' || record.split !== 'validation') return;
    const { atMs, bytes, accuracy, loss } = record;
    curve.push({ seconds: atMs / 1000, bytes, accuracy, loss });
  });
  // In between, the process can notice that nobody waits for it any more.
  while (!simulation.advance(EVENTS_AT_ONCE)) await breathe();
  const { result, fingerprint } = simulation.result();
  return { seed: job.config.seed, result, curve, fingerprint };
}
