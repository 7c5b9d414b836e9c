/**
 * Which rows one connection of a worker may ask for: those of every shard that it has been given. Shards
 * move while requests are on their way, so what was once leased stays so until the connection ends.
 */
import { ROWS_PER_BLOCK, type Shard, type WorkerPlan } from './protocol/messages.ts';

export class RowLease {
  /** Ranges that neither touch nor overlap, in order. */
  #ranges: { start: number; end: number }[] = [];

  add({ start, length }: Shard): void {
    let range = { start, end: start + length };
    const apart: { start: number; end: number }[] = [];
    for (const other of this.#ranges) {
      if (other.end < range.start || other.start > range.end) apart.push(other);
      else range = { start: Math.min(range.start, other.start), end: Math.max(range.end, other.end) };
    }
    const place = apart.findIndex((other) => other.start > range.start);
    apart.splice(place < 0 ? apart.length : place, 0, range);
    this.#ranges = apart;
  }

  clear(): void {
    this.#ranges = [];
  }

  /** Where workers walk the whole set, or draw from it, any block is theirs; and those of probe rows always are. */
  allows(block: number, { sampling, trainRows }: Pick<WorkerPlan, 'sampling' | 'trainRows'>): boolean {
    const hasProbeRows = sampling.probe === 'fixed' && (block + 1) * ROWS_PER_BLOCK > trainRows;
    return sampling.draw !== 'shard' || hasProbeRows || this.reaches(block);
  }

  /** True when some row of the block is leased: blocks do not end where shards do. */
  reaches(block: number): boolean {
    const start = block * ROWS_PER_BLOCK;
    return this.#ranges.some((range) => range.start < start + ROWS_PER_BLOCK && start < range.end);
  }
}
