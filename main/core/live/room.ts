/** How many points a worker's series may have: the more workers are drawn, the fewer each. */
import type { Picture } from './picture.ts';

/** Buckets of time of all workers together, and the most that one gets. */
const BUCKETS = { all: 16_384, one: 512 };
const ALLOCATIONS = { all: 8192, one: 256 };
const GATE_POINTS = { all: 16_384, one: 384 };

export interface Room {
  buckets: number;
  allocations: number;
  gate: number;
  gatePushes: number;
}

/** Changes only where the number of workers passes a power of two. */
export function roomFor(workers: Picture['workers']['length']): Room {
  const sharers = 2 ** Math.ceil(Math.log2(Math.max(1, workers)));
  const share = ({ all, one }: { all: number; one: number }): number => Math.min(one, Math.floor(all / sharers));
  const allocations = share(ALLOCATIONS);
  return { buckets: share(BUCKETS), allocations, gate: share(GATE_POINTS), gatePushes: allocations };
}
