/**
 * Which rows a worker trains on, in which order. Rows are named by position: places 0 … trainRows-1
 * in an order of the training split that the seed fixes, so that any consecutive range is a random
 * sample. Everything here is a function of seed, worker and what came before.
 */
import { assert } from './assert.ts';
import type { Shard, WorkerPlan } from './protocol/messages.ts';
import { below, permutation, prng, shuffle } from './prng.ts';

/**
 * A worker's walk through its shard, or from there through the whole set: in order on the first pass,
 * as rows arrive; shuffled after.
 */
export class Walk {
  readonly #seed: number;
  readonly #worker: string;
  readonly #plan: Pick<WorkerPlan, 'trainRows' | 'sampling'>;
  #shard: Shard = { start: 0, length: 0 };
  #pass = 0;
  #cursor = 0;
  #order: Uint32Array | undefined;
  #draws = 0;

  constructor(seed: number, worker: string, plan: Pick<WorkerPlan, 'trainRows' | 'sampling'>) {
    this.#seed = seed;
    this.#worker = worker;
    this.#plan = plan;
  }

  /** Moves to another shard; an unchanged one, or a walk through everything, is not disturbed. */
  assign(shard: Shard): void {
    const started = this.#shard.length > 0;
    if (this.#plan.sampling.draw === 'whole') {
      if (started) return;
      shard = { start: shard.start, length: this.#plan.trainRows };
    }
    if (shard.start === this.#shard.start && shard.length === this.#shard.length) return;
    this.#shard = shard;
    this.#cursor = 0;
    this.#order = undefined;
  }

  /** The positions of the next `samples` rows; the walk starts its shard again as often as it must. */
  next(samples: number): Uint32Array<ArrayBuffer> {
    assert(this.#shard.length > 0, 'a walk has a shard before it starts');
    return this.#plan.sampling.draw === 'fresh' ? this.#drawFresh(samples) : this.#walkOn(samples);
  }

  /** The positions that `next` will give, as far as they are known before they are drawn. */
  upcoming(samples: number): Uint32Array<ArrayBuffer> {
    if (this.#plan.sampling.draw === 'fresh') return new Uint32Array(0);
    const [pass, cursor, order] = [this.#pass, this.#cursor, this.#order];
    const positions = this.#walkOn(Math.min(samples, this.#shard.length));
    [this.#pass, this.#cursor, this.#order] = [pass, cursor, order];
    return positions;
  }

  #walkOn(samples: number): Uint32Array<ArrayBuffer> {
    const positions = new Uint32Array(samples);
    for (let index = 0; index < samples; index++) {
      if (this.#cursor === this.#shard.length) {
        this.#pass += 1;
        this.#cursor = 0;
        this.#order = permutation(prng(this.#seed, 'walk', this.#worker, this.#pass), this.#shard.length);
      }
      const place = this.#order ? (this.#order[this.#cursor] as number) : this.#cursor;
      positions[index] = (this.#shard.start + place) % this.#plan.trainRows;
      this.#cursor += 1;
    }
    return positions;
  }

  /** Consecutive positions from a random place: as random as the order of positions itself. */
  #drawFresh(samples: number): Uint32Array<ArrayBuffer> {
    this.#draws += 1;
    const { trainRows } = this.#plan;
    const start = below(prng(this.#seed, 'fresh', this.#worker, this.#draws), trainRows);
    return Uint32Array.from({ length: samples }, (_, index) => (start + index) % trainRows);
  }
}

/** Where this worker's fixed probe rows are: its own sample of the held-out positions. */
export function probePositions(seed: number, worker: string, plan: WorkerPlan): Uint32Array<ArrayBuffer> {
  const { probeRows, trainRows, sampling } = plan;
  const order = permutation(prng(seed, 'probe', worker), probeRows);
  return order.subarray(0, Math.min(probeRows, sampling.probeSize)).map((place) => trainRows + place);
}

/**
 * The rows of one local iteration in training order: each epoch a shuffle of its own, one behind the
 * other. A single epoch keeps the walk's order, which is random already.
 */
export function trainingOrder(
  positions: Uint32Array<ArrayBuffer>,
  epochs: number,
  seed: number,
  worker: string,
  clock: number,
): Uint32Array<ArrayBuffer> {
  if (epochs === 1) return positions;
  const order = new Uint32Array(positions.length * epochs);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const shuffled = shuffle(prng(seed, 'epoch', worker, clock, epoch), positions.slice());
    order.set(shuffled, epoch * positions.length);
  }
  return order;
}
