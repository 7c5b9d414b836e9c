/**
 * A run in figures, folded from its records one by one: the live screen, the progress line and the
 * final result are the same fold, so they cannot disagree.
 */
import { noTraffic, reportBytes, type Traffic } from './accounting.ts';
import { assert } from './assert.ts';
import type { DeviceProfile } from './cost.ts';
import type { EndReason, RunRecord, RunResult, WorkerResult } from './metrics.ts';
import type { WorkerId } from './policy/policy.ts';

interface WorkerTotals {
  profile: DeviceProfile;
  state: 'active' | 'lost';
  samples: number;
  iterations: number;
  pushes: number;
  appliedPushes: number;
  stalenessSum: number;
  computeMs: number;
  waitMs: number;
  batchHistory: WorkerResult['batchHistory'];
}

/** What the fold cannot know: fixed when the run is made. */
export interface RunIdentity {
  run: string;
  policy: string;
  model: string;
  dataset: string;
  seed: number;
  virtual: boolean;
  parameters: number;
  targetAccuracy: number | undefined;
}

export class RunTotals {
  readonly identity: RunIdentity;
  readonly #workers = new Map<WorkerId, WorkerTotals>();
  atMs = 0;
  iterations = 0;
  samples = 0;
  /** Pushes that arrived, applied or not. */
  pushes = 0;
  versions = 0;
  /** Newest judgement on the validation split. */
  validation: { accuracy: number; loss: number } | null = null;
  secondsToTarget: number | null = null;
  traffic: Traffic = noTraffic();
  /** When the traffic was counted. */
  #iterationsOfTraffic = 0;

  constructor(identity: RunIdentity) {
    this.identity = identity;
  }

  add(record: RunRecord): void {
    this.atMs = Math.max(this.atMs, record.atMs);
    switch (record.type) {
      case 'worker': {
        const known = this.#workers.get(record.worker);
        if (known) {
          known.state = 'active';
          known.profile = record.profile;
        } else {
          this.#workers.set(record.worker, newcomer(record.profile));
        }
        return;
      }
      case 'iteration': {
        const worker = this.#worker(record.worker);
        const { samples, computeMs, waitMs } = record.iteration;
        const finished = record.iteration.steps > 0 ? 1 : 0;
        this.iterations += finished;
        this.samples += samples;
        worker.iterations += finished;
        worker.samples += samples;
        worker.computeMs += computeMs;
        worker.waitMs += waitMs;
        if (record.pushed) {
          this.pushes += 1;
          worker.pushes += 1;
        }
        return;
      }
      case 'push': {
        if (record.outcome !== 'applied') return;
        const worker = this.#worker(record.worker);
        worker.appliedPushes += 1;
        worker.stalenessSum += record.staleness;
        this.versions = Math.max(this.versions, record.version ?? 0);
        return;
      }
      case 'allocation': {
        const { batch, samples } = record.assignment;
        this.#worker(record.worker).batchHistory.push({ atMs: record.atMs, batch, samples, reason: record.reason });
        return;
      }
      case 'evaluation':
        if (record.split === 'validation') this.#judge(record.atMs, record.accuracy, record.loss);
        return;
      case 'traffic':
        this.traffic = record.traffic;
        this.#iterationsOfTraffic = record.iterations;
        return;
      case 'incident':
        if (record.what === 'lost' && record.worker !== undefined) this.#worker(record.worker).state = 'lost';
        return;
      case 'decision':
        return;
    }
  }

  get activeWorkers(): number {
    return [...this.#workers.values()].filter(({ state }) => state === 'active').length;
  }

  get lostWorkers(): number {
    return this.#workers.size - this.activeWorkers;
  }

  /** At the newest count of traffic: its bytes beside later iterations would flatter. */
  get savedPercent(): number | null {
    return reportBytes(this.traffic, this.#iterationsOfTraffic, this.identity.parameters).savedPercent;
  }

  /** @param bytes traffic of every worker, from the server's ledger. */
  result(
    endReason: EndReason,
    test: { accuracy: number; loss: number },
    bytes: Readonly<Record<WorkerId, Traffic>>,
  ): RunResult {
    const total = noTraffic();
    for (const traffic of Object.values(bytes)) {
      for (const category of Object.keys(total) as (keyof Traffic)[]) total[category] += traffic[category];
    }
    const { run, policy, model, dataset, seed, virtual, parameters, targetAccuracy } = this.identity;
    const workers = [...this.#workers].map(([name, worker]) => workerResult(name, worker, bytes[name] ?? noTraffic()));
    return {
      run,
      policy,
      model,
      dataset,
      seed,
      seconds: this.atMs / 1000,
      virtual,
      endReason,
      reachedTarget: targetAccuracy === undefined ? null : this.secondsToTarget !== null,
      secondsToTarget: this.secondsToTarget,
      iterations: this.iterations,
      pushes: this.pushes,
      samples: this.samples,
      versions: this.versions,
      bytes: reportBytes(total, this.iterations, parameters),
      accuracy: test.accuracy,
      loss: test.loss,
      validation: this.validation,
      waitShare: shareOfWaiting([...this.#workers.values()]),
      workers: workers.sort((left, right) => (left.name < right.name ? -1 : 1)),
    };
  }

  #judge(atMs: number, accuracy: number, loss: number): void {
    this.validation = { accuracy, loss };
    const { targetAccuracy } = this.identity;
    if (this.secondsToTarget === null && targetAccuracy !== undefined && accuracy >= targetAccuracy) {
      this.secondsToTarget = atMs / 1000;
    }
  }

  #worker(worker: WorkerId): WorkerTotals {
    const totals = this.#workers.get(worker);
    assert(totals !== undefined, `worker ${worker} has a record of joining before any other`);
    return totals;
  }
}

function newcomer(profile: DeviceProfile): WorkerTotals {
  return {
    profile,
    state: 'active',
    samples: 0,
    iterations: 0,
    pushes: 0,
    appliedPushes: 0,
    stalenessSum: 0,
    computeMs: 0,
    waitMs: 0,
    batchHistory: [],
  };
}

/** Waiting over waiting and computing, 0 … 1; null when neither has been reported. */
function shareOfWaiting(workers: readonly Pick<WorkerTotals, 'computeMs' | 'waitMs'>[]): number | null {
  const waitMs = workers.reduce((sum, worker) => sum + worker.waitMs, 0);
  const computeMs = workers.reduce((sum, worker) => sum + worker.computeMs, 0);
  return waitMs + computeMs === 0 ? null : waitMs / (waitMs + computeMs);
}

function workerResult(name: WorkerId, worker: WorkerTotals, bytes: Traffic): WorkerResult {
  const busyMs = worker.computeMs + worker.waitMs;
  return {
    name,
    samples: worker.samples,
    samplesPerSecond: busyMs === 0 ? 0 : (worker.samples * 1000) / busyMs,
    iterations: worker.iterations,
    pushes: worker.pushes,
    waitShare: shareOfWaiting([worker]),
    staleness: worker.appliedPushes === 0 ? null : worker.stalenessSum / worker.appliedPushes,
    bytes,
    batchHistory: worker.batchHistory,
    profile: worker.profile,
  };
}
