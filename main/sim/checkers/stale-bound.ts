/**
 * SSP. S1: accepted clocks of active workers differ by at most s + 1. S2: an iteration at clock c was
 * done on a model that holds every update of clock ≤ c − s − 1. S3: a joiner starts at the slowest
 * clock, which never falls.
 */
import { assert } from '../../core/assert.ts';
import type { RunRecord } from '../../core/metrics.ts';
import type { ServerInput, ServerOutput } from '../../core/parameter-server.ts';
import type { WorkerId } from '../../core/policy/policy.ts';
import type { Watcher } from '../watch.ts';

/** In larger clusters the slowest clock is looked for only now and then. */
const ALL_UP_TO = 256;

export class StaleBound implements Watcher {
  readonly #bound: number;
  readonly #clocks = new Map<WorkerId, number>();
  #slowest = 0;
  #exchanges = 0;
  /** Newest version made of updates of this clock, for clocks that somebody may still be at. */
  readonly #versions = new Map<number, number>();
  /** Newest version made of updates up to this clock, for clocks that all have passed. */
  readonly #closed = new Map<number, number>();
  #closedTo = 0;
  #closedVersion = 0;

  constructor(staleness: number) {
    this.#bound = staleness;
  }

  exchange(_input: ServerInput, outputs: readonly ServerOutput[]): void {
    this.#exchanges += 1;
    for (const output of outputs) {
      if (output.type !== 'record') continue;
      const { record } = output;
      if (record.type === 'decision') this.#decided(record);
      if (record.type === 'push' && record.outcome === 'applied') this.#applied(record);
    }
  }

  #decided({ event }: RunRecord & { type: 'decision' }): void {
    this.#close();
    switch (event.type) {
      case 'joined':
        this.#look();
        this.#clocks.set(event.worker, this.#slowest);
        return;
      case 'left':
        this.#clocks.delete(event.worker);
        this.#look();
        return;
      case 'pushed':
      case 'rejected': {
        const clock = (this.#clocks.get(event.worker) ?? NaN) + 1;
        this.#clocks.set(event.worker, clock);
        if (this.#clocks.size > ALL_UP_TO && this.#exchanges % this.#clocks.size !== 0) return;
        this.#look();
        const ahead = clock - this.#slowest;
        assert(ahead <= this.#bound + 1, `S1: ${event.worker} is ${ahead} ahead, with a bound of ${this.#bound}`);
        return;
      }
      default:
    }
  }

  /** The record of a push follows the decision, so the worker's clock counts it already. */
  #applied({ worker, baseVersion, version = NaN }: RunRecord & { type: 'push' }): void {
    const clock = (this.#clocks.get(worker) ?? NaN) - 1;
    const needed = this.#closed.get(clock - this.#bound - 1) ?? 0;
    assert(baseVersion >= needed, `S2: ${worker} at clock ${clock} read version ${baseVersion}, but needs ${needed}`);
    this.#versions.set(clock, Math.max(version, this.#versions.get(clock) ?? 0));
  }

  #look(): void {
    if (this.#clocks.size === 0) return;
    let slowest = Infinity;
    for (const clock of this.#clocks.values()) slowest = Math.min(slowest, clock);
    assert(slowest >= this.#slowest, `S3: the slowest clock fell from ${this.#slowest} to ${slowest}`);
    this.#slowest = slowest;
  }

  /** Adds up the clocks that all had passed before this decision: their pushes are on record by now. */
  #close(): void {
    for (; this.#closedTo < this.#slowest; this.#closedTo++) {
      this.#closedVersion = Math.max(this.#closedVersion, this.#versions.get(this.#closedTo) ?? 0);
      this.#versions.delete(this.#closedTo);
      this.#closed.set(this.#closedTo, this.#closedVersion);
      this.#closed.delete(this.#closedTo - 2 * this.#bound - 4);
    }
  }
}
