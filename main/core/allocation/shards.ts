/**
 * Which part of the training set each worker walks: consecutive ranges of positions, in proportion
 * to the workers' rows per iteration. Ranges are cut at rounded running sums, so they cover the set,
 * never overlap, and each is within one row of its share. Sums sit in a Fenwick tree: one worker's
 * range costs O(log n) however many workers there are.
 */
import { assert } from '../assert.ts';
import type { Shard } from '../protocol/messages.ts';

export class ShardPlan {
  readonly #rows: number;
  readonly #weights: number[] = [];
  #tree: number[] = [0];

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** A place for one more worker, with weight 0. Places are never removed: a lost worker weighs 0. */
  addPlace(): number {
    const place = this.#weights.push(0) - 1;
    const node = place + 1;
    // A new node covers the places since its lowest set bit was clear.
    let sum = 0;
    for (let child = node - 1; child > node - (node & -node); child -= child & -child)
      sum += this.#tree[child] as number;
    this.#tree[node] = sum;
    return place;
  }

  setWeight(place: number, weight: number): void {
    assert(weight >= 0 && Number.isFinite(weight), 'a shard weight is a finite number ≥ 0');
    const change = weight - (this.#weights[place] as number);
    this.#weights[place] = weight;
    for (let node = place + 1; node < this.#tree.length; node += node & -node) {
      this.#tree[node] = (this.#tree[node] as number) + change;
    }
  }

  /** The worker's range now. With more workers than rows some ranges hold one row that others hold too. */
  shardOf(place: number): Shard {
    const total = this.#sumBefore(this.#weights.length);
    if (total === 0) return { start: 0, length: this.#rows };
    const start = Math.round((this.#sumBefore(place) / total) * this.#rows);
    const end = Math.round((this.#sumBefore(place + 1) / total) * this.#rows);
    return { start: Math.min(start, this.#rows - 1), length: Math.max(1, end - start) };
  }

  #sumBefore(place: number): number {
    let sum = 0;
    for (let node = place; node > 0; node -= node & -node) sum += this.#tree[node] as number;
    return sum;
  }
}
