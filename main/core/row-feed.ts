/**
 * A worker's view of which rows it holds: what to ask for next, and whether an iteration can start.
 * Rows come in blocks of consecutive positions; few are asked for at a time, so that they never crowd
 * out a model on a slow link.
 */
import { ROWS_PER_BLOCK } from './protocol/messages.ts';

const MAX_IN_FLIGHT = 2;

export class RowFeed {
  readonly #present = new Set<number>();
  readonly #inFlight = new Set<number>();
  /** Blocks that the next iteration cannot do without. */
  #needed: number[] = [];
  /** Blocks that the iterations after it will need. */
  #upcoming: number[] = [];

  need(positions: Uint32Array, upcoming: Uint32Array): void {
    this.#needed = blocksOf(positions).filter((block) => !this.#present.has(block));
    this.#upcoming = blocksOf(upcoming).filter((block) => !this.#present.has(block));
  }

  get complete(): boolean {
    return this.#needed.length === 0;
  }

  /** Blocks to ask for now; each is asked for once. */
  requests(): number[] {
    const requests: number[] = [];
    for (const block of [...this.#needed, ...this.#upcoming]) {
      if (this.#inFlight.size >= MAX_IN_FLIGHT) break;
      if (this.#inFlight.has(block)) continue;
      this.#inFlight.add(block);
      requests.push(block);
    }
    return requests;
  }

  /** False when the block was not asked for. */
  arrived(block: number): boolean {
    if (!this.#inFlight.delete(block)) return false;
    this.#present.add(block);
    this.#needed = this.#needed.filter((candidate) => candidate !== block);
    this.#upcoming = this.#upcoming.filter((candidate) => candidate !== block);
    return true;
  }

  /** Requests die with their connection. */
  disconnected(): void {
    this.#inFlight.clear();
  }

  /** Drops what is held beyond `keep`, and returns it. */
  forgetAllBut(keep: Uint32Array): number[] {
    const kept = new Set(blocksOf(keep));
    const dropped = [...this.#present].filter((block) => !kept.has(block));
    for (const block of dropped) this.#present.delete(block);
    return dropped;
  }
}

/** The blocks that hold these positions, each once, in the order they are first met. */
function blocksOf(positions: Uint32Array): number[] {
  const blocks = new Set<number>();
  for (const position of positions) blocks.add(Math.floor(position / ROWS_PER_BLOCK));
  return [...blocks];
}
