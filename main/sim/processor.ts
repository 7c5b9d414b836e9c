/**
 * A device's processor: does one piece of work at a time, at a speed that may change while it does.
 * What is left of the work is kept in milliseconds at nominal speed.
 */
import { assert } from '../core/assert.ts';
import type { Appointment, Timeline } from './timeline.ts';

interface Job {
  /** Nominal milliseconds left at `sinceMs`. */
  leftMs: number;
  sinceMs: number;
  startedMs: number;
  appointment: Appointment | undefined;
  done: (elapsedMs: number) => void;
}

export class Processor {
  readonly #timeline: Timeline;
  /** Multiples of nominal speed by cause; the product counts. */
  readonly #factors = new Map<string, number>();
  #speed = 1;
  #stopped = false;
  #job: Job | undefined;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get isBusy(): boolean {
    return this.#job !== undefined;
  }

  /** `done` is told the time that it took. */
  start(nominalMs: number, done: (elapsedMs: number) => void): void {
    assert(this.#job === undefined, 'a processor does one thing at a time');
    const { nowMs } = this.#timeline;
    this.#job = { leftMs: nominalMs, sinceMs: nowMs, startedMs: nowMs, appointment: undefined, done };
    this.#appoint(this.#job);
  }

  abort(): void {
    this.#timeline.cancel(this.#job?.appointment);
    this.#job = undefined;
  }

  /** From now on `factor` times as fast on account of `cause`, until another factor of the same cause. */
  setFactor(cause: string, factor: number): void {
    this.#settle();
    this.#factors.set(cause, factor);
    this.#speed = [...this.#factors.values()].reduce((product, each) => product * each, 1);
    if (this.#job) this.#appoint(this.#job);
  }

  /** A stopped processor keeps its work and does not get on with it. */
  setStopped(stopped: boolean): void {
    this.#settle();
    this.#stopped = stopped;
    if (this.#job) this.#appoint(this.#job);
  }

  #settle(): void {
    if (this.#job === undefined) return;
    const { nowMs } = this.#timeline;
    if (!this.#stopped) this.#job.leftMs -= (nowMs - this.#job.sinceMs) * this.#speed;
    this.#job.sinceMs = nowMs;
  }

  #appoint(job: Job): void {
    this.#timeline.cancel(job.appointment);
    job.appointment = this.#stopped
      ? undefined
      : this.#timeline.after(Math.max(0, job.leftMs) / this.#speed, () => {
          this.#job = undefined;
          job.done(this.#timeline.nowMs - job.startedMs);
        });
  }
}
