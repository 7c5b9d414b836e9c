/** C8: what is planned stays in proportion to the devices: nothing piles up behind those who are gone. */
import { assert } from '../../core/assert.ts';
import type { Watcher } from '../watch.ts';

/** Appointments that a device may have: training, messages both ways, silence and faults. */
const PER_DEVICE = 32;
const FOR_ALL = 1024;
const LOOK_EVERY = 256;

export class Timers implements Watcher {
  readonly #limit: number;
  readonly #pending: () => number;
  #exchanges = 0;

  constructor(devices: number, pending: () => number) {
    this.#limit = PER_DEVICE * devices + FOR_ALL;
    this.#pending = pending;
  }

  exchange(): void {
    this.#exchanges += 1;
    if (this.#exchanges % LOOK_EVERY !== 0) return;
    const pending = this.#pending();
    assert(pending <= this.#limit, `C8: ${pending} things are planned, more than ${this.#limit}`);
  }
}
