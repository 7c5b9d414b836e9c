/** What every trainer asserts of a call. */
import { assert } from '../core/assert.ts';
import type { Vector } from '../core/parameters.ts';
import type { Rows } from './datasets/dataset.ts';

export interface Sizes {
  parameters: number;
  /** Bytes of a row. */
  featureSize: number;
}

export function checkRows(rows: Rows, { featureSize }: Sizes): void {
  assert(rows.count > 0, 'no rows');
  assert(rows.features.length === rows.count * featureSize, `features must be ${rows.count} × ${featureSize} bytes`);
  assert(rows.labels.length === rows.count, `expected ${rows.count} labels, got ${rows.labels.length}`);
}

export function checkParameters(vector: Vector, { parameters }: Sizes): void {
  assert(vector.length === parameters, `expected ${parameters} parameters, got ${vector.length}`);
}

export function checkRoom(out: Vector, { parameters }: Sizes): void {
  assert(out.length === parameters, `the gradient needs ${parameters} values of room, not ${out.length}`);
}
