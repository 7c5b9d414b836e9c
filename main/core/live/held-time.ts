/**
 * How much of a worker's waiting was for the others: from the moment when the server had its push (or its
 * flag) until it let the worker go on. The rest of what the worker calls waiting were messages on their way.
 * Read from the policy's events and commands, so the clocks of two machines are never compared.
 */
import type { RunRecord } from '../metrics.ts';
import type { WorkerId } from '../policy/policy.ts';

export class HeldTime {
  /** Workers that wait, since when. */
  readonly #since = new Map<WorkerId, number>();
  readonly #held = new Map<WorkerId, number>();

  /** @returns workers that a decision made wait, and those that it let go. */
  decide({ atMs, event, commands }: Extract<RunRecord, { type: 'decision' }>): {
    waiting: WorkerId[];
    released: WorkerId[];
  } {
    const waiting: WorkerId[] = [];
    const waits = event.type === 'flagged' || (event.type === 'pushed' && event.waits);
    if (waits && !this.#since.has(event.worker)) {
      this.#since.set(event.worker, atMs);
      waiting.push(event.worker);
    }
    if (event.type === 'left') this.forget(event.worker);
    const released: WorkerId[] = [];
    for (const command of commands) {
      if (command.type !== 'release') continue;
      const since = this.#since.get(command.worker);
      if (since !== undefined) this.#held.set(command.worker, (this.#held.get(command.worker) ?? 0) + atMs - since);
      this.#since.delete(command.worker);
      released.push(command.worker);
    }
    return { waiting, released };
  }

  /** What of `waitMs` before the iteration that has just ended was for the others; the count starts anew. */
  take(worker: WorkerId, waitMs: number): number {
    const held = Math.min(waitMs, this.#held.get(worker) ?? 0);
    this.#held.delete(worker);
    return held;
  }

  forget(worker: WorkerId): void {
    this.#since.delete(worker);
    this.#held.delete(worker);
  }
}
