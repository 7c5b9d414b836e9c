/** Cuts rows off the training set to judge a model while it trains. */
import { CaduceusError } from '../../core/errors.ts';
import { permutation, prng } from '../../core/prng.ts';
import { type Rows, takeRows } from './dataset.ts';

export interface Split {
  /** In random order, so that any range of it is a random sample. */
  train: Rows;
  validation: Rows;
}

/** The same cut for the same seed; no row is in both parts. @throws CAD-CONFIG when nothing is left to train on. */
export function splitRows(rows: Rows, { validationRows, seed }: { validationRows: number; seed: number }): Split {
  if (validationRows < 1 || validationRows >= rows.count) {
    throw new CaduceusError(
      'CAD-CONFIG',
      `${validationRows} validation rows cannot be cut from ${rows.count} training rows`,
      `Set validationRows between 1 and ${rows.count - 1}.`,
    );
  }
  const order = permutation(prng(seed, 'split'), rows.count);
  return {
    validation: takeRows(rows, order.subarray(0, validationRows)),
    train: takeRows(rows, order.subarray(validationRows)),
  };
}
