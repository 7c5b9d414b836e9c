/**
 * One run in virtual time, kept in the store like a real one. It is simulated in a process of its own, rows
 * and gradients included: what serves windows and other runs stays free. Ended here, it ends there.
 */
import type { ChildProcess } from 'node:child_process';
import type { RunHandle, RunObserver } from '../core/control-plane-api.ts';
import { CaduceusError, reportError } from '../core/errors.ts';
import type { RunRecord, RunResult } from '../core/metrics.ts';
import type { RunTotals } from '../core/totals.ts';
import type { Recorder } from '../store/recorder.ts';
import type { Store } from '../store/runs.ts';
import type { Programs } from './programs.ts';
import type { SimulationJob } from './simulation-job.ts';
import type { FromSimulator, ToSimulator } from './simulation-messages.ts';
import { onSimulatorMessage, simulatorEnded, startSimulator } from './simulator.ts';

export interface SimulatedParts {
  run: string;
  job: SimulationJob;
  store: Store;
  totals: RunTotals;
  observer: RunObserver;
  programs: Programs;
}

export class SimulatedSession implements RunHandle {
  readonly whenDone: Promise<RunResult>;
  readonly #parts: SimulatedParts;
  readonly #recorder: Recorder;
  readonly #child: ChildProcess;
  readonly #whenOpen: Promise<void>;
  #isOpen = false;
  #isOver = false;
  #opened!: () => void;
  #ended!: (result: RunResult) => void;
  #failed!: (error: CaduceusError) => void;

  /** Resolves when data and plan are ready. @throws CaduceusError for settings that cannot be had; CAD-INTERRUPTED */
  static async start(parts: SimulatedParts): Promise<SimulatedSession> {
    const session = new SimulatedSession(parts);
    const { signal, onStage } = parts.observer;
    const { cluster, config, timingOnly } = parts.job;
    if (!timingOnly) onStage?.(`Preparing the rows of ${config.dataset.name}`);
    const stop = (): void => session.stop();
    signal?.addEventListener('abort', stop);
    try {
      if (signal?.aborted) stop();
      await session.#whenOpen;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    onStage?.(`Run ${parts.run} simulates ${cluster.devices.length} devices of ${cluster.name}`);
    return session;
  }

  private constructor(parts: SimulatedParts) {
    this.#parts = parts;
    const { run, job, store, programs } = parts;
    this.#recorder = store.recorder(run);
    this.#child = startSimulator(programs);
    const result = new Promise<RunResult>((resolve, reject) => {
      this.#ended = resolve;
      this.#failed = reject;
    });
    this.#whenOpen = new Promise((resolve, reject) => {
      this.#opened = resolve;
      result.catch(reject);
    });
    this.whenDone = result.then(
      (ended) => this.#finish(() => store.finish(run, { status: 'completed', result: ended }), ended),
      (error: unknown) => this.#fail(error),
    );
    for (const promise of [this.whenDone, this.#whenOpen]) promise.catch(() => undefined); // whoever started the run awaits it
    onSimulatorMessage(this.#child, (message) => this.#hear(message));
    this.#child.on('error', (error) => this.#failed(simulatorEnded(null, error.message)));
    this.#child.on('exit', (code, signal) => this.#failed(simulatorEnded(code, signal)));
    this.#tell({ is: 'follow', run, job, directory: store.runDirectory(run) });
  }

  get run(): string {
    return this.#parts.run;
  }

  get totals(): RunTotals {
    return this.#parts.totals;
  }

  stop(): void {
    this.#failed(
      new CaduceusError(
        'CAD-INTERRUPTED',
        `run ${this.run} was stopped by its user`,
        'Start it again: the same seed gives the same run.',
      ),
    );
  }

  finish(): void {
    this.#tell({ is: 'finish' });
  }

  pause(): void {
    this.#hold('pause');
  }

  resume(): void {
    this.#hold('resume');
  }

  #hold(is: 'pause' | 'resume'): void {
    if (this.#isOver) return;
    this.#parts.store.setStatus(this.run, is === 'pause' ? 'paused' : 'running');
    this.#tell({ is });
  }

  #hear(message: FromSimulator): void {
    if (this.#isOver) return;
    if (message.is === 'opened') {
      this.#isOpen = true;
      this.#opened();
    } else if (message.is === 'records') {
      for (const record of message.records) this.#record(record);
      this.#tell({ is: 'taken' });
    } else if (message.is === 'ended') this.#ended(message.result);
    else if (message.is === 'failed') {
      const { code, message: text, remedy } = message.error;
      this.#failed(new CaduceusError(code, text, remedy));
    }
  }

  #record(record: RunRecord): void {
    const { run, store, totals, observer } = this.#parts;
    if (record.type === 'incident' && record.what === 'started') store.markStarted(run);
    totals.add(record);
    this.#recorder.record(record);
    observer.onRecord?.(record, totals);
  }

  #tell(message: ToSimulator): void {
    if (this.#child.connected) this.#child.send(message);
  }

  #finish<T>(keep: () => void, outcome: T): T {
    this.#isOver = true;
    this.#child.kill('SIGKILL'); // it keeps nothing that could be damaged
    keep();
    return outcome;
  }

  #fail(error: unknown): never {
    const failure = reportError(error);
    const status = failure.code === 'CAD-INTERRUPTED' ? 'interrupted' : 'failed';
    // Before it was open there is no run yet: whoever started it takes it back.
    this.#finish(() => this.#isOpen && this.#parts.store.finish(this.run, { status, error: failure }), undefined);
    throw error;
  }
}
