/**
 * Policies side by side in the simulator: the same cluster, model, data and seeds for all, the same
 * tuning budget, and two rows to measure them by. `solo` is the fastest device alone, without a
 * network; `ideal` is one device with everyone's speed.
 */
import type { CompareRequest, ComparisonObserver, ComparisonResult } from '../core/control-plane-api.ts';
import type { Cluster } from '../core/cluster.ts';
import { type ComparedRun, comparisonRow, type RowIdentity, withSpeedups } from '../core/comparison.ts';
import { parseRunConfig, type RunConfig, type RunConfigInput } from '../core/config.ts';
import { median } from '../core/cost.ts';
import { CaduceusError } from '../core/errors.ts';
import { resolveOptions } from '../core/policy/options.ts';
import { policyNamed, POLICIES } from '../core/policy/registry.ts';
import { prng, uniform } from '../core/prng.ts';
import { loadCluster } from '../sim/cluster-file.ts';
import { idealCluster, soloCluster } from '../sim/cluster-variants.ts';
import type { SimulationJob } from './simulation-job.ts';
import { runSimulations, type SimulationMeans } from './simulation-pool.ts';

/** One device trains by itself: SGD, pushed to a server that is no distance away. */
const ALONE = 'asp';
/** Tuning seeds are these and no report's: a report that asks for them is refused. */
const TUNING_SEED = 1_000_003;
const TUNING_SEEDS = 2;
const LEARNING_RATES = { low: 0.01, high: 1 };

interface Contender extends RowIdentity {
  config: Omit<RunConfig, 'seed'>;
  cluster: Cluster;
}

/** @throws CaduceusError for settings that cannot be had, before anything is simulated. */
export async function compare(
  request: CompareRequest,
  observer: ComparisonObserver,
  means: SimulationMeans,
): Promise<ComparisonResult> {
  const cluster = typeof request.cluster === 'string' ? loadCluster(request.cluster) : request.cluster;
  const seeds = Array.from({ length: request.seeds }, (_, index) => request.firstSeed + index);
  refuseTuningSeeds(seeds);
  const contenders = await tuned(contendersOf(request, cluster), request, observer, means);
  const jobs = contenders.flatMap((contender) => seeds.map((seed) => jobOf(contender, seed, request.timingOnly)));
  const labels = contenders.flatMap(({ policy }) => seeds.map(() => policy));
  const runs = await simulated(jobs, 'runs', observer, means, labels);
  const rows = contenders.map((contender, index) => {
    const { policy, options, learningRate } = contender;
    return comparisonRow(
      { policy, options, learningRate },
      runs.slice(index * seeds.length, (index + 1) * seeds.length),
      contender.config.stop.maxSeconds,
    );
  });
  const { dataset, model, allocation = 'policy' } = parseRunConfig({ ...request.config, policy: ALONE });
  return {
    cluster: cluster.name,
    dataset: dataset.name,
    model,
    seeds,
    targetAccuracy: request.config.stop?.targetAccuracy ?? null,
    allocation,
    tuning: request.tune,
    rows: withSpeedups(rows).map((row) => (request.timingOnly ? { ...row, timingOnly: true } : row)),
  };
}

function contendersOf(request: CompareRequest, cluster: Cluster): Contender[] {
  const variants: NonNullable<CompareRequest['variants']> =
    request.variants ?? POLICIES.map(({ name }) => ({ policy: name, options: {} }));
  const contenders = variants.map(({ label, policy, options }) =>
    contender(label ?? policy, { ...request.config, policy, options }, cluster),
  );
  const bare: RunConfigInput = { ...request.config, policy: ALONE, options: {} };
  return [
    contender('solo', bare, soloCluster(cluster)),
    contender('ideal', bare, idealCluster(cluster)),
    ...contenders,
  ];
}

function contender(label: string, input: RunConfigInput, cluster: Cluster): Contender {
  const { seed: _, ...config } = parseRunConfig({ ...input, workers: { local: 1 } });
  const { name, options } = policyNamed(config.policy);
  resolveOptions(name, options, config.options);
  return { policy: label, options: config.options, learningRate: config.learningRate, config, cluster };
}

function jobOf({ config, cluster, learningRate }: Contender, seed: number, timingOnly: boolean): SimulationJob {
  return { config: { ...config, learningRate, seed }, cluster, timingOnly };
}

/** The same number of learning rates for everyone, drawn once, judged on seeds that no report uses. */
async function tuned(
  contenders: Contender[],
  { tune, timingOnly }: CompareRequest,
  observer: ComparisonObserver,
  means: SimulationMeans,
): Promise<Contender[]> {
  if (tune === 0) return contenders;
  const chance = prng(TUNING_SEED, 'learning rates');
  const { low, high } = LEARNING_RATES;
  const rates = Array.from({ length: tune }, () => low * (high / low) ** uniform(chance));
  const candidates = contenders.flatMap((contender) => rates.map((learningRate) => ({ ...contender, learningRate })));
  const jobs = candidates.flatMap((candidate) =>
    Array.from({ length: TUNING_SEEDS }, (_, index) => jobOf(candidate, TUNING_SEED + index, timingOnly)),
  );
  const runs = await simulated(jobs, 'tuning runs', observer, means);
  return contenders.map((_, index) => {
    const own = candidates.slice(index * tune, (index + 1) * tune);
    const scores = own.map((__, rate) => {
      const first = (index * tune + rate) * TUNING_SEEDS;
      return score(runs.slice(first, first + TUNING_SEEDS));
    });
    return own[scores.indexOf(Math.min(...scores))] as Contender;
  });
}

/** Seconds to target, and far behind all that reached it, the distance of those that did not. */
function score(runs: readonly ComparedRun[]): number {
  return median(
    runs.map(({ result }) => {
      if (result.secondsToTarget !== null) return result.secondsToTarget;
      return 1e9 * (2 - (result.validation?.accuracy ?? 0));
    }),
  );
}

/** @param labels of whose runs they are, to be told one by one; without, only how many are done. */
async function simulated(
  jobs: readonly SimulationJob[],
  what: string,
  { onProgress, onRun }: ComparisonObserver,
  means: SimulationMeans,
  labels?: readonly string[],
): Promise<ComparedRun[]> {
  onProgress?.(0, jobs.length, what);
  const onDone = (done: number, run: ComparedRun, index: number): void => {
    const label = labels?.[index];
    if (label !== undefined) onRun?.(label, run);
    onProgress?.(done, jobs.length, what);
  };
  return runSimulations(jobs, { ...means, onDone });
}

function refuseTuningSeeds(seeds: readonly number[]): void {
  if (seeds.every((seed) => seed < TUNING_SEED || seed >= TUNING_SEED + TUNING_SEEDS)) return;
  throw new CaduceusError(
    'CAD-CONFIG',
    `the seeds ${TUNING_SEED} to ${TUNING_SEED + TUNING_SEEDS - 1} are for tuning`,
    'Choose another --seed.',
  );
}
