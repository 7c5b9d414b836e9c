/**
 * Virtual time. It stands still while something happens and then jumps to the next thing.
 *
 * Times lie on a grid of 1/1024 ms: sums and differences of them are exact in floating point, so that
 * they do not depend on the order of adding up, and print the same on every host.
 */
import { assert } from '../core/assert.ts';
import { EventQueue, type Scheduled } from './event-queue.ts';

const TICKS_PER_MS = 1024;
/** More than this at one moment is a loop that never lets time pass. */
const MAX_AT_ONE_MOMENT = 2_000_000;

export type Appointment = Scheduled<() => void>;

export class Timeline {
  readonly #queue = new EventQueue<() => void>();
  #nowMs = 0;
  #happened = 0;
  #atThisMoment = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Things that have happened. */
  get happened(): number {
    return this.#happened;
  }

  /** Things still to happen. */
  get pending(): number {
    return this.#queue.size;
  }

  /** At the first moment of the grid that is not earlier than `atMs`, nor than now. */
  at(atMs: number, action: () => void): Appointment {
    assert(atMs < Infinity, 'what is scheduled has a time');
    return this.#queue.schedule(Math.max(this.#nowMs, onGrid(atMs)), action);
  }

  after(delayMs: number, action: () => void): Appointment {
    return this.at(this.#nowMs + delayMs, action);
  }

  cancel(appointment: Appointment | undefined): void {
    if (appointment) this.#queue.cancel(appointment);
  }

  /** Lets the next thing happen; false when there is none. */
  advance(): boolean {
    const next = this.#queue.next();
    if (next === undefined) return false;
    this.#atThisMoment = next.atMs === this.#nowMs ? this.#atThisMoment + 1 : 0;
    assert(this.#atThisMoment < MAX_AT_ONE_MOMENT, 'time goes on');
    this.#nowMs = next.atMs;
    this.#happened += 1;
    next.item();
    return true;
  }
}

function onGrid(ms: number): number {
  return Math.ceil(ms * TICKS_PER_MS) / TICKS_PER_MS;
}
