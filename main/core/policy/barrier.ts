/**
 * A barrier: every active worker trains, then waits until all others have arrived as well. One event
 * costs O(1) whatever the number of workers; opening the barrier costs O(n log n).
 */
import type { IterationSummary, PushId, WorkerId } from './policy.ts';

export interface Arrival {
  worker: WorkerId;
  push: PushId;
  iteration: IterationSummary;
}

/** Plain JSON. */
export interface Barrier {
  /** What the present round has of each active worker. */
  round: Record<WorkerId, Arrival | 'training' | 'sits-out'>;
  /** How many of them are still training. */
  training: number;
  /** How many there are. */
  size: number;
}

export function emptyBarrier(): Barrier {
  return { round: {}, training: 0, size: 0 };
}

/** The worker takes part in the round under way. */
export function join(barrier: Barrier, worker: WorkerId): void {
  leave(barrier, worker);
  barrier.round[worker] = 'training';
  barrier.training += 1;
  barrier.size += 1;
}

/** The worker is no longer waited for, and what it pushed in this round is gone. */
export function leave(barrier: Barrier, worker: WorkerId): void {
  const entry = barrier.round[worker];
  if (entry === undefined) return;
  if (entry === 'training') barrier.training -= 1;
  barrier.size -= 1;
  delete barrier.round[worker];
}

/** The worker has pushed for this round. */
export function arrive(barrier: Barrier, { worker, push, iteration }: Arrival): void {
  finish(barrier, worker, { worker, push, iteration });
}

/** The worker is done with this round, and has nothing that could be used. */
export function sitOut(barrier: Barrier, worker: WorkerId): void {
  finish(barrier, worker, 'sits-out');
}

function finish(barrier: Barrier, worker: WorkerId, what: Arrival | 'sits-out'): void {
  if (barrier.round[worker] === 'training') barrier.training -= 1;
  barrier.round[worker] = what;
}

/** True when there is somebody, and nobody is still training. */
export function isComplete(barrier: Barrier): boolean {
  return barrier.size > 0 && barrier.training === 0;
}

/**
 * Opens the barrier: all train again. Workers and arrivals are in the order of names, so that what is
 * made of them does not depend on who came first.
 */
export function open(barrier: Barrier): { workers: WorkerId[]; arrivals: Arrival[] } {
  const workers = Object.keys(barrier.round).sort();
  const arrivals: Arrival[] = [];
  for (const worker of workers) {
    const entry = barrier.round[worker];
    if (typeof entry === 'object') arrivals.push(entry);
    barrier.round[worker] = 'training';
  }
  barrier.training = workers.length;
  return { workers, arrivals };
}

/** Pushes weighed by the rows behind them, which makes means over rows a mean over all rows. */
export function weighedBySamples(arrivals: readonly Arrival[]): { push: PushId; weight: number }[] {
  const total = arrivals.reduce((sum, { iteration }) => sum + iteration.samples, 0);
  return arrivals.map(({ push, iteration }) => ({ push, weight: iteration.samples / total }));
}
