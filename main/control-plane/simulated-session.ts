/** One run in virtual time, kept in the store like a real one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { RunHandle, RunObserver } from '../core/control-plane-api.ts';
import { CaduceusError, reportError } from '../core/errors.ts';
import type { RunResult } from '../core/metrics.ts';
import type { RunTotals } from '../core/totals.ts';
import type { Simulation } from '../sim/simulation.ts';
import { writeModelFile } from '../store/model-file.ts';
import type { Store } from '../store/runs.ts';
import { MODEL_FILE } from './model-export.ts';
import { PLAN_FILE } from './replay-run.ts';
import { openSimulation, type SimulationJob } from './simulation-job.ts';

/** Others of this process — a window, Ctrl-C — get their turn this often, or after each local iteration that is longer. */
const TURN_MS = 10;
/** Of the event loop: a request is accepted, read and answered in one each. */
const BREATHS = 4;

export class SimulatedSession implements RunHandle {
  readonly run: string;
  readonly whenDone: Promise<RunResult>;
  readonly #simulation: Simulation;
  #isStopped = false;
  #resumed: (() => void) | undefined;
  #paused: Promise<void> | undefined;

  static async start(run: string, job: SimulationJob, store: Store, observer: RunObserver): Promise<SimulatedSession> {
    const recorder = store.recorder(run);
    const { simulation, prepared } = await openSimulation(
      job,
      (record, totals) => {
        if (record.type === 'incident' && record.what === 'started') store.markStarted(run);
        recorder.record(record);
        observer.onRecord?.(record, totals);
      },
      run,
    );
    const directory = store.runDirectory(run);
    writeFileSync(join(directory, PLAN_FILE), `${JSON.stringify(prepared.plan)}\n`, { mode: 0o600 });
    observer.onStage?.(`Run ${run} simulates ${job.cluster.devices.length} devices of ${job.cluster.name}`);
    return new SimulatedSession(
      run,
      simulation,
      async (result) => {
        const { parameters, end } = simulation.result();
        if (end.reason === 'workers-lost')
          throw new CaduceusError('CAD-WORKERS-LOST', end.text, 'Change the faults of the cluster.');
        if (end.reason === 'diverged')
          throw new CaduceusError('CAD-DIVERGED', end.text, 'Try a smaller --learning-rate.');
        if (!job.timingOnly) {
          const metadata = { run, policy: result.policy, model: result.model, dataset: result.dataset };
          await writeModelFile(join(directory, MODEL_FILE), { layout: prepared.layout, parameters, metadata });
        }
        store.finish(run, { status: 'completed', result });
      },
      (error) => {
        const failure = reportError(error);
        const status = failure.code === 'CAD-INTERRUPTED' ? 'interrupted' : 'failed';
        store.finish(run, { status, error: failure });
      },
    );
  }

  private constructor(
    run: string,
    simulation: Simulation,
    keep: (result: RunResult) => Promise<void>,
    giveUp: (error: unknown) => void,
  ) {
    this.run = run;
    this.#simulation = simulation;
    this.whenDone = this.#advance(keep).catch((error: unknown) => {
      giveUp(error);
      throw error;
    });
    this.whenDone.catch(() => undefined); // whoever started the run awaits it
  }

  get totals(): RunTotals {
    return this.#simulation.totals;
  }

  stop(): void {
    this.#isStopped = true;
    this.resume();
  }

  pause(): void {
    this.#paused ??= new Promise((resolve) => (this.#resumed = resolve));
  }

  resume(): void {
    this.#paused = undefined;
    this.#resumed?.();
  }

  /** @returns whether the run has ended. */
  #advanceOneTurn(): boolean {
    const untilMs = performance.now() + TURN_MS;
    do {
      if (this.#simulation.advance(1)) return true;
    } while (performance.now() < untilMs);
    return false;
  }

  async #advance(keep: (result: RunResult) => Promise<void>): Promise<RunResult> {
    while (!this.#advanceOneTurn()) {
      for (let count = 0; count < BREATHS; count++) await breathe();
      await this.#paused;
      if (this.#isStopped) {
        throw new CaduceusError(
          'CAD-INTERRUPTED',
          `run ${this.run} was stopped by its user`,
          'Start it again: the same seed gives the same run.',
        );
      }
    }
    const { result } = this.#simulation.result();
    await keep(result);
    return result;
  }
}
