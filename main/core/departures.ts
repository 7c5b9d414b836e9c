/** Workers that were asked to go: each goes when it has nothing on its hands, and after its grace in any case. */
import type { WorkerId } from './policy/policy.ts';

/** A worker that is let go on by nobody for this long goes with what it has not pushed. */
const LEAVE_GRACE_MS = 10_000;

interface Departure {
  worker: WorkerId;
  byMs: number;
  /** Why, in words. */
  text: string;
}

export class Departures {
  /** In the order in which they were asked, and so of when they must go. */
  readonly #asked = new Map<WorkerId, Departure>();

  ask(worker: WorkerId, nowMs: number, text: string): void {
    this.#asked.set(worker, { worker, byMs: nowMs + LEAVE_GRACE_MS, text });
  }

  /** It is gone, one way or another. */
  forget(worker: WorkerId): Departure | undefined {
    const departure = this.#asked.get(worker);
    this.#asked.delete(worker);
    return departure;
  }

  /** When the next must go, on the host's clock; Infinity for nobody. */
  get nextMs(): number {
    return this.#first?.byMs ?? Infinity;
  }

  /** Somebody whose grace is over. */
  overdue(nowMs: number): WorkerId | undefined {
    return nowMs >= this.nextMs ? this.#first?.worker : undefined;
  }

  get #first(): Departure | undefined {
    const [first] = this.#asked.values();
    return first;
  }
}
