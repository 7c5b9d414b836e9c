/** The training rows that a device holds, in the blocks that they came in. */
import { assert } from '../core/assert.ts';
import { ROWS_PER_BLOCK } from '../core/protocol/messages.ts';
import type { Rows } from '../learn/datasets/dataset.ts';

export class RowCache {
  readonly #featureSize: number;
  readonly #blocks = new Map<number, Rows>();

  constructor(featureSize: number) {
    this.#featureSize = featureSize;
  }

  /** `payload`: the features of all rows, then their labels. */
  store(block: number, count: number, payload: Uint8Array): void {
    const featureBytes = count * this.#featureSize;
    this.#blocks.set(block, {
      features: payload.subarray(0, featureBytes),
      labels: payload.subarray(featureBytes),
      count,
    });
  }

  forget(blocks: readonly number[]): void {
    for (const block of blocks) this.#blocks.delete(block);
  }

  /** Copies of the rows at these positions, in this order. */
  at(positions: Uint32Array): Rows {
    const size = this.#featureSize;
    const features = new Uint8Array(positions.length * size);
    const labels = new Uint8Array(positions.length);
    for (let place = 0; place < positions.length; place++) {
      const position = positions[place] as number;
      const block = this.#blocks.get(Math.floor(position / ROWS_PER_BLOCK));
      const index = position % ROWS_PER_BLOCK;
      assert(block !== undefined && index < block.count, `the row at position ${position} was fetched`);
      features.set(block.features.subarray(index * size, (index + 1) * size), place * size);
      labels[place] = block.labels[index] as number;
    }
    return { features, labels, count: positions.length };
  }
}
