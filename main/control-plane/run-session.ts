/**
 * One run on real workers, from the first connection to the stored result: server, evaluator, workers
 * and store under one roof. Whatever was started here is ended here, however the run ends.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NewWorker, RunHandle, RunObserver } from '../core/control-plane-api.ts';
import { CaduceusError, reportError } from '../core/errors.ts';
import type { IncidentKind, RunRecord, RunResult } from '../core/metrics.ts';
import type { ServerSettings, ServerSnapshot } from '../core/parameter-server.ts';
import { changeOptions, type OptionValues } from '../core/policy/options.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import { policySetup } from '../core/policy/setup.ts';
import { endOfTested, type RunEnd } from '../core/run-end.ts';
import type { RunTotals } from '../core/totals.ts';
import type { Evaluator } from '../learn/evaluator.ts';
import type { ServerCertificate } from '../server/certificate.ts';
import { ParameterServerHost } from '../server/host.ts';
import { saveCheckpoint } from '../store/checkpoint-directory.ts';
import { writeModelFile } from '../store/model-file.ts';
import type { Recorder } from '../store/recorder.ts';
import type { Store } from '../store/runs.ts';
import { writeCrew } from './crew-file.ts';
import { MODEL_FILE } from './model-export.ts';
import type { PreparedRun } from './preparation.ts';
import { PLAN_FILE } from './replay-run.ts';
import { RunCrew } from './run-crew.ts';
import { RunDoors } from './run-doors.ts';
import type { RunWorker } from './run-workers.ts';

export interface SessionParts {
  run: string;
  prepared: PreparedRun;
  workers: readonly RunWorker[];
  store: Store;
  evaluator: Evaluator;
  totals: RunTotals;
  observer: RunObserver;
  /** This installation's, made when it is first needed. */
  certificate(): Promise<ServerCertificate>;
  /** A worker for a run under way; `taken`: names that it cannot have. */
  recruit(wanted: NewWorker, taken: ReadonlySet<string>): RunWorker;
  resumed?: ServerSnapshot;
}

export class RunSession implements RunHandle {
  readonly run: string;
  readonly totals: RunTotals;
  whenDone!: Promise<RunResult>;
  readonly #parts: SessionParts;
  readonly #directory: string;
  readonly #recorder: Recorder;
  readonly #host: ParameterServerHost;
  readonly #doors: RunDoors;
  readonly #crew: RunCrew;
  #checkpointing: Promise<unknown> = Promise.resolve();
  #isOver = false;
  /** Its user wants the result of what it has reached. */
  #isFinishing = false;

  /** Listens and launches the workers before it resolves. @throws CAD-PORT-IN-USE, CAD-LISTEN, CAD-WORKER-START */
  static async start(parts: SessionParts): Promise<RunSession> {
    const session = new RunSession(parts);
    try {
      await session.#open();
    } catch (error) {
      await session.#close();
      throw error;
    }
    session.whenDone = session.#host.whenEnded
      .then((end) => session.#conclude(end))
      .catch((error: unknown) => session.#fail(error));
    session.whenDone.catch(() => undefined); // whoever started the run awaits it
    return session;
  }

  private constructor(parts: SessionParts) {
    const { run, store, prepared, totals, evaluator, resumed } = parts;
    this.run = run;
    this.totals = totals;
    this.#parts = parts;
    this.#directory = store.runDirectory(run);
    this.#recorder = store.recorder(run, {
      onTrouble: ({ message, remedy }) => parts.observer.onStage?.(`${message}. ${remedy}`),
    });
    this.#crew = new RunCrew(parts.workers, {
      run,
      batch: prepared.config.batch,
      handle: (input) => this.#host.handle(input),
      failed: (worker, text) => this.#workerFailed(worker, text),
    });
    const workers = parts.workers.map(({ name }) => name);
    this.#host = new ParameterServerHost({
      run,
      server: serverSettings(prepared, workers),
      ...(resumed && { resumed }),
      tokens: this.#crew.tokens,
      isElsewhere: (worker) => this.#crew.isElsewhere(worker),
      doors: [],
      rowsOfBlock: (block) => prepared.rowsOfBlock(block),
      judge: (_ticket, parameters) => evaluator.judge(parameters),
      onRecord: (record) => this.#record(record),
    });
    this.#doors = new RunDoors(prepared.config.server, (door) => this.#host.listen(door), parts.certificate);
  }

  stop(): void {
    this.#host.handle({ type: 'stop', reason: 'user', text: 'Stopped by its user' });
  }

  finish(): void {
    this.#isFinishing = true;
    this.#host.handle({ type: 'stop', reason: 'user', text: 'Finished by its user' });
  }

  pause(): void {
    this.#host.handle({ type: 'pause' });
  }

  resume(): void {
    this.#host.handle({ type: 'resume' });
  }

  async addWorker(wanted: NewWorker): Promise<string> {
    this.#refuseWhenOver();
    const worker = this.#parts.recruit(wanted, this.#crew.names);
    await this.#crew.add(worker, this.#doors);
    writeCrew(this.#directory, this.#crew.workers);
    return worker.name;
  }

  dropWorker(worker: string): void {
    this.#refuseWhenOver();
    this.#crew.drop(worker);
    writeCrew(this.#directory, this.#crew.workers);
  }

  setOptions(change: OptionValues): OptionValues {
    this.#refuseWhenOver();
    const { policy, plan, config } = this.#parts.prepared;
    const options = changeOptions(policy.name, policy.options, this.#host.options, change);
    policy.start(policySetup({ ...plan, options }, config.batch)); // refuses values that contradict each other
    this.#host.handle({ type: 'options', options });
    return options;
  }

  get options(): OptionValues {
    return this.#host.options;
  }

  #refuseWhenOver(): void {
    if (!this.#isOver) return;
    throw new CaduceusError('CAD-CONFIG', `run ${this.run} is over`, 'Start another run.');
  }

  async #open(): Promise<void> {
    const { observer, prepared, workers } = this.#parts;
    writeFileSync(join(this.#directory, PLAN_FILE), `${JSON.stringify(prepared.plan)}\n`, { mode: 0o600 });
    await this.#host.start();
    const { url } = await this.#doors.open();
    observer.onStage?.(`Run ${this.run} listens on ${url} for ${workers.length} workers`);
    await this.#crew.launchAll(this.#doors);
    void this.#checkpointRegularly();
  }

  async #checkpointRegularly(): Promise<void> {
    for (;;) {
      await sleep(this.#parts.prepared.config.checkpointEveryMs, undefined, { ref: false });
      if (this.#isOver) return;
      await this.#checkpoint();
    }
  }

  /** One at a time. A disk that is full costs the checkpoint, not the run. */
  #checkpoint(): Promise<void> {
    const { observer } = this.#parts;
    const saved = this.#checkpointing.then(async () => {
      const { state, vectors } = this.#host.snapshot();
      await saveCheckpoint(this.#directory, { state, vectors: { ...vectors } });
    });
    this.#checkpointing = saved.catch((error: unknown) => {
      const { message, remedy } = reportError(error);
      observer.onStage?.(`The checkpoint was not written: ${message}. ${remedy}`);
    });
    return this.#checkpointing as Promise<void>;
  }

  #workerFailed(worker: WorkerId, text: string): void {
    if (this.#isOver) return;
    const atMs = this.#host.elapsedMs;
    this.#record({ type: 'incident', atMs, level: 'warning', what: 'worker-failed', worker, text });
  }

  #record(record: RunRecord): void {
    const { observer } = this.#parts;
    if (record.type === 'incident') {
      this.#noteState(record.what);
      if (record.what === 'left' && record.worker !== undefined) this.#crew.gone(record.worker);
    }
    this.totals.add(record);
    this.#recorder.record(record);
    observer.onRecord?.(record, this.totals);
  }

  /** What a list of runs, asked for elsewhere, says of this one. */
  #noteState(what: IncidentKind): void {
    const { store } = this.#parts;
    if (what === 'started') store.markStarted(this.run);
    if (what === 'paused') store.setStatus(this.run, 'paused');
    if (what === 'resumed') store.setStatus(this.run, 'running');
  }

  async #conclude(end: RunEnd): Promise<RunResult> {
    this.#isOver = true;
    const { prepared, store, evaluator } = this.#parts;
    const { parameters } = this.#host;
    await this.#refuse(end);
    const test = await evaluator.judgeTest(parameters);
    await this.#refuse(endOfTested(end, test.loss));
    await this.#close();
    this.#record(this.#testRecord(test));
    const result = this.totals.result(end.reason, test, this.#host.ledger.snapshot());
    await writeModelFile(join(this.#directory, MODEL_FILE), {
      layout: prepared.layout,
      parameters,
      metadata: modelMetadata(result),
    });
    store.finish(this.run, { status: 'completed', result });
    return result;
  }

  /** @throws when the run has ended without a result */
  async #refuse(end: RunEnd): Promise<void> {
    const unfinished = failureOf(end, this.run);
    if (unfinished === undefined || (end.reason === 'user' && this.#isFinishing)) return;
    // A model that is no number is nothing to go on from.
    if (end.reason !== 'diverged') await this.#checkpoint();
    throw unfinished;
  }

  #testRecord({ loss, accuracy, rows }: { loss: number; accuracy: number; rows: number }): RunRecord {
    const { iterations, samples } = this.totals;
    const { model, update, data, control } = this.#host.ledger.total();
    const bytes = model + update + data + control;
    const about = { atMs: this.totals.atMs, version: this.#host.version, iterations, samples, bytes };
    return { type: 'evaluation', split: 'test', loss, accuracy, rows, ...about };
  }

  async #fail(error: unknown): Promise<never> {
    await this.#close();
    const failure = reportError(error);
    const status = failure.code === 'CAD-INTERRUPTED' ? 'interrupted' : 'failed';
    this.#parts.store.finish(this.run, { status, error: failure });
    throw error;
  }

  async #close(): Promise<void> {
    this.#isOver = true;
    await this.#host.close();
    await Promise.all([this.#crew.close(), this.#parts.evaluator.close()]);
    await this.#checkpointing;
  }
}

function serverSettings({ policy, plan, config, initial }: PreparedRun, workers: readonly WorkerId[]): ServerSettings {
  return { policy, plan, workers, batch: config.batch, initial, config };
}

/** Ends that leave no result. All but a diverged run can go on from their checkpoint. */
function failureOf({ reason, text }: RunEnd, run: string): CaduceusError | undefined {
  const resume = `Go on with: caduceus train --resume ${run}`;
  switch (reason) {
    case 'user':
      return new CaduceusError('CAD-INTERRUPTED', `run ${run} was stopped by its user`, resume);
    case 'workers-lost':
      return new CaduceusError('CAD-WORKERS-LOST', text, resume);
    case 'diverged':
      return new CaduceusError('CAD-DIVERGED', text, 'Start again with a smaller learning rate (--learning-rate).');
    default:
      return undefined;
  }
}

function modelMetadata(result: RunResult): Record<string, string> {
  const { run, policy, model, dataset, seed, accuracy } = result;
  return { run, policy, model, dataset, seed: String(seed), testAccuracy: String(accuracy) };
}
