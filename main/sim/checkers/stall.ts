/**
 * L2: nobody waits for ever. A run that reaches its time limit with everyone waiting, nothing on its
 * way and nothing that keeps them is stuck.
 */
import { assert } from '../../core/assert.ts';
import type { ServerInput, ServerOutput } from '../../core/parameter-server.ts';
import type { Watcher } from '../watch.ts';

/** Silence that a policy may want for reasons of its own. */
const PATIENCE_MS = 30_000;

export interface Onlooker {
  /** Somebody trains, or something is on its way. */
  isBusy(): boolean;
  /** Faults keep every device from getting on. */
  isHeldUp(): boolean;
}

export class Stall implements Watcher {
  readonly #onlooker: Onlooker;
  #progressMs = 0;

  constructor(onlooker: Onlooker) {
    this.#onlooker = onlooker;
  }

  exchange(input: ServerInput, outputs: readonly ServerOutput[]): void {
    const { nowMs } = input;
    const isOver = outputs.some((output) => output.type === 'ended' && output.reason === 'time-limit');
    if (isOver && nowMs >= this.#progressMs + PATIENCE_MS && !this.#onlooker.isBusy()) {
      assert(
        this.#onlooker.isHeldUp(),
        `L2: nothing has happened since ${this.#progressMs} ms, and nothing was in the way`,
      );
    }
    if (input.type !== 'woke') this.#progressMs = nowMs;
  }
}
