/**
 * Where a worker's unpushed progress is measured from, and how what it has moved survives a new model.
 *
 * A mark is the local model at a push. A worker that goes on after a push can have several on their
 * way; a model that then arrives includes the pushes up to some sequence and not the later ones. What
 * was moved since the mark of that sequence is carried over, so the worker always sees all its own
 * updates, and none twice.
 */
import { accumulate, difference } from './aggregate.ts';
import { assert, present } from './assert.ts';
import type { Vector } from './parameters.ts';

interface Mark {
  sequence: number;
  at: Vector;
}

/**
 * Pushes on their way beyond this many are measured as one: until the next model, the worker may
 * then not see the older ones. Each mark is a whole model, and memory is what devices lack.
 */
export const MAX_MARKS = 8;

export class Marks {
  /** Oldest first. The first is the last model pulled, or the push that it included. */
  #marks: Mark[];

  /** `pulled`: a model just taken. The marks keep it, so nobody may change it. */
  constructor(pulled: Vector) {
    this.#marks = [{ sequence: 0, at: pulled }];
  }

  /** The model at the newest push or pull. */
  get base(): Vector {
    return present(this.#marks.at(-1), 'newest mark').at;
  }

  /** The worker pushes what it has moved since `base`; `local` is where it is now, if it has moved at all. */
  push(sequence: number, local: Vector, hasMoved: boolean): void {
    assert(sequence > present(this.#marks.at(-1), 'newest mark').sequence, 'marks are in the order of pushes');
    this.#marks.push({ sequence, at: hasMoved ? local.slice() : this.base });
    if (this.#marks.length <= MAX_MARKS) return;
    const oldest = present(this.#marks.shift(), 'oldest mark');
    present(this.#marks[0], 'next mark').sequence = oldest.sequence;
  }

  /**
   * Where the worker goes on: the model and what it does not include; the model itself when that is
   * nothing. The marks keep the model, so nobody may change it. `local` is what the worker has now; `hasMoved` says whether it differs from `base`.
   */
  rebase(model: Vector, includes: number, local: Vector, hasMoved: boolean): Vector {
    const index = Math.max(
      0,
      this.#marks.findLastIndex(({ sequence }) => sequence <= includes),
    );
    const { at } = present(this.#marks[index], 'mark of the model');
    const later = this.#marks.slice(index + 1);
    const carriedOver = (vector: Vector): Vector => {
      const moved = difference(vector, at);
      accumulate(moved, 1, model);
      return moved;
    };
    // A worker that has done nothing since goes on from the model itself, to the bit.
    const next = later.length > 0 || hasMoved ? carriedOver(local) : model;
    for (const mark of later) mark.at = carriedOver(mark.at);
    this.#marks = [{ sequence: includes, at: model }, ...later];
    return next;
  }
}
