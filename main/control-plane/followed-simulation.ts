/**
 * The far side of a simulated run: advances it in short turns, tells its records, and listens in between.
 * Whoever follows it decides how fast: a few messages with records are under way at the most.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { CaduceusError } from '../core/errors.ts';
import type { RunRecord } from '../core/metrics.ts';
import type { Simulation } from '../sim/simulation.ts';
import { writeModelFile } from '../store/model-file.ts';
import { MODEL_FILE } from './model-export.ts';
import { PLAN_FILE } from './replay-run.ts';
import { openSimulation } from './simulation-job.ts';
import type { FollowedRun, FromSimulator, ToSimulator } from './simulation-messages.ts';

/** A turn ends after this long, after so many records, or with the local iteration that takes longer. */
const TURN_MS = 20;
const RECORDS_IN_TURN = 500;
/** Messages with records that were told and not yet dealt with. */
const MAX_UNTAKEN = 4;

export class FollowedSimulation {
  readonly #wanted: FollowedRun;
  readonly #tell: (message: FromSimulator) => void;
  #records: RunRecord[] = [];
  #untaken = 0;
  #isPaused = false;
  #isFinishing = false;
  #heard: () => void = () => undefined;

  constructor(wanted: FollowedRun, tell: (message: FromSimulator) => void) {
    this.#wanted = wanted;
    this.#tell = tell;
  }

  hear({ is }: Extract<ToSimulator, { is: 'taken' | 'pause' | 'resume' | 'finish' }>): void {
    if (is === 'taken') this.#untaken -= 1;
    else if (is === 'finish') this.#isFinishing = true;
    else this.#isPaused = is === 'pause';
    this.#heard();
  }

  /** @throws CaduceusError for settings that cannot be had, CAD-WORKERS-LOST, CAD-DIVERGED */
  async run(): Promise<void> {
    const { run, job, directory } = this.#wanted;
    const { simulation, planned } = await openSimulation(job, (record) => void this.#records.push(record), run);
    writeFileSync(join(directory, PLAN_FILE), `${JSON.stringify(planned.plan)}\n`, { mode: 0o600 });
    this.#tell({ is: 'opened' });
    while (!this.#advanceOneTurn(simulation)) {
      this.#tellRecords();
      await breathe();
      while ((this.#isPaused && !this.#isFinishing) || this.#untaken >= MAX_UNTAKEN) await this.#nextMessage();
      if (this.#isFinishing) simulation.finish();
    }
    this.#tellRecords();
    const { result, parameters, end } = simulation.result();
    if (end.reason === 'workers-lost') {
      throw new CaduceusError('CAD-WORKERS-LOST', end.text, 'Change the faults of the cluster.');
    }
    if (end.reason === 'diverged') {
      throw new CaduceusError('CAD-DIVERGED', end.text, 'Start again with a smaller learning rate (--learning-rate).');
    }
    if (!job.timingOnly) {
      const metadata = { run, policy: result.policy, model: result.model, dataset: result.dataset };
      await writeModelFile(join(directory, MODEL_FILE), { layout: planned.layout, parameters, metadata });
    }
    this.#tell({ is: 'ended', result });
  }

  /** @returns whether the run has ended. */
  #advanceOneTurn(simulation: Simulation): boolean {
    const untilMs = performance.now() + TURN_MS;
    do {
      if (simulation.advance(1)) return true;
    } while (performance.now() < untilMs && this.#records.length < RECORDS_IN_TURN);
    return false;
  }

  #tellRecords(): void {
    if (this.#records.length === 0) return;
    this.#tell({ is: 'records', records: this.#records });
    this.#records = [];
    this.#untaken += 1;
  }

  #nextMessage(): Promise<void> {
    return new Promise((resolve) => (this.#heard = resolve));
  }
}
