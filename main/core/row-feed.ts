/**
 * A worker's view of which rows it holds: what to ask for next, and whether an iteration can start.
 * Rows come in blocks of consecutive positions; few are asked for at a time, so that they never crowd
 * out a model on a slow link.
 */
import { ROWS_PER_BLOCK, type Shard } from './protocol/messages.ts';

const MAX_IN_FLIGHT = 2;

export class RowFeed {
  readonly #blocks: number;
  readonly #present = new Set<number>();
  readonly #inFlight = new Set<number>();
  /** Blocks that the next iteration cannot do without. */
  #needed: number[] = [];
  /** Blocks of the shard from here to `#prefetchEnd` are fetched when nothing is needed. */
  #prefetch = 0;
  #prefetchEnd = 0;

  constructor(positions: number) {
    this.#blocks = Math.ceil(positions / ROWS_PER_BLOCK);
  }

  need(positions: Uint32Array): void {
    const needed = new Set<number>();
    for (const position of positions) needed.add(Math.floor(position / ROWS_PER_BLOCK));
    this.#needed = [...needed].filter((block) => !this.#present.has(block));
  }

  get complete(): boolean {
    return this.#needed.length === 0;
  }

  prefetchShard({ start, length }: Shard): void {
    this.#prefetch = Math.floor(start / ROWS_PER_BLOCK);
    this.#prefetchEnd = Math.min(this.#blocks, Math.ceil((start + length) / ROWS_PER_BLOCK));
  }

  /** Blocks to ask for now; each is asked for once. */
  requests(): number[] {
    const requests: number[] = [];
    while (this.#inFlight.size < MAX_IN_FLIGHT) {
      const block = this.#needed.find((candidate) => !this.#inFlight.has(candidate)) ?? this.#nextPrefetch();
      if (block === undefined) break;
      this.#inFlight.add(block);
      requests.push(block);
    }
    return requests;
  }

  #nextPrefetch(): number | undefined {
    while (this.#prefetch < this.#prefetchEnd) {
      const block = this.#prefetch++;
      if (!this.#present.has(block) && !this.#inFlight.has(block)) return block;
    }
    return undefined;
  }

  /** False when the block was not asked for. */
  arrived(block: number): boolean {
    if (!this.#inFlight.delete(block)) return false;
    this.#present.add(block);
    this.#needed = this.#needed.filter((candidate) => candidate !== block);
    return true;
  }

  /** Requests die with their connection. */
  disconnected(): void {
    this.#inFlight.clear();
  }

  /** Drops what is held beyond `keep`, and returns it. */
  forgetAllBut(keep: Uint32Array): number[] {
    const kept = new Set<number>();
    for (const position of keep) kept.add(Math.floor(position / ROWS_PER_BLOCK));
    const dropped = [...this.#present].filter((block) => !kept.has(block));
    for (const block of dropped) this.#present.delete(block);
    return dropped;
  }
}
