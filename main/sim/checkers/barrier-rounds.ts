/**
 * BSP. B1: nobody starts round r + 1 before every active worker's round r is in, so nobody pushes twice
 * for one version. B2: no applied update is stale. B3: a round takes each active worker once, in the
 * order of names, but for those whose push was refused. B4: an open barrier lets everyone go on.
 */
import { assert } from '../../core/assert.ts';
import type { ServerInput, ServerOutput } from '../../core/parameter-server.ts';
import type { PolicyCommand, WorkerId } from '../../core/policy/policy.ts';
import type { Watcher } from '../watch.ts';

export class BarrierRounds implements Watcher {
  readonly #active = new Set<WorkerId>();
  /** Of the round under way. */
  readonly #pushed = new Set<WorkerId>();
  readonly #refused = new Set<WorkerId>();

  exchange(_input: ServerInput, outputs: readonly ServerOutput[]): void {
    let applied: WorkerId[] = [];
    let commands: readonly PolicyCommand[] = [];
    for (const output of outputs) {
      if (output.type !== 'record') continue;
      const { record } = output;
      if (record.type === 'worker') this.#active.add(record.worker);
      if (record.type === 'incident' && record.what === 'lost' && record.worker !== undefined)
        this.#leave(record.worker);
      if (record.type === 'push' && record.outcome === 'applied') {
        assert(record.staleness === 0, `B2: an update of ${record.worker} is ${record.staleness} versions old`);
        applied.push(record.worker);
      }
      if (record.type !== 'decision') continue;
      this.#round(applied, commands);
      applied = [];
      ({ commands } = record);
      if (record.event.type === 'rejected') this.#refused.add(record.event.worker);
      if (record.event.type === 'pushed') {
        const { worker } = record.event;
        assert(!this.#pushed.has(worker), `B1: ${worker} pushed twice in one round`);
        this.#pushed.add(worker);
      }
    }
    this.#round(applied, commands);
  }

  #leave(worker: WorkerId): void {
    this.#active.delete(worker);
    this.#pushed.delete(worker);
    this.#refused.delete(worker);
  }

  #round(applied: readonly WorkerId[], commands: readonly PolicyCommand[]): void {
    const released = new Set(commands.flatMap((command) => (command.type === 'release' ? [command.worker] : [])));
    if (applied.length === 0) {
      // A round in which every push was refused makes no version, and ends all the same.
      if (![...this.#active].every((worker) => released.has(worker))) return;
      this.#pushed.clear();
      this.#refused.clear();
      return;
    }
    const names = [...this.#active].filter((worker) => !this.#refused.has(worker)).sort();
    assert(names.join() === applied.join(), `B3: a round of ${applied.join()}, while ${names.join()} take part`);
    for (const worker of this.#active) assert(released.has(worker), `B4: the barrier kept ${worker} back`);
    this.#pushed.clear();
    this.#refused.clear();
  }
}
