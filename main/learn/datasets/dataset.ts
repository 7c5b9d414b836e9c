/** Labelled rows, as bytes, and the sets that are made of them. */
import { assert } from '../../core/assert.ts';

/** Rows one behind the other. Features are bytes; engines see them as feature / 255. */
export interface Rows {
  /** count × featureSize values, 0 … 255. */
  features: Uint8Array;
  /** count class indices. */
  labels: Uint8Array;
  count: number;
}

export interface Dataset {
  name: string;
  /** One row: [height, width, channels]. */
  shape: number[];
  /** Bytes in a row: the product of `shape`. */
  featureSize: number;
  classes: number;
  train: Rows;
  /** Read for the final figure only; judge a run in progress on rows cut from `train`. */
  test: Rows;
  /** Where the rows come from, in words. */
  source: string;
}

/** Copies of the rows with these indices, in this order; an index may occur more than once. */
export function takeRows(rows: Rows, indices: ArrayLike<number>): Rows {
  const featureSize = rows.count === 0 ? 0 : rows.features.length / rows.count;
  const features = new Uint8Array(indices.length * featureSize);
  const labels = new Uint8Array(indices.length);
  for (let place = 0; place < indices.length; place++) {
    const index = indices[place] as number;
    assert(index >= 0 && index < rows.count, `row ${index} of ${rows.count} does not exist`);
    features.set(rows.features.subarray(index * featureSize, (index + 1) * featureSize), place * featureSize);
    labels[place] = rows.labels[index] as number;
  }
  return { features, labels, count: indices.length };
}

/** The rows from `start` up to `end`: views, not copies. */
export function rowRange(rows: Rows, start: number, end: number): Rows {
  const featureSize = rows.count === 0 ? 0 : rows.features.length / rows.count;
  return {
    features: rows.features.subarray(start * featureSize, end * featureSize),
    labels: rows.labels.subarray(start, end),
    count: end - start,
  };
}
