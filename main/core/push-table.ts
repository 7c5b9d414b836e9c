/** Pushes that have arrived and wait for the policy's word: at most a few for each worker. */
import { assert } from './assert.ts';
import type { Vector } from './parameters.ts';
import type { IterationSummary, PushId, WorkerId } from './policy/policy.ts';

/** A worker that goes on training may have this many pushes undecided before it breaks the protocol. */
export const MAX_PUSHES_PER_WORKER = 4;

export interface Push {
  id: PushId;
  worker: WorkerId;
  sequence: number;
  baseVersion: number;
  vector: Vector;
  iteration: IterationSummary;
  /** Encoded size. */
  bytes: number;
}

export class PushTable {
  readonly #pushes = new Map<PushId, Push>();
  /** Every worker's pushes, oldest first: what a loss or a limit asks for costs no look at the others'. */
  readonly #ofWorker = new Map<WorkerId, Push[]>();
  #nextId: number;

  constructor(nextId = 1) {
    this.#nextId = nextId;
  }

  get nextId(): number {
    return this.#nextId;
  }

  add(push: Omit<Push, 'id'>): Push {
    const entry = { id: this.#nextId++, ...push };
    this.#pushes.set(entry.id, entry);
    const others = this.#ofWorker.get(entry.worker);
    if (others === undefined) this.#ofWorker.set(entry.worker, [entry]);
    else others.push(entry);
    return entry;
  }

  get(id: PushId): Push {
    const push = this.#pushes.get(id);
    assert(push !== undefined, `push ${id} is in the table`);
    return push;
  }

  /** Removes and returns a push: it is decided. */
  take(id: PushId): Push {
    const push = this.get(id);
    this.#pushes.delete(id);
    const rest = this.ofWorker(push.worker).filter((other) => other !== push);
    if (rest.length === 0) this.#ofWorker.delete(push.worker);
    else this.#ofWorker.set(push.worker, rest);
    return push;
  }

  /** Oldest first. */
  ofWorker(worker: WorkerId): readonly Push[] {
    return this.#ofWorker.get(worker) ?? [];
  }

  countOf(worker: WorkerId): number {
    return this.ofWorker(worker).length;
  }
}
