/**
 * A real run as a cluster: what its devices were measured to do, so that the same devices can be
 * simulated with another policy, model size or network.
 *
 * Rule: a device's speed is its rows over its time in training steps, waiting left out. With the run's
 *   records at hand a step's time is split into a fixed part and one by rows, where batches differed
 *   (least squares of computeMs on steps and rows), and the scatter around it is the jitter. Without a
 *   stated link, links and what else held the devices up are measured as well (`turnaround.ts`), and so is
 *   the time that the server took to judge a model.
 * Limits: the first iterations, in which engines warm
 *   up, are left out only where there are records.
 */
import { modelBytes } from '../core/accounting.ts';
import { type Cluster, type Delays, type LinkSpec, MEASURED_IN, parseCluster } from '../core/cluster.ts';
import type { DeviceProfile } from '../core/cost.ts';
import { CaduceusError } from '../core/errors.ts';
import { FORWARD_SHARE } from './cost-model.ts';
import type { RunRecord, RunResult, WorkerResult } from '../core/metrics.ts';
import { modelLayout, MODELS } from '../core/model.ts';
import { bandwidthOf, delaysOf, judgeMs, turnarounds } from './turnaround.ts';

export interface RunMeasured {
  result: RunResult;
  /** Mini-batch that the run started with. */
  batch: number;
  /** What the devices were connected by; measured where it is left out and the records allow it. */
  link?: LinkSpec;
  /** Rows that a worker judges after every iteration, which are no part of a delay. */
  probeRows?: number;
  /** The run's records, for jitter, the fixed part of a step, links and delays: iterations, pushes, evaluations, decisions. */
  records?: Iterable<RunRecord>;
  name?: string;
}

/** Processes on one machine talk through its memory. */
export const LOOPBACK: LinkSpec = { upBitsPerSecond: 2e9, downBitsPerSecond: 2e9, latencyMs: 0.1, lossProbability: 0 };

const MAX_JITTER = 0.25;
const MAX_FIXED_SHARE = 0.99;
const WARM_UP_ITERATIONS = 3;
/** Fewer iterations than this say nothing about scatter. */
const MIN_ITERATIONS = 10;

/** @throws CAD-CLUSTER when no worker of the run has finished an iteration. */
export function clusterFromRun({ result, batch, link, records = [], probeRows = 0, name }: RunMeasured): Cluster {
  const kept = [...records];
  const timed = iterationTimes(kept);
  const speeds = new Map(
    result.workers.map((worker) => [worker.name, fitted(timed.get(worker.name) ?? [], batch) ?? overall(worker)]),
  );
  const ways = link === undefined ? measuredWays({ result, batch, kept, speeds, probeRows }) : new Map<string, Way>();
  const devices = result.workers.flatMap((worker) => {
    const figures = speeds.get(worker.name);
    if (figures === undefined) return [];
    const { cores, memoryBytes } = worker.profile;
    const device = { name: plainName(worker.name), ...figures, ...bounded({ cores, memoryBytes }) };
    return [{ ...device, ...ways.get(worker.name) }];
  });
  if (devices.length === 0) {
    throw new CaduceusError(
      'CAD-CLUSTER',
      `no worker of run ${result.run} finished an iteration, so no speed is known`,
      'Save the devices of a run that trained for some seconds.',
    );
  }
  const judging = judgeMs(kept);
  return parseCluster({
    name: name ?? plainName(`run-${result.run}`),
    source:
      `${MEASURED_IN}${result.run} (${result.policy}, ${result.model} on ${result.dataset}, batch ${batch}, ` +
      `${result.seconds.toFixed(1)} s${result.virtual ? ', simulated' : ''}). ${
        ways.size > 0
          ? 'Links carry a model as fast as the quickest tenth of pushes was answered; delays are what the others took longer.'
          : 'The links are as stated, not measured.'
      }`,
    reference: { batch, ...(Object.hasOwn(MODELS, result.model) && { model: result.model }) },
    ...(judging !== undefined && { server: { judgeMs: judging } }),
    link: link ?? LOOPBACK,
    devices,
  });
}

/** A device's way to the server and back, and what holds it up besides. */
interface Way {
  link?: Partial<LinkSpec>;
  delays: Delays;
}

function measuredWays({
  result: { model },
  batch,
  kept,
  speeds,
  probeRows,
}: {
  result: RunResult;
  batch: number;
  kept: readonly RunRecord[];
  speeds: ReadonlyMap<string, Figures | undefined>;
  probeRows: number;
}): Map<string, Way> {
  const spec = MODELS[model];
  const size = spec === undefined ? 0 : modelLayout(spec).size;
  const bits = 8 * (modelBytes('f32', size, 'up') + modelBytes('f32', size, 'down'));
  const found = turnarounds(kept, (worker, iteration) => {
    const figures = speeds.get(worker);
    return figures && trainingMs(figures, batch, iteration, probeRows);
  });
  return new Map(
    [...found].map(([worker, all]) => {
      const measured = size === 0 ? undefined : bandwidthOf(all, size);
      const carried = measured ?? LOOPBACK.upBitsPerSecond;
      const delays = delaysOf(all, (bits * 1000) / carried);
      return [
        worker,
        {
          delays,
          ...(measured && { link: { upBitsPerSecond: carried, downBitsPerSecond: carried, latencyMs: 0 } }),
        },
      ];
    }),
  );
}

/** As the simulator's cost model has it. */
function trainingMs(
  { samplesPerSecond, fixedShare = 0 }: Figures,
  batch: number,
  { steps, samples }: { steps: number; samples: number },
  probeRows: number,
): number {
  const stepMs = (batch * 1000) / samplesPerSecond;
  const rowMs = (stepMs * (1 - fixedShare)) / batch;
  const probeMs = probeRows === 0 ? 0 : (stepMs * fixedShare + probeRows * rowMs) * FORWARD_SHARE;
  return steps * stepMs * fixedShare + samples * rowMs + probeMs;
}

interface IterationTime {
  steps: number;
  samples: number;
  computeMs: number;
}

interface Figures {
  samplesPerSecond: number;
  jitter?: number;
  fixedShare?: number;
}

function iterationTimes(records: Iterable<RunRecord>): Map<string, IterationTime[]> {
  const timed = new Map<string, IterationTime[]>();
  for (const record of records) {
    if (record.type !== 'iteration' || record.iteration.steps === 0 || !(record.iteration.computeMs > 0)) continue;
    const { steps, samples, computeMs } = record.iteration;
    const times = timed.get(record.worker);
    if (times === undefined) timed.set(record.worker, [{ steps, samples, computeMs }]);
    else times.push({ steps, samples, computeMs });
  }
  return timed;
}

/** From the worker's totals alone. */
function overall({ samples, samplesPerSecond, waitShare, profile }: WorkerResult): Figures | undefined {
  if (samples > 0 && waitShare !== null && waitShare < 1) {
    return { samplesPerSecond: samplesPerSecond / (1 - waitShare) };
  }
  return profile.samplesPerSecond === undefined ? undefined : { samplesPerSecond: profile.samplesPerSecond };
}

function fitted(all: readonly IterationTime[], batch: number): Figures | undefined {
  if (all.length < MIN_ITERATIONS) return undefined;
  const times = all.slice(WARM_UP_ITERATIONS);
  const { fixedMs, rowMs } = split(times);
  const stepMs = fixedMs + batch * rowMs;
  let squares = 0;
  for (const { steps, samples, computeMs } of times) {
    squares += (computeMs / (fixedMs * steps + rowMs * samples) - 1) ** 2;
  }
  return {
    samplesPerSecond: (batch * 1000) / stepMs,
    jitter: Math.min(MAX_JITTER, Math.sqrt(squares / times.length)),
    ...(fixedMs > 0 && { fixedShare: Math.min(MAX_FIXED_SHARE, fixedMs / stepMs) }),
  };
}

/**
 * computeMs ≈ fixedMs · steps + rowMs · samples, each iteration weighed by its length. Where all steps
 * had the same batch nothing tells the parts apart, and all is by rows.
 */
function split(times: readonly IterationTime[]): { fixedMs: number; rowMs: number } {
  let [steps2, both, rows2, stepsMs, rowsMs, rows, ms] = [0, 0, 0, 0, 0, 0, 0];
  for (const { steps, samples, computeMs } of times) {
    const weight = 1 / samples;
    steps2 += weight * steps * steps;
    both += weight * steps * samples;
    rows2 += weight * samples * samples;
    stepsMs += weight * steps * computeMs;
    rowsMs += weight * samples * computeMs;
    rows += samples;
    ms += computeMs;
  }
  const determinant = steps2 * rows2 - both * both;
  if (determinant > 1e-6 * steps2 * rows2) {
    const fixedMs = (stepsMs * rows2 - rowsMs * both) / determinant;
    const rowMs = (rowsMs * steps2 - stepsMs * both) / determinant;
    if (fixedMs > 0 && rowMs > 0) return { fixedMs, rowMs };
  }
  return { fixedMs: 0, rowMs: ms / rows };
}

function bounded({ cores, memoryBytes }: Pick<DeviceProfile, 'cores' | 'memoryBytes'>): {
  cores: number;
  memoryBytes: number;
} {
  return {
    cores: Math.min(4096, Math.max(1, Math.round(cores))),
    memoryBytes: Math.min(2 ** 50, Math.max(2 ** 20, Math.round(memoryBytes))),
  };
}

function plainName(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, '-').slice(0, 64) || 'device';
}
