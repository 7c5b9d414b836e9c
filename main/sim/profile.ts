/**
 * A real run as a cluster: what its devices were measured to do, so that the same devices can be
 * simulated with another policy, model size or network.
 *
 * Rule: a device's speed is its rows over its time in training steps, waiting left out. With the run's
 *   records at hand a step's time is split into a fixed part and one by rows, where batches differed
 *   (least squares of computeMs on steps and rows), and the scatter around it is the jitter.
 *   Without a stated link, the exchange of a push for a model is taken from the waits (`exchange.ts`).
 * Limits: the first iterations, in which engines warm
 *   up, are left out only where there are records.
 */
import { type Cluster, type LinkSpec, parseCluster } from '../core/cluster.ts';
import type { DeviceProfile } from '../core/cost.ts';
import { CaduceusError } from '../core/errors.ts';
import type { RunRecord, RunResult, WorkerResult } from '../core/metrics.ts';
import { modelLayout, MODELS } from '../core/model.ts';
import { measuredBandwidth } from './exchange.ts';

export interface RunMeasured {
  result: RunResult;
  /** Mini-batch that the run started with. */
  batch: number;
  /** What the devices were connected by; measured where it is left out and the records allow it. */
  link?: LinkSpec;
  /** The run's records, for jitter and the fixed part of a step. */
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
export function clusterFromRun({ result, batch, link, records = [], name }: RunMeasured): Cluster {
  const kept = [...records];
  const timed = iterationTimes(kept);
  const links = link === undefined ? measuredLinks(result, kept) : new Map<string, Partial<LinkSpec>>();
  const devices = result.workers.flatMap((worker) => {
    const figures = fitted(timed.get(worker.name) ?? [], batch) ?? overall(worker);
    if (figures === undefined) return [];
    const { cores, memoryBytes } = worker.profile;
    const measured = links.get(worker.name);
    const device = { name: plainName(worker.name), ...figures, ...bounded({ cores, memoryBytes }) };
    return [{ ...device, ...(measured && { link: measured }) }];
  });
  if (devices.length === 0) {
    throw new CaduceusError(
      'CAD-CLUSTER',
      `no worker of run ${result.run} finished an iteration, so no speed is known`,
      'Save the devices of a run that trained for some seconds.',
    );
  }
  return parseCluster({
    name: name ?? plainName(`run-${result.run}`),
    source:
      `Measured in run ${result.run} (${result.policy}, ${result.model} on ${result.dataset}, batch ${batch}, ` +
      `${result.seconds.toFixed(1)} s${result.virtual ? ', simulated' : ''}). ${links.size > 0 ? 'Links carry a model as fast as pushes were answered.' : 'The links are as stated, not measured.'}`,
    reference: { batch, ...(Object.hasOwn(MODELS, result.model) && { model: result.model }) },
    link: link ?? LOOPBACK,
    devices,
  });
}

function measuredLinks({ model, workers }: RunResult, records: readonly RunRecord[]): Map<string, Partial<LinkSpec>> {
  const spec = MODELS[model];
  if (spec === undefined) return new Map();
  const isStale = (name: string): boolean => (workers.find((worker) => worker.name === name)?.staleness ?? 0) > 0;
  const bandwidth = measuredBandwidth(records, modelLayout(spec).size, isStale);
  return new Map(
    [...bandwidth].map(([worker, bits]) => [worker, { upBitsPerSecond: bits, downBitsPerSecond: bits, latencyMs: 0 }]),
  );
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
