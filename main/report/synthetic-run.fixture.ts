/**
 * Invented runs for tests of reports: the shape of real ones, figures from a seed. Nothing here was
 * measured, and nothing of it may be quoted.
 */
import { counterfactualBytes, modelBytes, noTraffic, reportBytes, type Traffic } from '../core/accounting.ts';
import { parseRunConfig } from '../core/config.ts';
import type { RunRecord, RunResult, WorkerResult } from '../core/metrics.ts';
import { normal, prng, type PrngState, uniform } from '../core/prng.ts';
import type { RunRow } from '../core/run-row.ts';
import { type RunStory, storyOf } from './story.ts';

const PARAMETERS = 109_386;
const MODEL = modelBytes('f32', PARAMETERS, 'down');

export interface SyntheticSettings {
  policy?: 'bsp' | 'asp' | 'hermes';
  seed?: number;
  /** Samples per second of each worker, fastest first. */
  speeds?: readonly number[];
  names?: readonly string[];
  seconds?: number;
  target?: number | null;
  /** Name of a worker that is lost at 60 % of the time. */
  lost?: string;
  /** Leave the run without an end. */
  status?: RunRow['status'];
  evaluations?: boolean;
  pushes?: boolean;
}

interface SyntheticWorker {
  name: string;
  speed: number;
  clock: number;
  /** When its present iteration ends, and what it waits before the next, in milliseconds. */
  nextMs: number;
  waitMs: number;
  rows: number;
  batch: number;
  losses: number[];
  threshold: number;
  traffic: Traffic;
  result: WorkerResult;
  stalenessSum: number;
  computeSum: number;
  waitSum: number;
}

const DEVICE_NAMES = ['jetson', 'nuc', 'thinkpad', 'vm-fra', 'pi-desk', 'pi-attic', 'old-mac', 'nas'];

export function syntheticStory(settings: SyntheticSettings = {}): RunStory {
  const { policy = 'hermes', seed = 1, seconds = 92, target = 0.95, status = 'completed' } = settings;
  const speeds = settings.speeds ?? [1530, 780, 410, 190];
  const random = prng(seed, 'synthetic', policy);
  const records: RunRecord[] = [];
  const workers = speeds.map((speed, index) =>
    newWorker(settings.names?.[index] ?? DEVICE_NAMES[index] ?? `device-${index + 1}`, speed, policy),
  );
  for (const { name, result } of workers) {
    records.push({ type: 'worker', atMs: 0, worker: name, incarnation: 1, profile: result.profile });
    records.push({
      type: 'incident',
      atMs: 0,
      level: 'info',
      what: 'joined',
      worker: name,
      text: `wasm, ${result.profile.throttle ?? ''}`,
    });
  }
  for (const { name, rows, batch } of workers) {
    records.push({
      type: 'allocation',
      atMs: 0,
      worker: name,
      assignment: { samples: rows, batch, epochs: 1 },
      reason: 'start: the same for all',
    });
  }
  const run = new SyntheticRun(workers, records, settings, random);
  run.play(policy, seconds * 1000);
  const config = parseRunConfig({
    policy,
    model: 'mlp-109k',
    dataset: { name: 'digits' },
    seed,
    stop: { maxSeconds: seconds, ...(target !== null && { targetAccuracy: target }) },
    workers: { local: workers.length },
  });
  const createdAt = '2026-11-21T14:30:55.000Z';
  const row: RunRow = {
    run: `r-20261121-143055-${policy === 'bsp' ? 'k3f9' : 'm7qz'}`,
    name: null,
    status,
    createdAt,
    startedAt: '2026-11-21T14:30:58.000Z',
    finishedAt: status === 'completed' ? '2026-11-21T14:32:31.000Z' : null,
    config,
    options: policy === 'hermes' ? { alpha: -1.3, beta: 0.1, lambda: 5, window: 10 } : {},
    environment: { caduceus: '0.1.0', node: '24.21.0', system: 'linux x64', cpus: 2, engine: 'wasm' },
    result: status === 'completed' ? run.result(policy, target, config.seed) : null,
    error:
      status === 'failed'
        ? { code: 'CAD-WORKERS-LOST', message: 'no worker is left', remedy: 'Start workers again and resume the run.' }
        : null,
    lostRecords: 0,
  };
  return storyOf(row, records);
}

function newWorker(name: string, speed: number, policy: string): SyntheticWorker {
  const profile = {
    engine: 'wasm',
    cores: 2,
    architecture: 'x64',
    platform: 'linux',
    memoryBytes: 4e9,
    samplesPerSecond: speed,
    throttle: `CPU quota ${Math.round(speed / 15.3)} %`,
  };
  const rows = policy === 'hermes' ? 2500 : 160;
  return {
    name,
    speed,
    clock: 0,
    nextMs: 0,
    waitMs: 0,
    rows,
    batch: 16,
    losses: [],
    threshold: -1.3,
    traffic: noTraffic(),
    stalenessSum: 0,
    computeSum: 0,
    waitSum: 0,
    result: {
      name,
      samples: 0,
      samplesPerSecond: 0,
      iterations: 0,
      pushes: 0,
      waitShare: null,
      staleness: null,
      bytes: noTraffic(),
      batchHistory: [],
      profile,
    },
  };
}

class SyntheticRun {
  readonly #workers: SyntheticWorker[];
  readonly #records: RunRecord[];
  readonly #settings: SyntheticSettings;
  readonly #random: PrngState;
  #samples = 0;
  #iterations = 0;
  #pushes = 0;
  #version = 0;
  #atMs = 0;
  #lastEvaluationMs = -1000;
  #lastTrafficMs = -1000;
  #secondsToTarget: number | null = null;
  #validation: { accuracy: number; loss: number } | null = null;

  constructor(workers: SyntheticWorker[], records: RunRecord[], settings: SyntheticSettings, random: PrngState) {
    this.#workers = workers;
    this.#records = records;
    this.#settings = settings;
    this.#random = random;
  }

  play(policy: string, endMs: number): void {
    const gone = new Set<string>();
    for (const worker of this.#workers) worker.nextMs = this.#duration(worker);
    for (;;) {
      const present = this.#workers.filter(({ name }) => !gone.has(name));
      const next = present.reduce<SyntheticWorker | undefined>(
        (best, one) => (best === undefined || one.nextMs < best.nextMs ? one : best),
        undefined,
      );
      if (next === undefined || next.nextMs > endMs) break;
      this.#atMs = next.nextMs;
      if (next.name === this.#settings.lost && this.#atMs > 0.6 * endMs) {
        gone.add(next.name);
        this.#records.push({
          type: 'incident',
          atMs: this.#atMs,
          level: 'warning',
          what: 'lost',
          worker: next.name,
          text: 'silent for 5.0 s; its rows go to the others',
        });
        continue;
      }
      if (policy === 'bsp') this.#round(present, endMs);
      else this.#alone(next, policy);
      this.#observe();
    }
    this.#atMs = endMs;
    this.#recordTraffic();
  }

  #duration(worker: SyntheticWorker): number {
    return (1000 * worker.rows * (1 + 0.06 * normal(this.#random) ** 2)) / worker.speed;
  }

  #round(present: SyntheticWorker[], endMs: number): void {
    const slowest = Math.min(endMs, Math.max(...present.map(({ nextMs }) => nextMs)));
    this.#atMs = slowest;
    this.#version += 1;
    for (const worker of present) {
      this.#iterate(worker, worker.nextMs, true);
      this.#push(worker, 0);
      const arrival = slowest + 6 + 4 * uniform(this.#random);
      worker.waitMs = arrival - worker.nextMs;
      worker.nextMs = arrival + this.#duration(worker);
    }
  }

  #alone(worker: SyntheticWorker, policy: string): void {
    const notes: Record<string, number> = {};
    let pushed = policy === 'asp';
    if (policy === 'hermes') {
      worker.losses = [...worker.losses, this.#loss() * (1 + 0.05 * normal(this.#random))].slice(-10);
      const mean = worker.losses.reduce((sum, loss) => sum + loss, 0) / worker.losses.length;
      const sd = Math.sqrt(worker.losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / worker.losses.length);
      notes['threshold'] = worker.threshold;
      if (worker.losses.length > 2) {
        notes['z'] = ((worker.losses.at(-1) as number) - mean) / sd;
        pushed = notes['z'] <= worker.threshold;
      }
      worker.threshold = pushed ? -1.3 : worker.clock % 5 === 4 ? worker.threshold * 0.9 : worker.threshold;
      if (pushed) worker.losses = [];
    }
    if (this.#settings.pushes === false) pushed = false;
    this.#iterate(worker, this.#atMs, pushed, notes);
    worker.waitMs = 0;
    if (pushed) {
      this.#version += 1;
      this.#push(worker, Math.floor(uniform(this.#random) * this.#workers.length));
      worker.waitMs = 10 + 20 * uniform(this.#random);
    }
    if (policy === 'hermes') this.#resize(worker);
    worker.nextMs = this.#atMs + worker.waitMs + this.#duration(worker);
  }

  #resize(worker: SyntheticWorker): void {
    if (worker.clock !== 3 && !(worker.clock > 3 && uniform(this.#random) < 0.03)) return;
    const rows = Math.round((worker.speed * (2.2 + 0.8 * uniform(this.#random))) / 10) * 10;
    const batch = worker.speed > 1000 ? 64 : worker.speed > 500 ? 32 : 16;
    if (rows === worker.rows && batch === worker.batch) return;
    const reason = `took ${(worker.rows / worker.speed).toFixed(2)} s, the median is 2.61 s`;
    worker.rows = rows;
    worker.batch = batch;
    worker.result.batchHistory.push({ atMs: this.#atMs, batch, samples: rows, reason });
    this.#records.push({
      type: 'allocation',
      atMs: this.#atMs,
      worker: worker.name,
      assignment: { samples: rows, batch, epochs: 1 },
      reason,
    });
  }

  #iterate(worker: SyntheticWorker, atMs: number, pushed: boolean, notes?: Record<string, number>): void {
    worker.clock += 1;
    const computeMs = (1000 * worker.rows) / worker.speed;
    this.#records.push({
      type: 'iteration',
      atMs,
      worker: worker.name,
      pushed,
      iteration: {
        clock: worker.clock,
        steps: Math.ceil(worker.rows / worker.batch),
        samples: worker.rows,
        batch: worker.batch,
        loss: this.#loss() * (0.9 + 0.1 * uniform(this.#random)),
        computeMs,
        waitMs: worker.waitMs,
        ...(notes !== undefined && Object.keys(notes).length > 0 && { notes }),
      },
    });
    worker.result.samples += worker.rows;
    worker.result.iterations += 1;
    worker.computeSum += computeMs;
    worker.waitSum += worker.waitMs;
    worker.traffic.control += pushed ? 40 : 210;
    if (worker.clock === 1) worker.traffic.data += 2_000_000;
    this.#samples += worker.rows;
    this.#iterations += 1;
  }

  #push(worker: SyntheticWorker, staleness: number): void {
    this.#pushes += 1;
    worker.result.pushes += 1;
    worker.stalenessSum += staleness;
    worker.traffic.update += MODEL + 4;
    worker.traffic.model += MODEL;
    this.#records.push({
      type: 'push',
      atMs: this.#atMs,
      worker: worker.name,
      sequence: worker.clock,
      baseVersion: this.#version - 1 - staleness,
      version: this.#version,
      staleness,
      weight: 0.5,
      outcome: 'applied',
      bytes: MODEL + 4,
    });
  }

  #progress(): number {
    return this.#samples * (this.#settings.policy === 'bsp' ? 1.15 : 1);
  }

  #loss(): number {
    return 0.12 + 2.2 * Math.exp(-this.#progress() / 26_000) + 0.25 * Math.exp(-this.#progress() / 160_000);
  }

  #accuracy(): number {
    return 0.973 - 0.87 * Math.exp(-this.#progress() / 24_000) - 0.06 * Math.exp(-this.#progress() / 120_000);
  }

  #observe(): void {
    if (this.#atMs - this.#lastTrafficMs >= 500) this.#recordTraffic();
    if (this.#settings.evaluations === false || this.#atMs - this.#lastEvaluationMs < 500) return;
    this.#lastEvaluationMs = this.#atMs;
    const accuracy = Math.round((this.#accuracy() + 0.003 * normal(this.#random)) * 2000) / 2000;
    const loss = this.#loss() * (1 + 0.02 * normal(this.#random));
    this.#validation = { accuracy, loss };
    if (this.#secondsToTarget === null && accuracy >= (this.#settings.target ?? 0.95))
      this.#secondsToTarget = this.#atMs / 1000;
    this.#records.push({
      type: 'evaluation',
      atMs: this.#atMs,
      version: this.#version,
      split: 'validation',
      loss,
      accuracy,
      rows: 2000,
      iterations: this.#iterations,
      samples: this.#samples,
      bytes: Object.values(this.#traffic()).reduce((sum, bytes) => sum + bytes, 0),
    });
  }

  #recordTraffic(): void {
    this.#lastTrafficMs = this.#atMs;
    this.#records.push({
      type: 'traffic',
      atMs: this.#atMs,
      traffic: this.#traffic(),
      iterations: this.#iterations,
      counterfactual: counterfactualBytes(this.#iterations, PARAMETERS),
    });
  }

  #traffic(): Traffic {
    const total = noTraffic();
    for (const { traffic } of this.#workers) {
      for (const category of Object.keys(total) as (keyof Traffic)[]) total[category] += traffic[category];
    }
    return total;
  }

  result(policy: string, target: number | null, seed: number): RunResult {
    const wait = this.#workers.reduce((sum, { waitSum }) => sum + waitSum, 0);
    const compute = this.#workers.reduce((sum, { computeSum }) => sum + computeSum, 0);
    return {
      run: 'synthetic',
      policy,
      model: 'mlp-109k',
      dataset: 'digits',
      seed,
      seconds: this.#atMs / 1000,
      virtual: false,
      endReason: target !== null && this.#secondsToTarget !== null ? 'target' : 'time-limit',
      reachedTarget: target === null ? null : this.#secondsToTarget !== null,
      secondsToTarget: target === null ? null : this.#secondsToTarget,
      iterations: this.#iterations,
      pushes: this.#pushes,
      samples: this.#samples,
      versions: this.#version,
      bytes: reportBytes(this.#traffic(), this.#iterations, PARAMETERS),
      accuracy: this.#accuracy() - 0.004,
      loss: this.#loss(),
      validation: this.#validation,
      waitShare: wait + compute === 0 ? null : wait / (wait + compute),
      workers: this.#workers.map((worker) => ({
        ...worker.result,
        bytes: worker.traffic,
        samplesPerSecond: (1000 * worker.result.samples) / Math.max(1, worker.computeSum + worker.waitSum),
        waitShare: worker.clock === 0 ? null : worker.waitSum / (worker.waitSum + worker.computeSum),
        staleness: worker.result.pushes === 0 ? null : worker.stalenessSum / worker.result.pushes,
      })),
    };
  }
}
